"""Who may be away how long, and who takes over: a stand-in who is there, and never in a circle."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from onboarding.colleagues.model import Absence, BadAbsence, Colleague, NewAbsence

LONGEST = timedelta(days=92)
REVIEWING = frozenset({"reviewer", "supervisor"})


def check_absence(
    new: NewAbsence, *, staff_id: UUID, colleagues: Mapping[UUID, Colleague], now: datetime
) -> None:
    """Raises BadAbsence unless the term is sane and the stand-in reviews and is another."""
    sane = new.from_at < new.until_at <= new.from_at + LONGEST and new.until_at > now
    if not sane or new.stand_in == staff_id:
        raise BadAbsence()
    if new.stand_in is not None and new.stand_in not in colleagues:
        raise BadAbsence(stand_in=str(new.stand_in))


def away(absences: list[Absence], *, staff_id: UUID, now: datetime) -> Absence | None:
    """The absence that somebody is in at this moment."""
    return next(
        (one for one in absences if one.staff_id == staff_id and one.from_at <= now < one.until_at),
        None,
    )


def who_takes(absences: list[Absence], *, staff_id: UUID, now: datetime) -> UUID | None:
    """Who works in somebody's place now: themselves, or the first of their stand-ins who is
    there; None when everybody along the line is away."""
    seen: set[UUID] = set()
    who: UUID | None = staff_id
    while who is not None and who not in seen:
        seen.add(who)
        absence = away(absences, staff_id=who, now=now)
        if absence is None:
            return who
        who = absence.stand_in
    return None
