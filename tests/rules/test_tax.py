"""VAT, surcharges, income tax: the examples of the announcements, the two sides of each edge."""

import json
from datetime import date
from pathlib import Path
from uuid import uuid4

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import load
from bookkeeping.assessments import rules as assessment
from bookkeeping.assessments.model import (
    BadPeriod,
    BusinessIncome,
    CitRates,
    EducationExemption,
    SmallProfit,
    SmallScaleVat,
    SurchargeRates,
)
from bookkeeping.reports.model import TrialBalanceRow
from bookkeeping.tax import rules
from bookkeeping.tax.model import (
    BadSpan,
    Computed,
    PeriodNotOver,
    ReturnChanged,
    ReturnOutdated,
    ReturnRow,
    ReturnStateForbids,
    VatFirst,
)

EXAMPLES = {
    row["id"]: row["expected"]
    for row in json.loads(
        (Path(__file__).with_name("data") / "iit_worked_examples.json").read_text()
    )
}


def statute(kind, shape, on=date(2026, 3, 31)):
    """The row of a kind in force on a day, decoded."""
    rows = [
        r
        for r in load.statutory_values()
        if r.kind == kind and r.from_on <= on and (r.until is None or on < r.until)
    ]
    assert len(rows) == 1, (kind, on)
    return msgspec.json.decode(bytes(rows[0].value), type=shape)


VAT_2025 = statute("vat.small_scale", SmallScaleVat, date(2025, 12, 31))
VAT_2026 = statute("vat.small_scale", SmallScaleVat, date(2026, 1, 1))
RATES = statute("surcharge.rates", SurchargeRates)
EXEMPTION = statute("surcharge.education_exemption", EducationExemption)
CIT = statute("cit.rates", CitRates)
SMALL = statute("cit.small_profit", SmallProfit)
HOUSEHOLD = statute("iit.business", BusinessIncome)


@pytest.mark.parametrize(
    ("law", "period", "sales", "tax"),
    [
        (VAT_2025, "quarter", 30_000_000, 0),
        (VAT_2026, "quarter", 30_000_000, 300_000),
        (VAT_2026, "quarter", 29_999_999, 0),
        (VAT_2025, "quarter", 30_000_001, 300_000),
        (VAT_2025, "month", 10_000_000, 0),
        (VAT_2026, "month", 10_000_000, 100_000),
        (VAT_2026, "month", 9_999_999, 0),
        (VAT_2026, "quarter", 28_000_000, 0),
        (VAT_2026, "quarter", 32_000_000, 320_000),
        (VAT_2026, "quarter", 0, 0),
    ],
)
def test_the_threshold_was_free_in_2025_and_is_taxed_since_2026(law, period, sales, tax):
    result = assessment.small_scale_vat(law, sales, period)
    assert (result.tax_fen, result.exempt) == (tax, tax == 0)


def test_a_general_taxpayer_pays_output_less_input():
    result = assessment.general_vat(100_000_000, 130_000, 5_000_000)
    assert (result.tax_fen, result.credit_fen) == (8_000_000, 0)
    carried = assessment.general_vat(1_000_000, 60_000, 100_000)
    assert (carried.tax_fen, carried.credit_fen) == (0, 40_000)


def surcharges(vat, sales, relief=500_000, city="city", period="quarter"):
    return assessment.surcharges(
        RATES, EXEMPTION, relief, vat_fen=vat, sales_fen=sales, period=period, city=city
    )


def test_the_published_surcharges_example():
    result = surcharges(320_000, 32_000_000)
    parts = (result.city_fen, result.education_fen, result.local_education_fen)
    assert parts == (11_200, 4_800, 3_200)
    assert result.total_fen == 19_200


def test_small_sales_pay_no_education_surcharge():
    result = surcharges(300_000, 30_000_000, city="county_town")
    assert (result.city_fen, result.education_fen, result.local_education_fen) == (7_500, 0, 0)
    assert not surcharges(300_001, 30_000_001).education_exempt


def test_without_relief_the_surcharges_are_whole():
    result = surcharges(100_000_000, 10**10, relief=0, city="other")
    assert (result.city_fen, result.education_fen) == (1_000_000, 3_000_000)


@pytest.mark.parametrize(
    ("profit", "staff", "assets", "tax"),
    [
        (300_000_000, 300, 5_000_000_000, 15_000_000),
        (300_000_100, 300, 5_000_000_000, 75_000_025),
        (300_000_000, 301, 5_000_000_000, 75_000_000),
        (300_000_000, 300, 5_000_000_001, 75_000_000),
        (-5, 1, 1, 0),
        (0, 1, 1, 0),
    ],
)
def test_the_cliff_of_small_profits(profit, staff, assets, tax):
    result = assessment.corporate_income_tax(
        CIT, SMALL, profit_fen=profit, staff=staff, assets_fen=assets
    )
    assert result.tax_fen == tax


def test_without_the_relief_in_force_the_ordinary_rate_holds():
    result = assessment.corporate_income_tax(CIT, None, profit_fen=100, staff=1, assets_fen=1)
    assert (result.tax_fen, result.small_profit) == (25, False)


@pytest.mark.parametrize(("taxable", "example"), [(50_000, 26), (100_000, 27), (2_000_000, 29)])
def test_households_pay_half_on_the_first_two_millions(taxable, example):
    full, after = assessment.business_income_tax(HOUSEHOLD, taxable * 100)
    assert [f"{full / 100:.2f}", f"{after / 100:.2f}"] == EXAMPLES[example]


def test_beyond_two_millions_the_relief_stands_still():
    full, after = assessment.business_income_tax(HOUSEHOLD, 300_000_000)
    assert full - after == 31_725_000


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        (date(2025, 9, 1), date(2025, 10, 1), "month"),
        (date(2025, 10, 1), date(2026, 1, 1), "quarter"),
        (date(2025, 1, 1), date(2026, 1, 1), "year"),
        (date(2025, 12, 1), date(2026, 1, 1), "month"),
    ],
)
def test_periods_are_read(first, last, kind):
    assert assessment.period_kind(first, last) == kind


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2025, 9, 1), date(2025, 9, 30)),
        (date(2025, 2, 1), date(2025, 5, 1)),
        (date(2025, 7, 1), date(2026, 7, 1)),
        (date(2025, 9, 2), date(2025, 10, 2)),
        (date(2025, 9, 1), date(2025, 9, 1)),
        (date(2025, 9, 1), date(2025, 6, 1)),
        (date(2025, 1, 1), date(2027, 1, 1)),
    ],
)
def test_other_spans_are_no_periods(first, last):
    with pytest.raises(BadPeriod):
        assessment.period_kind(first, last)


@given(st.integers(0, 10**13), st.integers(0, 10**10))
def test_more_sales_never_pay_less(sales, more):
    for law in (VAT_2025, VAT_2026):
        low = assessment.small_scale_vat(law, sales, "quarter").tax_fen
        high = assessment.small_scale_vat(law, sales + more, "quarter").tax_fen
        assert 0 <= low <= high <= sales + more


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_prepayments_add_up_to_the_years_tax_at_its_highest(first, second):
    taxes = [
        assessment.corporate_income_tax(CIT, SMALL, profit_fen=p, staff=9, assets_fen=9).tax_fen
        for p in (first, first + second)
    ]
    paid = 0
    for tax in taxes:
        paid += assessment.prepayment(tax, paid)
    assert paid == max(taxes)


# --- returns -----------------------------------------------------------------------------------


def taxes(taxpayer, month_on):
    return [(p.tax, p.from_on, p.until_on) for p in rules.due_periods(taxpayer, month_on)]


def test_what_is_due_after_a_month():
    august, september, october = date(2025, 8, 1), date(2025, 9, 1), date(2025, 10, 1)
    july = date(2025, 7, 1)
    assert taxes("small_scale", august) == [("iit_withholding", august, september)]
    assert taxes("small_scale", september) == [
        ("iit_withholding", september, october),
        ("vat", july, october),
        ("surcharges", july, october),
        ("cit", july, october),
    ]
    assert [tax for tax, _, _ in taxes("general", august)] == [
        "iit_withholding",
        "vat",
        "surcharges",
    ]
    assert ("vat", september, october) in taxes("general", september)
    assert ("cit", date(2025, 10, 1), date(2026, 1, 1)) in taxes("general", date(2025, 12, 1))


def test_averages_are_of_quarters_and_never_round_under_a_limit():
    assert rules.average([0, 100]) == 50
    assert rules.average([300, 301]) == 301
    assert rules.average([10, 20, 30]) == 20
    assert rules.quarter_ends(date(2025, 10, 1)) == [
        date(2024, 12, 31),
        date(2025, 3, 31),
        date(2025, 6, 30),
        date(2025, 9, 30),
    ]
    assert rules.quarter_ends(date(2026, 1, 1))[-1] == date(2025, 12, 31)


def trial(**rows):
    """A trial balance from `code=(opening, debit, credit)`."""
    return [
        TrialBalanceRow(
            code=code.strip("_"),
            name="",
            opening_fen=opening,
            debit_fen=debit,
            credit_fen=credit,
            closing_fen=opening + debit - credit,
        )
        for code, (opening, debit, credit) in rows.items()
    ]


def test_a_small_scale_quarter_by_the_books():
    free = rules.small_scale_return(VAT_2025, 28_000_000, 280_000)
    assert (free.payable_fen, free.figures["exempt_sales_fen"]) == (0, 28_000_000)
    taxed = rules.small_scale_return(VAT_2026, 32_000_000, 320_001)
    assert (taxed.payable_fen, taxed.figures["collected_fen"]) == (320_000, 320_001)
    loss = rules.small_scale_return(VAT_2026, -100, -1)
    assert loss.payable_fen == 0
    assert rules.collected(trial(_222101=(0, 0, 5))) == 5
    assert rules.collected([]) == 0


def test_a_general_month_carries_its_credit():
    rows = trial(_22210107=(-100, 0, 1_300), _22210101=(400, 500, 0))
    due = rules.general_return(rows, 10_000)
    assert (due.payable_fen, due.figures["carried_from_fen"]) == (500, 300)
    rows = trial(_22210101=(0, 500, 0), _22210109=(0, 0, 100))
    carried = rules.general_return(rows, 0)
    assert (carried.payable_fen, carried.figures["carried_to_fen"]) == (0, 400)


def row(tax="vat", figures=None, payable=0, **changes):
    facts = {
        "id": uuid4(),
        "tax": tax,
        "period_from": date(2025, 7, 1),
        "period_until": date(2025, 10, 1),
        "due_on": date(2025, 10, 27),
        "figures": figures or {},
        "payable_fen": payable,
        "state": "computed",
        "version": 1,
    }
    return ReturnRow(**(facts | changes))


@pytest.mark.parametrize(("shown", "payable"), [(280, 0), (320, 320), (321, 320), (319, 320)])
def test_vat_vouchers_balance_whatever_was_rounded(shown, payable):
    lines = rules.accrual(row(figures={"collected_fen": shown}, payable=payable))
    assert sum(x.debit_fen for x in lines) == sum(x.credit_fen for x in lines) > 0
    by_account = {x.account: x.debit_fen - x.credit_fen for x in lines}
    assert by_account["222101"] == shown
    assert by_account.get("222102", 0) == -payable


def test_other_vouchers():
    figures = {"city_fen": 7, "education_fen": 0, "local_education_fen": 2}
    lines = rules.accrual(row("surcharges", figures))
    assert [(x.account, x.debit_fen, x.credit_fen) for x in lines] == [
        ("5403", 9, 0),
        ("222111", 0, 7),
        ("222113", 0, 2),
    ]
    assert rules.accrual(row("iit_withholding", payable=5)) == []
    assert rules.accrual(row("cit")) == []
    assert len(rules.accrual(row("cit", payable=5))) == 2
    assert rules.accrual(row(figures={"collected_fen": 0})) == []
    assert rules.accrual(row(figures={"output_fen": 9}, payable=4))[0].account == "22210104"


def test_a_return_goes_out_as_it_was_seen():
    computed = Computed(figures={"tax_fen": 5}, payable_fen=5)
    today = date(2025, 10, 9)
    first = row(figures={"tax_fen": 5}, payable=5)
    sent = rules.submit(first, computed, version=1, today=today)
    assert (sent.state, sent.version, sent.submitted_on) == ("submitted", 2, today)
    with pytest.raises(ReturnStateForbids):
        rules.submit(sent, computed, version=2, today=today)
    with pytest.raises(ReturnChanged):
        rules.submit(first, computed, version=2, today=today)
    with pytest.raises(PeriodNotOver):
        rules.submit(first, computed, version=1, today=date(2025, 9, 30))
    other = Computed(figures={"tax_fen": 6}, payable_fen=6)
    with pytest.raises(ReturnOutdated):
        rules.submit(first, other, version=1, today=today)
    again = rules.recompute(first, other)
    assert (again.payable_fen, again.version, again.computed_no) == (6, 2, 2)
    assert rules.recompute(first, computed) is first
    assert rules.recompute(sent, other) is sent
    assert rules.accepted(sent, "1").state == "filed"
    retried = rules.submit(rules.refused(sent, "x"), computed, version=3, today=today)
    assert retried.refusal == ""


def test_surcharges_wait_for_their_vat():
    rules.vat_goes_first(row("vat"), None)
    rules.vat_goes_first(row("surcharges"), "filed")
    with pytest.raises(VatFirst):
        rules.vat_goes_first(row("surcharges"), "computed")


def test_lateness_costs_half_a_thousandth_a_day():
    due = date(2025, 10, 27)
    assert rules.late_fee(1_000_000, 500, due_on=due, today=date(2025, 11, 6)) == 5_000
    assert rules.late_fee(1_000_000, 500, due_on=due, today=due) == 0


def test_months_of_a_calendar():
    found = rules.months_between(date(2025, 9, 15), date(2026, 1, 1))
    assert found == [date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)]
    with pytest.raises(BadSpan):
        rules.months_between(date(2025, 1, 1), date(2025, 1, 1))


@given(st.uuids(), st.integers(1, 10**6))
def test_a_reference_tells_whose_return_it_is(business, version):
    one = row(version=version)
    text = rules.reference(business, one)
    read = rules.read_reference(text)
    assert len(text) <= 80 and read
    assert (read.business_id, read.return_id) == (business, one.id)
    assert rules.read_reference("WAGES-1") is None
