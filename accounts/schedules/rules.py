"""Which dates a pattern means, on which day each is paid, and what a date moves."""

import calendar
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import islice

from msgspec.structs import replace

from accounts.schedules.model import (
    NewSchedule,
    Occurrence,
    Pattern,
    PatternWrong,
    Retry,
    Schedule,
    ScheduleChanged,
    ScheduleIncomplete,
    ScheduleStateForbids,
    State,
    StoredSchedule,
)
from app.reference.model import DayKind
from app.reference.rules import is_working_day, next_working_day

SHOWN_DATES = 6
# How far ahead a next date is looked for: a monthly one moved over the longest closure.
HORIZON_DAYS = 500


def sound(new: NewSchedule) -> None:
    """Raise ScheduleIncomplete or PatternWrong where the parts do not fit each other."""
    named = (new.party_id is not None) + (new.payee is not None)
    if new.kind == "payment":
        whole = named == 1 and new.to_account_id is None and new.amount_fen > 0
    else:
        whole = named == 0 and new.to_account_id not in (None, new.account_id)
    if not whole:
        raise ScheduleIncomplete(kind=new.kind)
    pattern = new.pattern
    if (pattern.every == "weekly") != (pattern.weekday is not None):
        raise PatternWrong(field="weekday")
    if (pattern.every == "monthly") != (pattern.month_day is not None):
        raise PatternWrong(field="month_day")
    if pattern.until_on is not None and pattern.until_on < pattern.first_on:
        raise PatternWrong(field="until_on")


def nominal_dates(pattern: Pattern) -> Iterator[date]:
    """The pattern's own dates, whatever the calendar says of them; month ends stay month ends."""
    on = pattern.first_on
    match pattern.every:
        case "once":
            yield on
        case "daily" | "weekly":
            step = 1
            if pattern.weekday is not None:
                on, step = on + timedelta(days=(pattern.weekday - on.isoweekday()) % 7), 7
            while True:
                yield on
                on += timedelta(days=step)
        case "monthly":
            assert pattern.month_day is not None
            first = on.replace(day=1)
            while True:
                day = _in_month(first, pattern.month_day)
                if day >= pattern.first_on:
                    yield day
                first = (first + timedelta(days=32)).replace(day=1)


def _in_month(first: date, day: int) -> date:
    return first.replace(day=min(day, calendar.monthrange(first.year, first.month)[1]))


def pay_on(on: date, pattern: Pattern, special: Mapping[date, DayKind]) -> date | None:
    """The day on which a date is paid; None: it is passed over."""
    if pattern.holiday == "same" or is_working_day(on, special):
        return on
    if pattern.holiday == "after":
        return next_working_day(on, special)
    if pattern.holiday == "skip":
        return None
    while not is_working_day(on, special):
        on -= timedelta(days=1)
    return on


def upcoming(
    pattern: Pattern, special: Mapping[date, DayKind], *, after: date, made: int, until: date
) -> Iterator[Occurrence]:
    """The dates after a date of the pattern, at most as many as are left of its count."""
    left = None if pattern.count is None else pattern.count - made
    last = until if pattern.until_on is None else min(until, pattern.until_on)
    for on in nominal_dates(pattern):
        if on > last or (left is not None and left <= 0):
            return
        if on <= after:
            continue
        day = pay_on(on, pattern, special)
        if day is None:
            continue
        if left is not None:
            left -= 1
        yield Occurrence(nominal_on=on, pay_on=day)


def first_from(
    pattern: Pattern,
    special: Mapping[date, DayKind],
    *,
    today: date,
    made: int,
    after: date = date.min,
) -> Occurrence | None:
    """The next date that is paid today or later, after the last one that had its turn: what passed
    meanwhile is not made up for."""
    until = today + timedelta(days=HORIZON_DAYS)
    found = upcoming(pattern, special, after=after, made=made, until=until)
    return next((one for one in found if one.pay_on >= today), None)


def following(
    stored: StoredSchedule, special: Mapping[date, DayKind], *, after: date
) -> StoredSchedule:
    """The schedule with its next date after one that has had its turn; ended where none is left."""
    until = after + timedelta(days=HORIZON_DAYS)
    found = upcoming(stored.pattern, special, after=after, made=stored.made, until=until)
    return at(stored, next(found, None))


def at(stored: StoredSchedule, one: Occurrence | None) -> StoredSchedule:
    """The schedule with this next date; without one it has ended."""
    if one is None:
        return replace(stored, state="ended", next_nominal_on=None, next_on=None)
    return replace(stored, next_nominal_on=one.nominal_on, next_on=one.pay_on)


def move(stored: StoredSchedule, to: State, *, allowed: tuple[State, ...]) -> StoredSchedule:
    """The schedule in another state; ScheduleStateForbids."""
    if stored.state not in allowed:
        raise ScheduleStateForbids(schedule_id=stored.id, state=stored.state)
    return replace(stored, state=to, reason=None, version=stored.version + 1)


def seen(stored: StoredSchedule, *, version: int) -> None:
    """Raise ScheduleChanged unless the person has seen the version that stands."""
    if stored.version != version:
        raise ScheduleChanged(schedule_id=stored.id, version=stored.version)


def shown(stored: StoredSchedule, special: Mapping[date, DayKind], *, today: date) -> Schedule:
    """The schedule as its firm sees it, with its next dates."""
    dates: list[Occurrence] = []
    if stored.state == "active" and stored.next_nominal_on is not None:
        after = stored.next_nominal_on - timedelta(days=1)
        until = today + timedelta(days=HORIZON_DAYS)
        found = upcoming(stored.pattern, special, after=after, made=stored.made, until=until)
        dates = list(islice(found, SHOWN_DATES))
    return Schedule(
        id=stored.id,
        kind=stored.kind,
        account_id=stored.account_id,
        to_account_id=stored.to_account_id,
        amount_fen=stored.amount_fen,
        party_id=stored.party_id,
        payee_name=stored.payee_name,
        payee_account_tail=stored.payee_account_tail,
        purpose=stored.purpose,
        memo=stored.memo,
        pattern=stored.pattern,
        state=stored.state,
        reason=stored.reason,
        made=stored.made,
        made_by=stored.made_by,
        version=stored.version,
        created_at=stored.created_at,
        next_dates=dates,
    )


def to_move(stored: StoredSchedule, *, here_fen: int, there_fen: int) -> int:
    """What a date moves in fen, by what is available on both accounts; 0 = nothing to do.

    A top-up moves what there is where it does not suffice; a payment is whole or not at all.
    """
    match stored.kind:
        case "payment":
            return stored.amount_fen
        case "keep":
            return max(here_fen - stored.amount_fen, 0)
        case "top_up":
            return max(min(stored.amount_fen - there_fen, here_fen), 0)


def try_again_at(retry: Retry, *, tries: int, now: datetime) -> datetime | None:
    """When missing money is looked for again; None: it has been often enough."""
    return now + timedelta(hours=retry.after_hours) if tries < retry.tries else None


def whole(stored: StoredSchedule) -> StoredSchedule:
    """The schedule, or ScheduleIncomplete where it would pay nothing."""
    if stored.kind == "payment" and stored.amount_fen == 0:
        raise ScheduleIncomplete(kind=stored.kind)
    return stored
