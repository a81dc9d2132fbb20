"""Who may claim and decide a review, what a decision makes of it, and the clock of working days."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from app.clock import SHANGHAI
from app.reference import rules as calendar
from app.reference.model import DayKind
from app.vault import mask_phone, mask_resident_id
from onboarding.applications.model import ApplicationState
from onboarding.checks.model import ComparedFields
from onboarding.colleagues.model import ReviewTerms
from onboarding.reviews.model import (
    AlreadyYours,
    AssignedToAnother,
    Choice,
    ClaimedByAnother,
    CodesNeeded,
    Compared,
    NewDecision,
    NotClaimed,
    OwnFirm,
    ReviewNotOpen,
    ReviewRow,
    ReviewState,
    WaitingForApplicant,
)

_RESIDENT = re.compile(r"(?<![0-9A-Z])[0-9]{17}[0-9X](?![0-9A-Z])")
_PHONE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")
OUTCOMES: dict[Choice, tuple[ReviewState, ApplicationState]] = {
    "approve": ("approved", "approved"),
    "refuse": ("refused", "refused"),
    "return": ("returned", "returned"),
}


def minutes_for(risk_score: int, terms: ReviewTerms) -> int:
    """How many working minutes a case of this risk may take."""
    risky = risk_score >= terms.high_risk_from
    return terms.high_risk_minutes if risky else terms.usual_minutes


def _hours(
    day: date, special: Mapping[date, DayKind], terms: ReviewTerms
) -> tuple[datetime, datetime] | None:
    """From when until when a day is worked; None for a rest day."""
    if not calendar.is_working_day(day, special):
        return None
    midnight = datetime.combine(day, time(), SHANGHAI)
    opens = midnight + timedelta(minutes=terms.opens_minute)
    return opens, midnight + timedelta(minutes=terms.closes_minute)


def due_after(
    now: datetime, minutes: int, *, special: Mapping[date, DayKind], terms: ReviewTerms
) -> datetime:
    """The moment so many working minutes after this one."""
    left, day = timedelta(minutes=minutes), now.astimezone(SHANGHAI).date()
    while True:
        if hours := _hours(day, special, terms):
            begin = max(now, hours[0])
            if begin < hours[1]:
                if begin + left <= hours[1]:
                    return begin + left
                left -= hours[1] - begin
        day += timedelta(days=1)


def minutes_between(
    now: datetime, due: datetime, *, special: Mapping[date, DayKind], terms: ReviewTerms
) -> int:
    """How many whole working minutes lie between two moments; below nothing when it is late."""
    if due < now:
        return -minutes_between(due, now, special=special, terms=terms)
    total, day, last = timedelta(), now.astimezone(SHANGHAI).date(), due.astimezone(SHANGHAI).date()
    while day <= last:
        if hours := _hours(day, special, terms):
            total += max(min(due, hours[1]) - max(now, hours[0]), timedelta())
        day += timedelta(days=1)
    return total // timedelta(minutes=1)


def holds(review: ReviewRow, *, staff_id: UUID, now: datetime) -> bool:
    """Whether somebody has a live claim on the review."""
    live = review.lease_until is not None and review.lease_until > now
    return live and review.claimed_by == staff_id


def check_claim(
    review: ReviewRow, *, staff_id: UUID, now: datetime, barred: bool, supervisor: bool = False
) -> None:
    """Raises unless this member of staff may take the review now."""
    if review.state != "open":
        raise ReviewNotOpen(state=review.state)
    if barred:
        raise OwnFirm()
    if staff_id in review.approved_by:
        raise AlreadyYours()
    if review.waiting_since is not None:
        raise WaitingForApplicant(since=review.waiting_since)
    held = review.lease_until is not None and review.lease_until > now
    if held and review.claimed_by != staff_id:
        raise ClaimedByAnother(lease_until=review.lease_until)
    others = review.assigned_to not in (None, staff_id) and review.escalated_at is None
    if others and not held and not supervisor:
        raise AssignedToAnother()


def check_decision(
    review: ReviewRow, new: NewDecision, *, staff_id: UUID, now: datetime, barred: bool
) -> None:
    """Raises unless this member of staff holds the review and says what must be said."""
    check_claim(review, staff_id=staff_id, now=now, barred=barred, supervisor=True)
    if not holds(review, staff_id=staff_id, now=now):
        raise NotClaimed()
    if new.decision != "approve" and not new.codes:
        raise CodesNeeded()


def compare(kept: Sequence[ComparedFields]) -> list[Compared]:
    """Field by field: what the application says and what each source says, numbers masked."""
    return [
        Compared(
            field=one.field,
            claimed=unnumbered(one.ours),
            source=one.origin,
            found=None if one.theirs is None else unnumbered(one.theirs),
            same=one.same,
        )
        for check in kept
        for one in check.fields
    ]


def unnumbered(text: str) -> str:
    """The text with every resident number and mobile phone in it masked."""
    text = _RESIDENT.sub(lambda found: mask_resident_id(found.group()), text)
    return _PHONE.sub(lambda found: mask_phone(found.group()), text)
