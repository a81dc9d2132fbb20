"""Which period may be counted, and the share that passed at once."""

from __future__ import annotations

from datetime import date, timedelta

from app import money
from onboarding.oversight.model import BadPeriod, Counted

LONGEST = timedelta(days=366)
USUAL = timedelta(days=30)
MILLION = 1_000_000


def period(from_on: date | None, until_on: date | None, *, today: date) -> tuple[date, date]:
    """`[from, until)`: the last thirty days with today unless said otherwise; BadPeriod."""
    until = until_on or today + timedelta(days=1)
    first = from_on or until - USUAL
    if not first < until <= first + LONGEST:
        raise BadPeriod()
    return first, until


def first_pass(counted: Counted) -> int | None:
    """The share of first rounds that ended in an approval, in millionths, half up."""
    if counted.first_rounds == 0:
        return None
    return money.mul_ratio(MILLION, counted.first_rounds_approved, counted.first_rounds)
