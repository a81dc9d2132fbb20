"""Who may claim and decide a held payment, and what its owner is told."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.reviews.model import (
    AgreedAlready,
    Check,
    ClaimedBySomebody,
    ClaimFirst,
    Held,
    NewDecision,
    ReasonNeeded,
    ReviewClosed,
    StoredCheck,
)

LEASE_MINUTES = 15
NEXT = {
    "open": (
        "我们会在规定时间内完成核实；如系本人办理请确认，如非本人办理请立即取消。",
        "We finish the check by the time given. Confirm it if it is yours; call it off if not.",
    ),
    "released": ("核实已完成，付款继续办理。", "The check is done; the payment goes on."),
    "refused": (
        "该笔付款未办理，款项已可用。如有疑问请联系开户网点。",
        "The payment was not made and the money is available. Ask your branch if in doubt.",
    ),
    "called_off": ("该笔付款已取消，款项已可用。", "It was called off; the money is available."),
}
# What the firm reads beside a payment that the bank did not let go: no rule and no suspicion.
REFUSED = "银行经核实未办理该笔付款"
NOT_MINE = "付款方确认非本人办理"


def check_claim(held: Held, *, staff_id: UUID, now: datetime) -> None:
    """Raises unless this member of staff may take the case now."""
    if held.state != "open":
        raise ReviewClosed(state=held.state)
    if staff_id in held.approved_by:
        raise AgreedAlready()
    taken = held.lease_until is not None and held.lease_until > now
    if taken and held.claimed_by != staff_id:
        raise ClaimedBySomebody(lease_until=held.lease_until)


def check_decision(held: Held, new: NewDecision, *, staff_id: UUID, now: datetime) -> None:
    """Raises unless this member of staff holds the case and says what must be said."""
    check_claim(held, staff_id=staff_id, now=now)
    live = held.lease_until is not None and held.lease_until > now
    if held.claimed_by != staff_id or not live:
        raise ClaimFirst()
    if new.decision == "refuse" and not new.reason.strip():
        raise ReasonNeeded()


def may_answer(stored: StoredCheck) -> None:
    """Raise ReviewClosed once the check is over."""
    if stored.state != "open":
        raise ReviewClosed(state=stored.state)


def told(stored: StoredCheck) -> Check:
    """What the owner sees of a check: never a rule, a score or what was looked at."""
    zh, en = NEXT[stored.state]
    is_open = stored.state == "open"
    return Check(
        payment_id=stored.payment_id,
        state="checking" if stored.state == "open" else stored.state,
        text_zh=stored.owner_zh,
        text_en=stored.owner_en,
        next_step_zh=zh,
        next_step_en=en,
        by=stored.due_at if is_open else None,
        asks=is_open and stored.owner_answer is None,
        answer=stored.owner_answer,
    )
