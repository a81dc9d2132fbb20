"""Which dates a schedule means, on which day each is paid, what a sweep moves."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from accounts.schedules import rules
from accounts.schedules.model import Pattern
from app.reference.rules import is_working_day

DAYS = st.dates(date(2025, 1, 1), date(2027, 12, 31))
HOLIDAYS = {date(2025, 10, n): "holiday" for n in range(1, 9)} | {
    date(2025, 9, 28): "makeup_workday"
}


@st.composite
def patterns(draw: st.DrawFn) -> Pattern:
    every = draw(st.sampled_from(["once", "daily", "weekly", "monthly"]))
    return Pattern(
        every=every,
        first_on=draw(DAYS),
        weekday=draw(st.integers(1, 7)) if every == "weekly" else None,
        month_day=draw(st.integers(1, 31)) if every == "monthly" else None,
        holiday=draw(st.sampled_from(["same", "before", "after", "skip"])),
        count=draw(st.none() | st.integers(1, 5)),
    )


@given(patterns(), st.integers(0, 5))
def test_dates_come_in_order_within_their_count(pattern: Pattern, made: int):
    until = pattern.first_on + timedelta(days=200)
    found = list(
        islice(rules.upcoming(pattern, HOLIDAYS, after=date.min, made=made, until=until), 50)
    )
    nominal = [one.nominal_on for one in found]
    assert nominal == sorted(set(nominal))
    assert all(on >= pattern.first_on for on in nominal)
    if pattern.count is not None:
        assert len(found) <= max(pattern.count - made, 0)
    for one in found:
        if pattern.weekday is not None:
            assert one.nominal_on.isoweekday() == pattern.weekday
        if pattern.holiday == "same":
            assert one.pay_on == one.nominal_on
        else:
            assert is_working_day(one.pay_on, HOLIDAYS)
        if pattern.holiday == "after":
            assert one.pay_on >= one.nominal_on
        if pattern.holiday == "before":
            assert one.pay_on <= one.nominal_on


@given(st.integers(1, 31), DAYS)
def test_every_month_has_one_date(day: int, first_on: date):
    pattern = Pattern(every="monthly", first_on=first_on, month_day=day)
    found = list(islice(rules.nominal_dates(pattern), 14))
    months = [(on.year, on.month) for on in found]
    assert len(set(months)) == 14
    assert [n for n in found if n.day < day] == [
        n for n in found if n.day < day and (n + timedelta(days=1)).day == 1
    ]


def test_the_end_of_months_and_the_national_day():
    pattern = Pattern(every="monthly", first_on=date(2025, 1, 31), month_day=31)
    found = list(islice(rules.nominal_dates(pattern), 3))
    assert found == [date(2025, 1, 31), date(2025, 2, 28), date(2025, 3, 31)]
    on = date(2025, 10, 4)
    told = {
        rule: rules.pay_on(on, Pattern(every="once", first_on=on, holiday=rule), HOLIDAYS)
        for rule in ("same", "before", "after", "skip")
    }
    assert told == {
        "same": on,
        "before": date(2025, 9, 30),
        "after": date(2025, 10, 9),
        "skip": None,
    }
