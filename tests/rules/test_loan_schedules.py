"""Repayment schedules equal published tables and an independent Decimal reference, to the fen."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lending.loans import rules
from lending.loans.model import (
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DueDatesDoNotFit,
    Every,
    GraceTooLong,
    Instalment,
    LoanTerms,
    Totals,
)


def terms(**changes: object) -> LoanTerms:
    """120,000 yuan at 3.65 % over twelve months from 2026-01-20, with changes."""
    values: dict[str, object] = {
        "principal_fen": 12_000_000,
        "annual_rate_ppm": 36_500,
        "method": "equal_instalment",
        "instalment_count": 12,
        "disbursed_on": date(2026, 1, 20),
    }
    return LoanTerms(**(values | changes))  # type: ignore[arg-type]


def columns(rows: list[Instalment]) -> list[tuple[int, int, int, int]]:
    """Principal, interest, payment, balance of each row."""
    return [(r.principal_fen, r.interest_fen, r.payment_fen, r.balance_fen) for r in rows]


# 等额本息, 120,000.00 at 3.65 % over 12 months (domain notes, worked by an outside calculator).
EQUAL_INSTALMENT = [
    (983381, 36500, 1019881, 11016619),
    (986372, 33509, 1019881, 10030247),
    (989372, 30509, 1019881, 9040875),
    (992382, 27499, 1019881, 8048493),
    (995400, 24481, 1019881, 7053093),
    (998428, 21453, 1019881, 6054665),
    (1001465, 18416, 1019881, 5053200),
    (1004511, 15370, 1019881, 4048689),
    (1007566, 12315, 1019881, 3041123),
    (1010631, 9250, 1019881, 2030492),
    (1013705, 6176, 1019881, 1016787),
    (1016787, 3093, 1019880, 0),
]


def test_equal_instalments_of_the_published_table() -> None:
    assert columns(rules.schedule(terms())) == EQUAL_INSTALMENT


def test_equal_principal_of_the_published_table() -> None:
    interest = [36500, 33458, 30417, 27375, 24333, 21292, 18250, 15208, 12167, 9125, 6083, 3042]
    rows = rules.schedule(terms(method="equal_principal"))
    assert [r.interest_fen for r in rows] == interest
    assert {r.principal_fen for r in rows} == {1_000_000}


def test_flat_costs_nearly_twice_its_nominal_rate() -> None:
    quote = rules.quote(terms(method="flat"))
    assert columns(quote.instalments) == [
        (1_000_000, 36_500, 1_036_500, 12_000_000 - 1_000_000 * n) for n in range(1, 13)
    ]
    assert (quote.annual_cost_simple_ppm, quote.annual_cost_compound_ppm) == (66_707, 68_784)


def test_interest_monthly_principal_at_the_end_by_actual_days() -> None:
    rows = rules.schedule(terms(method="interest_only", day_count="actual/360"))
    by_days = {31: 37717, 30: 36500, 28: 34067}
    assert [r.interest_fen for r in rows] == [by_days[(r.due_on - r.from_on).days] for r in rows]
    assert [r.principal_fen for r in rows] == [0] * 11 + [12_000_000]
    assert rows[-1].due_on == date(2027, 1, 20)


@pytest.mark.parametrize("every,count", [(Every(count=12), 1), (Every(), 12), (Every(count=3), 4)])
def test_bullet_interest_is_rounded_once_over_the_whole_term(every: Every, count: int) -> None:
    rows = rules.schedule(
        terms(method="bullet", day_count="actual/360", every=every, instalment_count=count)
    )
    assert rows[-1].interest_fen == 444_083
    assert sum(r.payment_fen for r in rows) == rows[-1].payment_fen


def test_a_week_of_a_revolving_drawing() -> None:
    rows = rules.schedule(
        terms(
            principal_fen=10_000_000,
            method="bullet",
            instalment_count=1,
            every=Every(count=7, unit="day"),
            day_count="actual/360",
        )
    )
    assert rows[0].interest_fen == 7097


def test_the_cost_of_equal_instalments_is_the_rate_itself() -> None:
    quote = rules.quote(terms())
    assert quote.annual_cost_simple_ppm == 36_500
    assert quote.annual_cost_compound_ppm == 37_117
    assert quote.totals == Totals(
        principal_fen=12_000_000, interest_fen=238_571, payment_fen=12_238_571
    )


def test_month_ends_are_clamped_from_the_first_day_not_from_the_row_before() -> None:
    rows = rules.schedule(terms(disbursed_on=date(2027, 12, 31), instalment_count=4))
    assert [r.due_on for r in rows] == [
        date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31), date(2028, 4, 30),
    ]  # fmt: skip


def test_thirty_over_360_does_not_see_a_moved_due_date() -> None:
    moved = [date(2026, 2, 27), *rules.due_dates(terms())[1:]]
    rows = rules.schedule(terms(due_dates=moved))
    assert columns(rows) == EQUAL_INSTALMENT
    assert (rows[0].due_on, rows[1].from_on) == (date(2026, 2, 27), date(2026, 2, 27))


def test_actual_actual_splits_at_31_december() -> None:
    # 16 days to 31 December of a common year, then 15 of a leap year.
    rows = rules.schedule(
        terms(
            method="interest_only",
            day_count="actual/actual",
            instalment_count=1,
            disbursed_on=date(2027, 12, 15),
            principal_fen=100_000_000,
            annual_rate_ppm=100_000,
        )
    )
    exact = Decimal(100_000_000) / 10 * (Decimal(16) / 365 + Decimal(15) / 366)
    assert rows[0].interest_fen == int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def test_a_down_payment_is_the_first_row_on_the_first_day() -> None:
    rows = rules.schedule(
        terms(principal_fen=1_000_050, down_payment_ppm=250_000, instalment_multiple_fen=100)
    )
    first = rows[0]
    assert (first.no, first.from_on, first.due_on) == (1, date(2026, 1, 20), date(2026, 1, 20))
    assert (first.principal_fen, first.interest_fen, first.balance_fen) == (250_000, 0, 750_050)
    assert [r.no for r in rows] == list(range(1, 14))


def test_multiples_round_to_the_nearest_and_flat_keeps_its_payment_round() -> None:
    equal = rules.schedule(terms(instalment_multiple_fen=10_000))
    assert {r.payment_fen for r in equal[:-1]} == {1_020_000}
    flat = rules.schedule(terms(method="flat", instalment_multiple_fen=10_000))
    assert {r.payment_fen for r in flat[:-1]} == {1_040_000}
    assert {r.principal_fen for r in flat[:-1]} == {1_040_000 - 36_500}
    assert flat[-1].principal_fen == 12_000_000 - 11 * (1_040_000 - 36_500)


def test_grace_on_principal_computes_the_instalment_over_the_rest() -> None:
    rows = rules.schedule(terms(grace_principal=3))
    later = rules.schedule(terms(instalment_count=9, disbursed_on=date(2026, 4, 20)))
    assert columns(rows[:3]) == [(0, 36_500, 36_500, 12_000_000)] * 3
    assert columns(rows[3:]) == columns(later)


def test_grace_on_interest_defers_and_interest_free_waives() -> None:
    plain = rules.schedule(terms(method="equal_principal"))
    deferred = rules.schedule(terms(method="equal_principal", grace_interest=2))
    waived = rules.schedule(terms(method="equal_principal", interest_free=2))
    assert [r.interest_fen for r in deferred[:3]] == [0, 0, 36500 + 33458 + 30417]
    assert deferred[3:] == plain[3:]
    assert [r.interest_fen for r in waived[:3]] == [0, 0, 30417]
    assert [r.principal_fen for r in waived] == [r.principal_fen for r in plain]
    # Equal instalments stay equal: what is not interest is principal, the last row is smaller.
    equal = rules.schedule(terms(interest_free=2))
    assert {r.payment_fen for r in equal[:-1]} == {1_019_881}
    assert [r.interest_fen for r in equal[:3]] == [0, 0, 30_296]
    assert equal[-1].payment_fen < 1_019_881


@pytest.mark.parametrize(
    "changes,error",
    [
        ({"grace_principal": 12}, GraceTooLong),
        ({"grace_interest": 12}, GraceTooLong),
        ({"due_dates": [date(2026, 2, 20)]}, DueDatesDoNotFit),
        ({"instalment_count": 1, "due_dates": [date(2026, 1, 20)]}, DueDatesDoNotFit),
        (
            {"instalment_count": 2, "due_dates": [date(2026, 3, 20), date(2026, 2, 20)]},
            DueDatesDoNotFit,
        ),
        ({"down_payment_ppm": 999_999, "instalment_multiple_fen": 100}, DownPaymentTakesAll),
        ({"every": Every(count=366), "instalment_count": 600}, DatesOutOfRange),
        ({"every": Every(count=366, unit="week"), "instalment_count": 600}, DatesOutOfRange),
        ({"disbursed_on": date(1899, 12, 31)}, DatesOutOfRange),
        ({"instalment_count": 1, "due_dates": [date(2201, 1, 1)]}, DatesOutOfRange),
    ],
)
def test_impossible_combinations_are_refused(changes: dict[str, object], error: type) -> None:
    with pytest.raises(error):
        rules.schedule(terms(**changes))


def test_due_dates_far_from_the_period_length_have_no_yearly_cost() -> None:
    with pytest.raises(CostOutOfRange):
        rules.quote(
            terms(
                method="bullet",
                annual_rate_ppm=10_000_000,
                instalment_count=1,
                every=Every(count=1, unit="day"),
                day_count="actual/365",
                due_dates=[date(2060, 1, 1)],
            )
        )


# --- an independent reference: Decimal, day by day, written from the conventions alone ---------


def reference_fraction(start: date, end: date, t: LoanTerms) -> Decimal:
    days = Decimal((end - start).days)
    match t.day_count:
        case "30/360":
            months = t.every.unit == "month"
            return Decimal(30 * t.every.count) / 360 if months else days / 360
        case "actual/360":
            return days / 360
        case "actual/365":
            return days / 365
        case _:
            total, day = Decimal(0), start
            while day < end:
                # The night after 31 December already belongs to the new year.
                year = (day + timedelta(days=1)).year if (day.month, day.day) == (12, 31) else (
                    day.year
                )  # fmt: skip
                total += 1 / Decimal((date(year + 1, 1, 1) - date(year, 1, 1)).days)
                day += timedelta(days=1)
            return total


def reference(t: LoanTerms) -> list[tuple[int, int, int]]:
    """(principal, interest, balance) per row."""
    mode = ROUND_HALF_UP if t.rounding == "half_up" else ROUND_HALF_EVEN

    def near(value: Decimal, multiple: int = 1) -> int:
        # Sums of day fractions carry noise in the last places; exact halves must stay halves.
        cleaned = (value / multiple).quantize(Decimal("1e-25"), ROUND_HALF_EVEN)
        return int(cleaned.quantize(Decimal(1), mode)) * multiple

    rows: list[tuple[int, int, int]] = []
    balance = t.principal_fen
    paid = near(Decimal(balance) * t.down_payment_ppm / 1_000_000, t.instalment_multiple_fen)
    if paid:
        balance -= paid
        rows.append((paid, 0, balance))
    n, whole, start = t.instalment_count, balance, t.disbursed_on
    rates = []
    for due in rules.due_dates(t):
        rates.append(reference_fraction(start, due, t) * t.annual_rate_ppm / 1_000_000)
        start = due
    paying = n - t.grace_principal
    discount, worth = Decimal(1), Decimal(0)
    for rate in rates[t.grace_principal :]:
        discount /= 1 + rate
        worth += discount
    equal = near(whole / worth, t.instalment_multiple_fen)
    flat_all = near(whole * sum(rates))
    flat_row = near(whole * sum(rates) / n)
    flat_payment = near(Decimal(whole) / paying + flat_row, t.instalment_multiple_fen)
    deferred = 0
    for k in range(n):
        last = k == n - 1
        own = near(balance * rates[k])
        if t.method == "flat":
            left = max(flat_all - flat_row * k, 0)
            own = left if last else min(flat_row, left)
        if t.method == "bullet":
            own = near(whole * sum(rates[t.interest_free :], Decimal(0))) if last else 0
        if k < t.interest_free and t.method != "bullet":
            own = 0
        part = {
            "equal_instalment": max(equal - own, 0),
            "equal_principal": near(Decimal(whole) / paying, t.instalment_multiple_fen),
            "flat": max(flat_payment - own, 0)
            if t.instalment_multiple_fen > 1
            else near(Decimal(whole) / paying),
        }.get(t.method, 0)
        part = balance if last else 0 if k < t.grace_principal else min(part, balance)
        if k < t.grace_interest:
            interest, deferred = 0, deferred + own
        else:
            interest, deferred = own + deferred, 0
        balance -= part
        rows.append((part, interest, balance))
    return rows


@st.composite
def any_terms(draw: st.DrawFn) -> LoanTerms:
    count = draw(st.integers(1, 40))
    unit = draw(st.sampled_from(["day", "week", "month"]))
    every = Every(count=draw(st.integers(1, 4)), unit=unit)
    t = terms(
        principal_fen=draw(st.integers(1, 10**12)),
        annual_rate_ppm=draw(st.sampled_from([0, 1, 36_500, 43_000, 150_000, 999_999])),
        method=draw(
            st.sampled_from(
                ["equal_instalment", "equal_principal", "interest_only", "bullet", "flat"]
            )
        ),
        instalment_count=count,
        every=every,
        disbursed_on=draw(st.dates(date(2023, 1, 1), date(2028, 12, 31))),
        day_count=draw(st.sampled_from(["30/360", "actual/360", "actual/365", "actual/actual"])),
        rounding=draw(st.sampled_from(["half_up", "half_even"])),
        instalment_multiple_fen=draw(st.sampled_from([1, 1, 7, 100, 10_000])),
        grace_principal=draw(st.integers(0, count - 1)),
        grace_interest=draw(st.integers(0, count - 1)),
        interest_free=draw(st.integers(0, count)),
        down_payment_ppm=draw(st.sampled_from([0, 0, 100_000, 333_333])),
    )
    if draw(st.booleans()):
        moved = [d + timedelta(days=draw(st.integers(0, 3)) if unit == "month" else 0)
                 for d in rules.due_dates(t)]  # fmt: skip
        t = terms(**({f: getattr(t, f) for f in t.__struct_fields__} | {"due_dates": moved}))
    return t


@settings(max_examples=300, deadline=None)
@given(any_terms())
def test_every_combination_equals_the_reference_and_adds_up(t: LoanTerms) -> None:
    try:
        rows = rules.schedule(t)
    except DownPaymentTakesAll:
        return
    with localcontext() as context:
        context.prec = 60
        assert [(r.principal_fen, r.interest_fen, r.balance_fen) for r in rows] == reference(t)
    assert sum(r.principal_fen for r in rows) == t.principal_fen
    assert rows[-1].balance_fen == 0
    balance, day = t.principal_fen, t.disbursed_on
    for no, row in enumerate(rows, 1):
        balance -= row.principal_fen
        assert (row.no, row.balance_fen, row.from_on) == (no, balance, day)
        assert row.payment_fen == row.principal_fen + row.interest_fen
        assert row.principal_fen >= 0 and row.interest_fen >= 0
        day = row.due_on


@settings(max_examples=100, deadline=None)
@given(any_terms())
def test_the_yearly_cost_discounts_the_payments_to_what_was_received(t: LoanTerms) -> None:
    try:
        rows = rules.schedule(t)
        simple, compound = rules.annual_cost(rows, t.every)
    except (DownPaymentTakesAll, CostOutOfRange):
        return
    flows = [r.payment_fen for r in rows if r.due_on > t.disbursed_on]
    received = t.principal_fen - sum(r.payment_fen for r in rows if r.due_on == t.disbursed_on)
    per_year = {"day": 365, "week": 52, "month": 12}[t.every.unit]

    def worth(yearly_ppm: Decimal) -> Decimal:
        rate = yearly_ppm * t.every.count / per_year / 1_000_000
        return sum((p / (1 + rate) ** k for k, p in enumerate(flows, 1)), Decimal(0))

    half = Decimal("0.5000001")
    with localcontext() as context:
        context.prec = 50
        assert worth(simple + half) <= received
        assert simple == 0 or worth(simple - half) >= received
        exact = (1 + Decimal(simple) * t.every.count / per_year / 1_000_000) ** (
            Decimal(per_year) / t.every.count
        ) - 1
        assert abs(exact * 1_000_000 - compound) <= 1 + exact * 3
