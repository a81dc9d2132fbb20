"""Wages tax, bonus, labour remuneration: worked examples of the tax authority, and properties."""

import json
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import accumulate
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import load
from app.reference.rules import progressive
from bookkeeping.withholding import rules
from bookkeeping.withholding.model import (
    BonusOutsideYear,
    LabourTable,
    LowIncome,
    MonthlyTable,
    MonthsOutOfOrder,
    PaidBeforeJoining,
    PaidMonth,
    WagesTable,
)

EXAMPLES = {
    row["id"]: row["expected"]
    for row in json.loads(
        (Path(__file__).with_name("data") / "iit_worked_examples.json").read_text()
    )
}
JANUARY = date(2025, 1, 1)


def statute(kind, shape):
    """The newest row of a kind, decoded."""
    rows = [r for r in load.statutory_values() if r.kind == kind]
    return msgspec.json.decode(bytes(max(rows, key=lambda r: r.from_on).value), type=shape)


WAGES = statute("iit.wages", WagesTable)
MONTHLY = statute("iit.monthly", MonthlyTable)
LABOUR = statute("iit.labour", LabourTable)
LOW = statute("iit.low_income", LowIncome)
TABLES = dict.fromkeys(range(2020, 2035), WAGES)


def months(*incomes, year=2025, first=1, **deductions):
    """One payment a month, in yuan."""
    fen = {name: amount * 100 for name, amount in deductions.items()}
    return [
        PaidMonth(paid_on=date(year, first + n, 10), income_fen=income * 100, **fen)
        for n, income in enumerate(incomes)
    ]


def withheld(paid, joined_on=JANUARY, first_job=False, low_fen=None):
    """What is withheld each month, in yuan."""
    rows = rules.wages_tax(TABLES, paid, joined_on=joined_on, first_job=first_job, low_fen=low_fen)
    return [str(Decimal(row.withheld_fen) / 100) if row.withheld_fen else "0" for row in rows]


def yuan(fen):
    return f"{Decimal(fen) / 100:.2f}"


def test_the_authoritys_wage_example():
    paid = months(10000, 10000, 10000, social_fen=1500, additional_fen=1000)
    rows = rules.wages_tax(TABLES, paid, joined_on=JANUARY, first_job=False, low_fen=None)
    assert [yuan(r.withheld_fen) for r in rows] == EXAMPLES[1]
    assert [r.taxable_fen for r in rows] == [250000, 500000, 750000]


def test_the_authoritys_second_wage_example_climbs_a_step():
    # 公告2018年第56号 interpretation: 30,000 a month, 4,500 social, 2,000 additional.
    paid = months(30000, 30000, 30000, social_fen=4500, additional_fen=2000)
    assert withheld(paid) == ["555", "625", "1850"]


def test_an_employee_of_july_deducts_from_july():
    paid = months(10000, 10000, first=7)
    assert withheld(paid, joined_on=date(2025, 7, 1)) == ["150", "150"]


def test_the_first_job_of_the_year_deducts_from_january():
    # 公告2020年第13号 interpretation: joined in July, 10,000 a month: nothing, 35,000 deducted.
    paid = months(10000, 10000, first=7)
    assert withheld(paid, joined_on=date(2025, 7, 1), first_job=True) == ["0", "0"]


def test_a_new_tax_year_begins_with_the_payment_month():
    paid = months(30000, year=2025, first=12) + months(30000, year=2026)
    assert withheld(paid, joined_on=date(2025, 12, 1)) == ["750", "750"]


def test_low_incomes_deduct_the_whole_year_at_once():
    # 公告2020年第19号 interpretation: 8,000 in January, 5,000 or less on average the year before.
    low = rules.low_income_deduction(
        LOW, year=2025, joined_on=date(2023, 5, 1), prior_year_income_fen=6_000_000
    )
    assert low == 6_000_000
    paid = months(*[10000] * 7)
    assert withheld(paid, joined_on=date(2023, 5, 1), low_fen=low)[:6] == ["0"] * 6
    assert withheld(paid, joined_on=date(2023, 5, 1), low_fen=low)[6] == "300"


@pytest.mark.parametrize(
    ("joined_on", "prior"),
    [
        (date(2023, 5, 1), 6_000_001),
        (date(2023, 5, 1), None),
        (date(2024, 2, 1), 100),
        (date(2025, 1, 1), 100),
    ],
)
def test_others_deduct_month_by_month(joined_on, prior):
    assert (
        rules.low_income_deduction(LOW, year=2025, joined_on=joined_on, prior_year_income_fen=prior)
        is None
    )


def test_wages_before_joining_and_out_of_order_are_refused():
    with pytest.raises(PaidBeforeJoining):
        withheld(months(10000), joined_on=date(2025, 2, 1))
    with pytest.raises(MonthsOutOfOrder):
        withheld(list(reversed(months(10000, 10000))))


amounts = st.integers(0, 30_000_000)


@given(st.lists(st.tuples(amounts, amounts), min_size=1, max_size=12))
def test_what_is_withheld_adds_up_to_the_annual_table(pairs):
    """The sum is the table on the cumulative amount, at its highest so far: never more, and
    never negative."""
    paid = [
        PaidMonth(paid_on=date(2025, n + 1, 10), income_fen=income, social_fen=social // 10)
        for n, (income, social) in enumerate(pairs)
    ]
    rows = rules.wages_tax(TABLES, paid, joined_on=JANUARY, first_job=False, low_fen=None)
    assert all(row.withheld_fen >= 0 for row in rows)
    sums = list(accumulate(row.withheld_fen for row in rows))
    highest = list(accumulate((row.cumulative_tax_fen for row in rows), max))
    assert sums == highest
    net = sum(m.income_fen - m.social_fen for m in paid) - 500_000 * len(paid)
    assert rows[-1].cumulative_tax_fen == by_decimal(max(0, net))


def by_decimal(taxable_fen):
    """The annual table again, by slices and decimals instead of quick deductions."""
    slices = [(36000, 3), (144000, 10), (300000, 20), (420000, 25), (660000, 30), (960000, 35)]
    tax, below, left = Decimal(0), Decimal(0), Decimal(taxable_fen) / 100
    for top, rate in [*slices, (10**12, 45)]:
        tax += max(Decimal(0), min(left, Decimal(top)) - below) * rate / 100
        below = Decimal(top)
    return int((tax * 100).quantize(Decimal(1), ROUND_HALF_UP))


@given(st.integers(0, 10**11), st.integers(0, 10**9))
def test_the_annual_table_is_monotone_and_never_takes_more_than_is_earned(amount, more):
    low, high = progressive(WAGES.brackets, amount), progressive(WAGES.brackets, amount + more)
    assert 0 <= low <= high <= low + more
    assert low <= amount


@pytest.mark.parametrize(
    ("bonus", "example"), [(36000, 11), (144000, 13), (300000, 15), (960000, 17)]
)
def test_bonus_examples(bonus, example):
    assert yuan(rules.bonus_separate(MONTHLY, bonus * 100, months=12).tax_fen) == EXAMPLES[example]


@pytest.mark.parametrize(
    ("edge", "above"),
    [
        (36000, "38566.67"),
        (144000, "160500"),
        (300000, "318333.33"),
        (420000, "447500"),
        (660000, "706538.46"),
        (960000, "1120000"),
    ],
)
def test_bonus_dead_zones(edge, above):
    """One fen above an edge leaves less in hand until the end of the zone."""

    def in_hand(fen):
        return fen - rules.bonus_separate(MONTHLY, fen, months=12).tax_fen

    at_edge = in_hand(edge * 100)
    assert in_hand(edge * 100 + 1) < at_edge
    end = int(Decimal(above) * 100)
    assert abs(in_hand(end) - at_edge) <= 1
    assert in_hand(end + 100) > at_edge


def test_a_bonus_of_nothing_has_no_tax():
    assert rules.bonus_separate(MONTHLY, 0, months=12).tax_fen == 0


def test_merging_the_bonus_uses_deductions_that_wages_left_over():
    paid = months(*[4000] * 12)
    merged = rules.bonus_merged(
        WAGES, paid, 1_000_000, paid_on=date(2025, 12, 20), joined_on=JANUARY, first_job=False
    )
    assert (merged.tax_fen, merged.year_tax_fen) == (0, 0)
    rich = rules.bonus_merged(
        WAGES,
        months(*[50000] * 12),
        3_600_000,
        paid_on=date(2025, 12, 20),
        joined_on=JANUARY,
        first_job=False,
    )
    assert rich.tax_fen == 3_600_000 * 30 // 100
    assert rules.bonus_separate(MONTHLY, 3_600_000, months=12).tax_fen == 108_000


def test_months_of_another_year_do_not_mix_with_the_bonus():
    with pytest.raises(BonusOutsideYear):
        rules.bonus_merged(
            WAGES,
            months(5000, year=2024),
            100,
            paid_on=date(2025, 1, 5),
            joined_on=JANUARY,
            first_job=False,
        )


@pytest.mark.parametrize(
    ("amount", "example"), [(2000, 3), (800, 19), (4000, 20), (30000, 23), (62500, 24)]
)
def test_labour_examples(amount, example):
    tax, _ = rules.labour_tax(LABOUR, "labour", amount * 100)
    assert yuan(tax) == EXAMPLES[example]


def test_the_interns_two_ways():
    cumulative = withheld(months(3000, first=7), joined_on=date(2025, 7, 1), first_job=True)
    ordinary, _ = rules.labour_tax(LABOUR, "labour", 300_000)
    assert (f"{Decimal(cumulative[0]):.2f}", yuan(ordinary)) == tuple(EXAMPLES[8])


def test_authors_and_royalties():
    # 公告2018年第56号 interpretation: author 40,000 -> 4,480.
    assert rules.labour_tax(LABOUR, "author", 4_000_000)[0] == 448_000
    assert rules.labour_tax(LABOUR, "royalty", 200_000)[0] == 24_000


def test_non_residents_use_the_monthly_table():
    labour, rate = rules.labour_tax_of_non_resident(LABOUR, MONTHLY, "labour", 2_000_000)
    author, _ = rules.labour_tax_of_non_resident(LABOUR, MONTHLY, "author", 1_000_000)
    assert (yuan(labour), yuan(author), rate) == (EXAMPLES[5], EXAMPLES[6], 200_000)


@given(st.integers(0, 10**10), st.sampled_from(["labour", "author", "royalty"]))
def test_labour_tax_is_never_negative_and_grows(amount, kind):
    tax, _ = rules.labour_tax(LABOUR, kind, amount)
    more, _ = rules.labour_tax(LABOUR, kind, amount + 100)
    assert 0 <= tax <= more
