"""Capital paid in within five years, shareholders, and beneficial owners along the chain."""

import itertools
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.registrations import rules
from onboarding.registrations.model import (
    Edge,
    FoundingLimits,
    Holding,
    RegistrationDraft,
    Shareholder,
)

LIMITS = FoundingLimits(
    paid_in_years=5,
    shareholders={"limited_company": (1, 50), "joint_stock_company": (1, 200)},
    beneficial_owner_ppm=250_000,
    name_reserved_months=2,
    registry_working_days=3,
    social_insurance_days=30,
    housing_fund_days=30,
)
FOUNDED = date(2025, 9, 1)


def share(id_number, subscribed, paid=0, due_on=date(2030, 9, 1), kind="person"):
    return Shareholder(
        name="王小微", id_number=id_number, subscribed_fen=subscribed, paid_fen=paid,
        due_on=due_on, kind=kind,
    )  # fmt: skip


def codes(*holders, entity_type="limited_company", capital=100):
    draft = RegistrationDraft(
        entity_type=entity_type, name="上海示例科技有限公司", area_code="310115",
        capital_fen=capital, shareholders=list(holders),
    )  # fmt: skip
    found = rules.check_capital(draft, limits=LIMITS, established_on=FOUNDED)
    return [finding.code for finding in found]


class TestCapital:
    def test_five_years_to_the_day_and_no_day_longer(self):
        assert codes(share("A1", 100, due_on=date(2030, 9, 1))) == []
        assert codes(share("A1", 100, due_on=date(2030, 9, 2))) == ["paid_in_too_late"]
        assert codes(share("A1", 100, due_on=date(2025, 8, 31))) == ["due_date_past"]

    def test_a_leap_days_fifth_year_ends_on_the_last_of_february(self):
        assert rules.add_months(date(2024, 2, 29), 60) == date(2029, 2, 28)
        assert rules.add_months(date(2025, 8, 31), 1) == date(2025, 9, 30)
        assert rules.add_months(date(2025, 11, 30), 2) == date(2026, 1, 30)

    def test_what_is_paid_needs_no_date(self):
        assert codes(share("A1", 100, paid=100, due_on=None)) == []
        assert codes(share("A1", 100, paid=99, due_on=None)) == ["due_date_missing"]

    def test_the_parts_are_the_whole(self):
        assert codes(share("A1", 60), share("B2", 40)) == []
        assert codes(share("A1", 60), share("B2", 41)) == ["capital_does_not_add_up"]
        assert "paid_more_than_subscribed" in codes(share("A1", 100, paid=101))
        assert "shareholder_twice" in codes(share("A1", 60), share("A1", 40))

    def test_how_many_shareholders(self):
        assert codes(*[share(f"A{n}", 2) for n in range(50)]) == []
        assert "shareholder_count" in codes(*[share(f"A{n}", 2) for n in range(51)], capital=102)
        assert "shareholder_count" in codes(capital=0)

    def test_a_company_has_a_capital(self):
        assert codes(share("A1", 0), capital=0) == ["capital_missing"]

    def test_a_joint_stock_company_is_paid_before_it_exists(self):
        kind = "joint_stock_company"
        assert codes(share("A1", 100, paid=100), entity_type=kind) == []
        assert codes(share("A1", 100, paid=50), entity_type=kind) == ["must_be_paid_before"]

    def test_a_household_has_neither_capital_nor_shareholders(self):
        kind = "individual_household"
        assert codes(entity_type=kind, capital=0) == []
        assert codes(entity_type=kind) == ["no_capital_for_type"]
        assert codes(share("A1", 0), entity_type=kind, capital=0) == ["no_shareholders_for_type"]


def own(held, holder, ppm, person=False):
    return Edge(held=held, holder=holder, part=ppm, whole=1_000_000, person=person)


def owners(*holdings):
    found = rules.beneficial_owners(
        "TT", holdings, at_least_ppm=LIMITS.beneficial_owner_ppm, in_charge="LR"
    )
    return [(owner.holder, owner.share_ppm, owner.relation) for owner in found]


class TestBeneficialOwners:
    def test_exactly_a_quarter_counts(self):
        assert owners(own("TT", "P1", 750_000, True), own("TT", "P2", 250_000, True)) == [
            ("P1", 750_000, "equity"),
            ("P2", 250_000, "equity"),
        ]

    def test_shares_multiply_along_the_chain_and_add_over_paths(self):
        chain = [
            own("TT", "FF", 400_000), own("TT", "P1", 600_000, True),
            own("FF", "P1", 100_000, True), own("FF", "P2", 900_000, True),
        ]  # fmt: skip
        assert owners(*chain) == [("P1", 640_000, "equity"), ("P2", 360_000, "equity")]

    def test_a_ring_is_followed_to_its_end(self):
        ring = [
            own("TT", "FF", 500_000), own("TT", "P1", 500_000, True),
            own("FF", "TT", 1_000_000),
        ]  # fmt: skip
        assert owners(*ring) == [("P1", 1_000_000, "equity")]

    def test_the_shareholders_own_by_what_they_subscribed(self):
        draft = RegistrationDraft(
            entity_type="limited_company", name="上海示例科技有限公司", area_code="310115",
            capital_fen=300, shareholders=[share("P1", 100), share("F1", 200, kind="firm")],
            holdings=[
                Holding(held="F1", holder="P2", holder_name="李小微", person=True, ppm=1_000_000)
            ],
        )  # fmt: skip
        shares = rules.effective_shares("TT", rules.edges(draft, target="TT"))
        assert shares == {"P1": Fraction(1, 3), "P2": Fraction(2, 3)}

    def test_nobody_holds_enough_so_the_one_in_charge_is_named(self):
        assert owners(*[own("TT", f"P{n}", 200_000, True) for n in range(5)]) == [
            ("LR", 0, "in_charge")
        ]

    @pytest.mark.parametrize(
        ("chain", "code"),
        [
            ([own("TT", "P1", 999_999, True)], "holdings_do_not_reach_100"),
            ([own("TT", "FF", 1_000_000)], "owner_of_owner_missing"),
            ([Edge(held="TT", holder="P1", person=True, part=0, whole=0)], "do_not_reach_100"),
            (
                [own(f"F{n}" if n else "TT", f"F{n + 1}", 1_000_000) for n in range(31)],
                "chain_too_long",
            ),
            (
                [own("TT", "FF", 1_000_000), own("FF", "TT", 1_000_000)],
                "ownership_ring_without_person",
            ),
        ],
    )
    def test_a_chain_that_is_not_whole_is_refused(self, chain, code):
        with pytest.raises(ValueError, match=code):
            owners(*chain)

    @given(st.data())
    def test_the_persons_together_hold_everything(self, data):
        firms = ["TT"] + [f"F{n}" for n in range(data.draw(st.integers(0, 5)))]
        holdings = []
        for firm in firms:
            # at least one part in a hundred is a person's, so that no ring is closed
            cuts = data.draw(st.lists(st.integers(1, 989_999), max_size=3, unique=True))
            edges = [0, *sorted(cuts), 990_000]
            for low, high in itertools.pairwise(edges):
                holder = data.draw(st.sampled_from([*firms, "P1", "P2"]))
                holdings.append(own(firm, holder, high - low, holder.startswith("P")))
            holdings.append(own(firm, "P3", 10_000, True))
        shares = rules.effective_shares("TT", holdings)
        assert sum(shares.values(), Fraction(0)) == 1
        assert all(part >= 0 for part in shares.values())
