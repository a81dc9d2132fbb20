"""Who may claim and decide a review, and what a decision makes of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from onboarding.applications.model import ApplicationState
from onboarding.reviews.model import (
    AlreadyYours,
    Choice,
    ClaimedByAnother,
    CodesNeeded,
    NewDecision,
    NotClaimed,
    OwnFirm,
    ReviewNotOpen,
    ReviewRow,
    ReviewState,
)

LEASE_MINUTES = 15
OUTCOMES: dict[Choice, tuple[ReviewState, ApplicationState]] = {
    "approve": ("approved", "approved"),
    "refuse": ("refused", "refused"),
    "return": ("returned", "returned"),
}


def check_claim(review: ReviewRow, *, staff_id: UUID, now: datetime, interested: bool) -> None:
    """Raises unless this member of staff may take the review now."""
    if review.state != "open":
        raise ReviewNotOpen(state=review.state)
    if interested:
        raise OwnFirm()
    if staff_id in review.approved_by:
        raise AlreadyYours()
    held = review.lease_until is not None and review.lease_until > now
    if held and review.claimed_by != staff_id:
        raise ClaimedByAnother(lease_until=review.lease_until)


def check_decision(
    review: ReviewRow, new: NewDecision, *, staff_id: UUID, now: datetime, interested: bool
) -> None:
    """Raises unless this member of staff holds the review and says what must be said."""
    check_claim(review, staff_id=staff_id, now=now, interested=interested)
    live = review.lease_until is not None and review.lease_until > now
    if review.claimed_by != staff_id or not live:
        raise NotClaimed()
    if new.decision != "approve" and not new.codes:
        raise CodesNeeded()
