"""Reads reference data: the value in force on a day, working days, filing deadlines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TypeVar

import msgspec

from app.queries import load
from app.reference import rules
from app.reference.model import (
    DatedValue,
    DayKind,
    Deadline,
    NoValueInForce,
    SpecialDay,
)
from app.work import Work

T = TypeVar("T")
sql = load(__name__)

# The longest closure so far is nine days; a search window this long always meets a working day.
LONGEST_CLOSURE = timedelta(days=40)


async def values(
    work: Work, *, kinds: Sequence[str], on: date, region: str = "CN"
) -> dict[str, DatedValue]:
    """The rows of these kinds in force on a day; kinds without one are missing from the answer."""
    found = await work.all(DatedValue, sql.values_on, kinds=list(kinds), region=region, on=on)
    return {row.kind: row for row in found}


async def dated(work: Work, *, kind: str, on: date, region: str = "CN") -> DatedValue:
    """The row in force with its dates and source; NoValueInForce when none covers the day."""
    found = await values(work, kinds=[kind], on=on, region=region)
    if kind not in found:
        raise NoValueInForce(kind=kind, region=region, on=on.isoformat())
    return found[kind]


async def value(work: Work, *, kind: str, on: date, region: str = "CN", shape: type[T]) -> T:
    """The value in force decoded to a shape; NoValueInForce when no row covers the day."""
    row = await dated(work, kind=kind, on=on, region=region)
    return msgspec.convert(row.value, shape)


async def special_days(work: Work, *, from_on: date, until_on: date) -> dict[date, DayKind]:
    """The calendar's exceptions in `[from_on, until_on)`."""
    days = await work.all(SpecialDay, sql.special_days, from_on=from_on, until_on=until_on)
    return {day.day: day.kind for day in days}


async def is_working_day(work: Work, *, on: date) -> bool:
    """Whether banks and offices work on that business date."""
    special = await special_days(work, from_on=on, until_on=on + timedelta(days=1))
    return rules.is_working_day(on, special)


async def next_working_day(work: Work, *, on: date) -> date:
    """That day if it is worked, else the first working day after it."""
    special = await special_days(work, from_on=on, until_on=on + LONGEST_CLOSURE)
    return rules.next_working_day(on, special)


async def filing_deadline(work: Work, *, month_on: date) -> date:
    """The last day for filing taxes in the month that begins on `month_on`."""
    until_on = month_on + LONGEST_CLOSURE
    special = await special_days(work, from_on=month_on, until_on=until_on)
    published = await work.all(Deadline, sql.deadlines, from_on=month_on, until_on=until_on)
    return rules.filing_deadline(month_on, special, {d.month_on: d.due_on for d in published})
