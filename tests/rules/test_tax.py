"""VAT, surcharges, income tax: the examples of the announcements, the two sides of each edge."""

import json
from datetime import date
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import load
from bookkeeping.tax import rules
from bookkeeping.tax.model import (
    BadPeriod,
    BusinessIncome,
    CitRates,
    EducationExemption,
    SmallProfit,
    SmallScaleVat,
    SurchargeRates,
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
        r for r in load.statutory_values()
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
    result = rules.small_scale_vat(law, sales, period)
    assert (result.tax_fen, result.exempt) == (tax, tax == 0)


def test_a_general_taxpayer_pays_output_less_input():
    result = rules.general_vat(100_000_000, 130_000, 5_000_000)
    assert (result.tax_fen, result.credit_fen) == (8_000_000, 0)
    carried = rules.general_vat(1_000_000, 60_000, 100_000)
    assert (carried.tax_fen, carried.credit_fen) == (0, 40_000)


def surcharges(vat, sales, relief=500_000, city="city", period="quarter"):
    return rules.surcharges(
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
    result = rules.corporate_income_tax(
        CIT, SMALL, profit_fen=profit, staff=staff, assets_fen=assets
    )
    assert result.tax_fen == tax


def test_without_the_relief_in_force_the_ordinary_rate_holds():
    result = rules.corporate_income_tax(CIT, None, profit_fen=100, staff=1, assets_fen=1)
    assert (result.tax_fen, result.small_profit) == (25, False)


@pytest.mark.parametrize(("taxable", "example"), [(50_000, 26), (100_000, 27), (2_000_000, 29)])
def test_households_pay_half_on_the_first_two_millions(taxable, example):
    full, after = rules.business_income_tax(HOUSEHOLD, taxable * 100)
    assert [f"{full / 100:.2f}", f"{after / 100:.2f}"] == EXAMPLES[example]


def test_beyond_two_millions_the_relief_stands_still():
    full, after = rules.business_income_tax(HOUSEHOLD, 300_000_000)
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
    assert rules.period_kind(first, last) == kind


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
        rules.period_kind(first, last)


@given(st.integers(0, 10**13), st.integers(0, 10**10))
def test_more_sales_never_pay_less(sales, more):
    for law in (VAT_2025, VAT_2026):
        low = rules.small_scale_vat(law, sales, "quarter").tax_fen
        high = rules.small_scale_vat(law, sales + more, "quarter").tax_fen
        assert 0 <= low <= high <= sales + more


@given(st.integers(-(10**12), 10**12), st.integers(0, 10**12))
def test_prepayments_add_up_to_the_years_tax_at_its_highest(first, second):
    taxes = [
        rules.corporate_income_tax(CIT, SMALL, profit_fen=p, staff=9, assets_fen=9).tax_fen
        for p in (first, first + second)
    ]
    paid = 0
    for tax in taxes:
        paid += rules.prepayment(tax, paid)
    assert paid == max(taxes)
