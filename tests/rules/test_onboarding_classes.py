"""Account classes: what each asks for before the outside is asked."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.classes import rules
from onboarding.classes.model import Bounds, ClassPolicy, ClassTerms

TODAY = date(2025, 9, 1)
POLICY = ClassPolicy(
    temporary_months_most=24,
    simplified_types=["limited_company", "individual_household"],
    simplified_capital_most_fen=1_000_000_000,
    simplified_bounds=Bounds(single_fen=5_000_000, daily_fen=10_000_000),
)
NUMBER = "J2900000012301"


def refusal(account_class, *, has_basic=False, **terms):
    return rules.refusal(
        account_class, ClassTerms(**terms), has_basic=has_basic, policy=POLICY, today=TODAY
    )


def test_the_basic_account_comes_first_and_once():
    assert refusal("basic") is None
    assert refusal("basic", has_basic=True) == "basic_account_exists"
    for other in ("general", "special", "temporary"):
        assert refusal(other) == "basic_account_first"
    assert refusal("general", has_basic=True) is None
    assert refusal("general", basic_account_number=NUMBER) is None


@pytest.mark.parametrize(
    ("account_class", "terms", "code"),
    [
        ("special", {}, "special_purpose_needed"),
        ("special", {"special_purpose": "migrant_wages"}, None),
        ("temporary", {}, "temporary_reason_needed"),
        ("temporary", {"temporary_reason": "temporary_body"}, "term_needed"),
        (
            "temporary",
            {"temporary_reason": "temporary_body", "until_on": TODAY},
            "term_needed",
        ),
        (
            "temporary",
            {"temporary_reason": "temporary_body", "until_on": date(2027, 9, 1)},
            None,
        ),
        (
            "temporary",
            {"temporary_reason": "temporary_body", "until_on": date(2027, 9, 2)},
            "term_too_long",
        ),
        ("general", {"until_on": date(2026, 1, 1)}, "until_on_not_for_general"),
        ("basic", {"special_purpose": "party_dues"}, "special_purpose_not_for_basic"),
    ],
)
def test_each_class_says_what_it_is_for_and_until_when(account_class, terms, code):
    basic = {} if account_class == "basic" else {"basic_account_number": NUMBER}
    assert refusal(account_class, **basic, **terms) == code


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 48))
def test_months_later_is_that_month_and_never_a_later_day(day, months):
    later = rules.months_later(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day
    assert later.day == day.day or (later.month != day.month and later.day >= 28)


def test_the_simplified_way_is_for_small_firms_basic_accounts():
    def asked(opening="simplified", account_class="basic", kind="limited_company", capital=100):
        return rules.simplified_refusal(
            opening, account_class, entity_type=kind, capital_fen=capital, policy=POLICY
        )

    assert asked() is None
    assert asked("full", "general", "joint_stock_company", 10**12) is None
    assert asked(account_class="general") == "simplified_for_basic_only"
    assert asked(kind="joint_stock_company") == "simplified_for_small_firms_only"
    assert asked(capital=1_000_000_001) == "simplified_for_small_firms_only"


def test_some_classes_prove_by_paper():
    assert rules.documents("basic") == rules.documents("general") == []
    assert rules.documents("special") == ["special_purpose_proof"]
    assert rules.documents("temporary") == ["temporary_proof"]
