"""When a branch can be visited, and which step of a visit may follow."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from accounts.numbers.model import Branch
from app.reference import rules as calendar
from app.reference.model import DayKind
from onboarding.applications.model import ApplicationState
from onboarding.visits.model import Confirmed, NotConfirmed, Slot, SlotKey, VisitNotOpen, VisitState

SHANGHAI = ZoneInfo("Asia/Shanghai")
# One may book from the draft on: the visit takes place once the bank has approved.
BOOKABLE: frozenset[ApplicationState] = frozenset(
    {"draft", "submitted", "reviewing", "returned", "approved"}
)
MOVABLE: frozenset[VisitState] = frozenset({"booked"})
DAYS_AHEAD = 30


def slot_id(key: SlotKey) -> str:
    """A slot's name: branch, date and time as the branch's clock shows them."""
    return f"{key.branch}-{key.starts_at.astimezone(SHANGHAI):%Y%m%d-%H%M}"


def parse_slot(name: str) -> SlotKey | None:
    """A slot by its name, or nothing when there is no such day or time."""
    branch, day, clock = name.split("-")
    try:
        at = datetime.strptime(day + clock, "%Y%m%d%H%M").replace(tzinfo=SHANGHAI)
        return SlotKey(branch=branch, starts_at=at.astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def bookable(on: date, *, today: date) -> bool:
    """Whether a day is near enough to be booked: from today on, for a month."""
    return today <= on <= today + timedelta(days=DAYS_AHEAD)


def moments(
    branch: Branch, *, on: date, now: datetime, special: Mapping[date, DayKind]
) -> list[datetime]:
    """The moments of a day at which visits begin: working days, opening hours, not the past."""
    if not calendar.is_working_day(on, special):
        return []
    step = timedelta(minutes=branch.visit_minutes)
    at = datetime.combine(on, branch.opens_at, SHANGHAI)
    end = datetime.combine(on, branch.closes_at, SHANGHAI)
    found = []
    while at + step <= end:
        if at > now:
            found.append(at.astimezone(UTC))
        at += step
    return found


def slots(branch: Branch, at: list[datetime], taken: Mapping[datetime, int]) -> list[Slot]:
    """The day's slots with what is still free."""
    return [
        Slot(
            id=slot_id(SlotKey(branch=branch.code, starts_at=moment)),
            starts_at=moment,
            capacity=branch.windows,
            free=max(branch.windows - taken.get(moment, 0), 0),
        )
        for moment in at
    ]


def check_completion(state: VisitState, confirmed: Confirmed) -> None:
    """Raises unless somebody is there and everything was confirmed.

    银发〔2019〕41号: identity and the will to open are verified face to face, always.
    """
    if state != "checked_in":
        raise VisitNotOpen(state=state)
    missing = [
        name
        for name, done in (
            ("identity_confirmed", confirmed.identity_confirmed),
            ("will_confirmed", confirmed.will_confirmed),
            ("seals_taken", confirmed.seals_taken),
        )
        if not done
    ]
    if missing:
        raise NotConfirmed(missing=missing)
