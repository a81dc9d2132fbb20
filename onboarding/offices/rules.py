"""Which offices a firm needs, whose turn each part is, and what may be tried again."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal
from uuid import UUID

from onboarding.offices.model import OwnersPart, Part, PartRow, PartStatus

PARTS: tuple[Part, ...] = (
    "licence", "seals", "tax", "social_insurance", "housing_fund", "bank",
)  # fmt: skip
# Offices that are asked through the one window; the owner may go there instead.
ASKED_OUTSIDE: tuple[OwnersPart, ...] = ("seals", "social_insurance", "housing_fund")


def needed(*, staff_count: int) -> list[Part]:
    """The parts of a new firm: insurance and fund only where somebody is employed (社会保险法
    Art. 57, 住房公积金管理条例 Art. 14)."""
    of_staff = ("social_insurance", "housing_fund")
    return [part for part in PARTS if staff_count or part not in of_staff]


def status(row: PartRow) -> PartStatus:
    """One part with who acts next: the office it was asked of, the owner, the bank, nobody."""
    acts: Literal["office", "owner", "bank", "nobody"] = "nobody"
    if row.state == "failed" and row.part in ASKED_OUTSIDE:
        acts = "owner"
    elif row.state == "asked":
        acts = "owner" if row.by_owner or row.part == "bank" else "office"
    return PartStatus(
        part=row.part, state=row.state, acts=acts, due_at=row.due_at, number=row.number,
        attempt=row.attempt, refused_code=row.refused_code, quota_fen=row.quota_fen,
        changed_at=row.changed_at,
    )  # fmt: skip


def confirmable(row: PartRow) -> bool:
    """Whether the owner may record an office's number: where they went themselves, or where the
    one window has failed."""
    outside = row.part in ASKED_OUTSIDE
    return outside and (row.state == "failed" or (row.state == "asked" and row.by_owner))


def asked_outside(part: Part, by_owner: Collection[str]) -> bool:
    """Whether we ask this office ourselves."""
    return part in ASKED_OUTSIDE and part not in by_owner


def reference(registration_id: UUID, part: Part, attempt: int) -> str:
    """Our own id of one attempt at one office."""
    return f"{registration_id}.{part}.{attempt}"
