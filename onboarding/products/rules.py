"""What comes with an account by itself, what the branch hands over, and by when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from app.reference.model import DayKind
from onboarding.products.model import (
    ProductKind,
    ProductNotOpen,
    ProductState,
    ProductTerms,
    ReferenceUnfit,
)
from onboarding.registrations.rules import working_days_later

# A firm that says nothing takes home what costs nothing and what it cannot pay without.
USUAL: tuple[ProductKind, ...] = ("receipts", "messages", "online_bank")
# Nobody's hands are needed for these: they work from the minute the account is open.
AT_ONCE: frozenset[ProductKind] = frozenset({"receipts", "messages"})
ORDER: tuple[ProductKind, ...] = ("receipts", "messages", "online_bank", "settlement_card")


def wanted(kinds: Collection[ProductKind]) -> list[ProductKind]:
    """Each kind once, in the order they are handed over."""
    return [kind for kind in ORDER if kind in kinds]


def due_at(
    kind: ProductKind, terms: ProductTerms, *, now: datetime, special: Mapping[date, DayKind]
) -> datetime:
    """By when the branch has handed it over: a close of business."""
    days = terms.online_bank_days if kind == "online_bank" else terms.settlement_card_days
    return working_days_later(now, days, special)


def check_issue(kind: ProductKind, state: ProductState, reference: str) -> None:
    """Raises unless it waits to be handed over and the reference keeps no whole card number."""
    if state != "preparing":
        raise ProductNotOpen(state=state)
    if kind == "settlement_card" and not (len(reference) == 4 and reference.isdigit()):
        raise ReferenceUnfit(expected="last four digits")
