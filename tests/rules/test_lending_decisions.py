"""The scorecard: points move the right way, reasons are named, the limit is the formula."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lending.decisions import rules
from lending.decisions.model import TEXTS, Card, Verdict
from lending.facilities import rules as facilities
from lending.facilities.model import (
    CONSENT_TEXTS,
    ConsentMissing,
    ConsentTextOutdated,
    Facility,
    FacilityNotActive,
    LimitExceeded,
    NewConsent,
)
from lending.features import rules as feature_rules
from lending.features.model import Features, Sales, Settlement, WagesAndTax
from lending.products import rules as product_rules
from lending.products.model import Product

MIGRATION = Path(__file__).parents[2] / "app/migrations/0060_lending.sql"


def card() -> Card:
    """The card as shipped: the migration is its only home."""
    text = MIGRATION.read_text()
    found = re.search(r"'2025-1', daterange\('2025-01-01', null\), '(\{.*?\n\})'", text, re.DOTALL)
    assert found is not None
    return msgspec.json.decode(found.group(1), type=Card)


def product(**changes: object) -> Product:
    values: dict[str, object] = {
        "code": "business_quick", "name_zh": "经营快贷", "name_en": "Business Quick Loan",
        "min_draw_fen": 100_000, "cap_fen": 500_000_000, "prime_rate_ppm": 30_000,
        "spread_ppm": 15_000, "penalty_ppm": 500_000,
        "methods": ["equal_instalment"], "terms_months": [12], "min_months_registered": 12,
        "sales_share_ppm": 300_000, "tax_multiple_ppm": 10_000_000, "facility_months": 12,
        "principal_first_after_days": 90,
    }  # fmt: skip
    return Product(**(values | changes))  # type: ignore[arg-type]


def features(**changes: object) -> Features:
    """A sound small firm with 1,000,000 yuan of invoices."""
    values: dict[str, object] = {
        "months_registered": 13, "months_active": 12, "inflow_12m_fen": 100_000_000,
        "monthly_inflow_fen": 8_333_333, "average_balance_fen": 6_000_000,
        "returned_payments_12m": 0, "invoiced_12m_fen": 100_000_000, "red_ratio_ppm": 0,
        "top_customer_ppm": 250_000, "tax_filed_12m_fen": 2_000_000, "payroll_headcount": 12,
        "overdue_here_days": 0,
    }  # fmt: skip
    return Features(**(values | changes))  # type: ignore[arg-type]


CLEAN = {
    "external_debt_fen": 0, "overdue_months_24": 0, "overdue_now_fen": 0,
    "worst_class": "normal", "inquiries_3_months": 1, "enforcement_cases": 0, "dishonest": False,
}  # fmt: skip


def decide(
    f: Features, report: dict[str, object] | None = CLEAN, *, debt_fen: int = 0,
    asked_fen: int | None = None, needed: bool = True, **changes: object,
) -> Verdict:  # fmt: skip
    return rules.decide(
        card(), f, report, product(**changes), debt_fen=debt_fen, asked_fen=asked_fen,
        report_needed=needed,
    )  # fmt: skip


def codes(verdict: Verdict) -> list[str]:
    return [reason.code for reason in verdict.reasons]


def test_a_sound_firm_gets_the_smallest_of_the_bounds() -> None:
    # 30 % of 1,000,000 sales = 300,000; 10 × 20,000 tax = 200,000; the product's 5,000,000.
    verdict = decide(features())
    assert (verdict.eligible, verdict.limit_fen) == (True, 20_000_000)
    assert "limited_by_tax" in codes(verdict)
    # 560 + 40 + 25 + 25 + 30 + 15 + 20 + 25 + 20 + 15 + 20 + 10
    assert verdict.score == 805


def test_existing_debt_and_the_amount_asked_for_lower_the_limit() -> None:
    assert decide(features(), debt_fen=5_000_000).limit_fen == 15_000_000
    asked = decide(features(), asked_fen=3_050_000)
    assert (asked.limit_fen, "limited_by_request" in codes(asked)) == (3_000_000, True)


def test_without_tax_data_half_the_share_of_sales_is_used() -> None:
    verdict = decide(features(tax_filed_12m_fen=None))
    assert verdict.limit_fen == 15_000_000
    assert codes(verdict)[0] == "no_tax_record"


@pytest.mark.parametrize(
    ("changes", "report", "code"),
    [
        ({"months_registered": 11}, CLEAN, "registered_too_short"),
        ({"overdue_here_days": 1}, CLEAN, "overdue_here"),
        ({"red_ratio_ppm": 400_001}, CLEAN, "many_red_invoices"),
        ({"invoiced_12m_fen": 0, "inflow_12m_fen": 0}, CLEAN, "no_sales"),
        ({"months_active": 0, "average_balance_fen": 0, "payroll_headcount": 0,
          "monthly_inflow_fen": 0, "invoiced_12m_fen": 1, "tax_filed_12m_fen": None,
          "returned_payments_12m": 9}, CLEAN, "score_too_low"),
        ({"invoiced_12m_fen": 300_000}, CLEAN, "limit_too_small"),
        ({}, CLEAN | {"dishonest": True}, "dishonest_debtor"),
        ({}, CLEAN | {"enforcement_cases": 1}, "court_enforcement"),
        ({}, CLEAN | {"overdue_now_fen": 1}, "overdue_elsewhere"),
        ({}, CLEAN | {"worst_class": "substandard"}, "bad_loan_elsewhere"),
        ({}, CLEAN | {"inquiries_3_months": 10}, "many_inquiries"),
        ({}, None, "no_bureau_report"),
    ],
)  # fmt: skip
def test_who_is_refused_is_told_why(
    changes: dict[str, object], report: dict[str, object] | None, code: str
) -> None:
    verdict = decide(features(**changes), report)
    assert (verdict.eligible, verdict.limit_fen) == (False, 0)
    assert code in [r.code for r in verdict.reasons if r.effect == "declines"]
    assert all(r.zh and r.en for r in verdict.reasons)


def test_an_offer_before_the_asking_needs_no_report() -> None:
    assert decide(features(), None, needed=False).eligible


def test_every_code_of_the_card_has_words() -> None:
    used = {k.code for k in card().knockouts} | {c.code for c in card().characteristics}
    assert used <= TEXTS.keys()


@given(tax=st.none() | st.integers(0, 10**10), more=st.integers(0, 10**10))
def test_nobody_is_worse_off_for_having_paid_tax(tax: int | None, more: int) -> None:
    before = decide(features(tax_filed_12m_fen=tax))
    after = decide(features(tax_filed_12m_fen=(tax or 0) + more))
    assert after.limit_fen >= before.limit_fen


@given(
    feature=st.sampled_from(
        ["months_active", "monthly_inflow_fen", "average_balance_fen", "invoiced_12m_fen",
         "tax_filed_12m_fen", "payroll_headcount"]
    ),
    low=st.integers(0, 10**12), more=st.integers(0, 10**12),
)  # fmt: skip
def test_more_of_a_good_thing_never_costs_points(feature: str, low: int, more: int) -> None:
    before = decide(features(**{feature: low}))
    after = decide(features(**{feature: low + more}))
    assert after.score >= before.score
    assert after.limit_fen >= before.limit_fen or feature == "invoiced_12m_fen"


def test_features_count_whole_months_and_shares_in_ppm() -> None:
    made = feature_rules.features(
        registered_on=date(2025, 9, 30), today=date(2026, 9, 29),
        settlement=Settlement(
            months_active=3, inflow_12m_fen=100, average_balance_fen=5, returned_payments_12m=1
        ),
        sales=Sales(invoiced_12m_fen=90, red_fen=10, top_customer_fen=50),
        wages=WagesAndTax(payroll_headcount=2, tax_filed_12m_fen=None), overdue_days=0,
    )  # fmt: skip
    assert made.months_registered == 11
    assert made.monthly_inflow_fen == 33
    assert (made.red_ratio_ppm, made.top_customer_ppm) == (100_000, 500_000)


def test_the_rate_is_lpr_plus_the_spread_and_overdue_is_half_more() -> None:
    assert product_rules.annual_rate(product()) == 45_000
    assert product_rules.overdue_rate(product()) == 67_500
    assert product_rules.overdue_rate(product(spread_ppm=6_500)) == 54_750  # 3.65 % × 1.5


def test_each_consent_is_asked_for_in_its_present_text() -> None:
    given_now = [NewConsent(kind=t.kind, text_version=t.version) for t in CONSENT_TEXTS]
    facilities.check_consents(given_now)
    with pytest.raises(ConsentMissing):
        facilities.check_consents(given_now[1:])
    with pytest.raises(ConsentTextOutdated):
        old = NewConsent(kind="bureau", text_version="2019-1")
        facilities.check_consents([old, *given_now[1:]])


def test_an_offered_or_ended_limit_cannot_be_drawn_on() -> None:
    found = Facility(
        id=UUID(int=1), product_code="business_quick", decision_id=UUID(int=2), limit_fen=100,
        used_fen=30, state="active", granted_on=date(2026, 1, 31), ends_on=date(2027, 1, 31),
        version=1,
    )  # fmt: skip
    today = date(2026, 6, 1)
    facilities.check_drawing(found, 70, today=today)
    with pytest.raises(LimitExceeded):
        facilities.check_drawing(found, 71, today=today)
    for closed in (
        msgspec.structs.replace(found, state="offered"),
        msgspec.structs.replace(found, ends_on=today),
    ):
        assert facilities.available(closed, today=today) == 0
        with pytest.raises(FacilityNotActive):
            facilities.check_drawing(closed, 1, today=today)
    assert product_rules.add_months(date(2026, 1, 31), 13) == date(2027, 2, 28)
