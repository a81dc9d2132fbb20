"""What each kind of firm asks: owners, capital within five years, offices held, who signs."""

from datetime import date

import msgspec
import pytest

from app.reference import rules as identifiers
from onboarding.forms import rules as forms
from onboarding.forms.model import (
    LegalRepresentative,
    Officer,
    RegistrationDraft,
    Shareholder,
)
from onboarding.founders import rules
from onboarding.kinds import rules as kinds
from onboarding.kinds.model import FoundingLimits

LIMITS = FoundingLimits(
    paid_in_years=5,
    shareholders={
        "limited_company": (1, 50), "joint_stock_company": (1, 200), "partnership": (2, 50),
        "farmers_cooperative": (5, 200),
    },
    beneficial_owner_ppm=250_000,
    name_reserved_months=2,
    registry_working_days=3,
    social_insurance_days=30,
    housing_fund_days=30,
    approved_name_months=12,
    owners_pledge_capital_fen=1_000_000_000,
    staff_director_from=300,
    farmers_ppm=800_000,
)  # fmt: skip
FOUNDED = date(2025, 9, 1)


def share(id_number, subscribed, paid=0, due_on=date(2030, 9, 1), **more):
    return Shareholder(
        name="王小微", id_number=id_number, subscribed_fen=subscribed, paid_fen=paid,
        due_on=due_on, **more,
    )  # fmt: skip


def form(*holders, entity_type="limited_company", capital=100, **more):
    more = {"name": "上海示例科技有限公司"} | more
    return RegistrationDraft(
        entity_type=entity_type, area_code="310115", capital_fen=capital,
        shareholders=list(holders), **more,
    )  # fmt: skip


def codes(*holders, **more):
    draft = form(*holders, **more)
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


def person(sequence, born="19900307"):
    first = f"310115{born}{sequence:03d}"
    return LegalRepresentative(
        name="王小微", id_number=first + identifiers.resident_check(first), phone="13812345678"
    )


def officer(who, position, of_staff=False):
    return Officer(
        name=who.name, id_number=who.id_number, phone=who.phone, position=position,
        of_staff=of_staff,
    )  # fmt: skip


GENERAL, LIMITED = {"role": "general_partner"}, {"role": "limited_partner"}


class TestPartnerships:
    def partners(self, *holders, name="上海示例咨询合伙企业（有限合伙）", **more):
        return codes(*holders, entity_type="partnership", name=name, **more)

    def test_a_limited_partnership_has_both_kinds(self):
        assert self.partners(share("A1", 60, **GENERAL), share("B2", 40, **LIMITED)) == []
        both = share("A1", 60, **GENERAL), share("B2", 40, **GENERAL)
        assert self.partners(*both) == ["limited_partner_missing"]
        both = share("A1", 60, **LIMITED), share("B2", 40, **LIMITED)
        assert self.partners(*both) == ["general_partner_missing"]

    def test_a_general_partnership_has_only_general_partners(self):
        name = "上海示例咨询合伙企业（普通合伙）"
        both = share("A1", 60, **GENERAL), share("B2", 40, **LIMITED)
        assert self.partners(*both, name=name) == ["only_general_partners"]

    def test_every_partner_says_as_what_and_one_alone_is_none(self):
        assert "partner_role_missing" in self.partners(share("A1", 60), share("B2", 40))
        assert "shareholder_count" in self.partners(share("A1", 100, **GENERAL))

    def test_only_a_general_partner_brings_labour_and_is_in_charge(self):
        both = share("A1", 60, form="labour", **GENERAL), share("B2", 40, **LIMITED)
        assert self.partners(*both) == []
        both = share("A1", 60, **GENERAL), share("B2", 40, form="labour", **LIMITED)
        assert self.partners(*both) == ["labour_is_no_capital"]
        head = person(1)
        both = share(head.id_number, 60, **LIMITED), share("B2", 40, **GENERAL)
        found = self.partners(*both, legal_representative=head)
        assert found == ["managing_partner_is_general"]


class TestSmallFirms:
    def test_a_sole_proprietorship_is_one_persons_who_is_in_charge(self):
        head, kind = person(1), "sole_proprietorship"
        mine = share(head.id_number, 100)
        assert codes(mine, entity_type=kind, legal_representative=head) == []
        assert codes(entity_type=kind, legal_representative=head) == []
        found = codes(share("B2", 100), entity_type=kind, legal_representative=head)
        assert found == ["investor_is_in_charge"]
        firm = share("91310115MA1FL0AA21", 100, kind="firm")
        assert "investor_must_be_a_person" in codes(firm, entity_type=kind)
        assert "one_investor_only" in codes(share("A1", 50), share("B2", 50), entity_type=kind)

    def test_one_person_alone_may_have_a_limited_company(self):
        assert codes(share("A1", 100)) == []

    def test_four_in_five_of_a_cooperative_are_farmers(self):
        farmers = [share(f"A{n}", 20, role="farmer") for n in range(4)]
        kind = {"entity_type": "farmers_cooperative"}
        assert codes(*farmers, share("B2", 20), **kind) == []
        assert codes(*farmers[:3], share("B2", 20), share("C3", 20), **kind) == ["too_few_farmers"]
        assert "shareholder_count" in codes(*farmers, capital=80, **kind)

    def test_somebody_who_owns_nothing_is_no_owner(self):
        assert codes(share("A1", 100), share("B2", 0)) == ["nothing_subscribed"]


class TestOfficers:
    def check(self, *officers, **more):
        draft = form(share("A1", 100), officers=list(officers), **more)
        return [one.code for one in rules.check_officers(draft, limits=LIMITS)]

    def test_a_small_company_may_leave_them_out(self):
        assert self.check() == []
        assert self.check(staff_count=300) == ["staff_director_missing"]

    def test_the_representative_is_director_or_manager(self):
        one, two = person(1), person(2)
        assert self.check(officer(one, "director"), legal_representative=one) == []
        manager = officer(one, "director"), officer(two, "manager")
        assert self.check(*manager, legal_representative=two) == []
        found = self.check(officer(one, "director"), legal_representative=two)
        assert found == ["representative_holds_no_office"]

    def test_nobody_watches_over_themselves(self):
        one = person(1)
        both = officer(one, "director"), officer(one, "supervisor")
        assert self.check(*both) == ["supervisor_also_leads"]

    def test_a_large_company_has_somebody_of_its_staff_on_the_board(self):
        one, two = person(1), person(2)
        board = officer(one, "director"), officer(two, "director", of_staff=True)
        assert self.check(*board, staff_count=300, legal_representative=one) == []

    def test_a_joint_stock_company_has_directors_and_supervisors(self):
        kind = {"entity_type": "joint_stock_company"}
        assert self.check(**kind) == ["officers_missing"]
        board = officer(person(1), "director"), officer(person(2), "supervisor")
        assert self.check(*board, **kind) == []

    def test_others_have_none(self):
        draft = form(entity_type="individual_household", capital=0,
                     officers=[officer(person(1), "director")])  # fmt: skip
        found = rules.check_officers(draft, limits=LIMITS)
        assert [one.code for one in found] == ["no_officers_for_type"]


class TestSigning:
    def whole(self, **more):
        head = person(1)
        mine = {"phone": "13812345678"}
        return form(
            share(head.id_number, 60, **mine), share(person(2).id_number, 40, **mine),
            address="上海市浦东新区示例路88号", scope=["软件开发"], legal_representative=head,
            **more,
        )  # fmt: skip

    def findings(self, draft):
        return [one.code for one in rules.findings(draft, limits=LIMITS, today=FOUNDED)]

    def test_everyone_signs_once_with_all_that_they_are(self):
        signers, found = forms.signatories(self.whole(officers=[officer(person(1), "director")]))
        assert found == []
        assert [one.capacities for one in signers] == [
            ["legal_representative", "shareholder", "director"], ["shareholder"],
        ]  # fmt: skip

    def test_a_firm_signs_by_its_representative_and_nobody_is_out_of_reach(self):
        firm = share("91310115MA1FL0AA21", 40, kind="firm")
        draft = msgspec.structs.replace(
            self.whole(), shareholders=[self.whole().shareholders[0], firm]
        )
        assert "representative_missing" in self.findings(draft)
        mute = msgspec.structs.replace(self.whole().shareholders[1], phone=None)
        draft = msgspec.structs.replace(
            self.whole(), shareholders=[self.whole().shareholders[0], mute]
        )
        assert self.findings(draft) == ["phone_missing"]

    def test_nobody_under_age_signs(self):
        young = person(3, born="20100307")
        draft = msgspec.structs.replace(self.whole(), legal_representative=young)
        assert "under_age" in self.findings(draft)

    def test_any_change_changes_the_text_and_what_changed_is_named(self):
        before = self.whole()
        assert self.findings(before) == []
        phone = msgspec.structs.replace(before.legal_representative, phone="13900000000")
        for after in (
            msgspec.structs.replace(before, address="上海市浦东新区另外路1号"),
            msgspec.structs.replace(before, legal_representative=phone),
        ):
            assert forms.text(before, version=1) != forms.text(after, version=1)
        assert forms.changed(before, after) == ["legal_representative"]
        assert forms.text(before, version=1) != forms.text(before, version=2)

    def test_no_whole_number_stands_in_the_text(self):
        draft = self.whole()
        for holder in draft.shareholders:
            assert holder.id_number not in forms.text(draft, version=1)


def test_the_kinds_of_firm_and_how_they_differ():
    found = {one.entity_type: one for one in kinds.kinds(LIMITS)}
    assert len(found) == 6
    limited, household = found["limited_company"], found["individual_household"]
    assert (limited.fewest_owners, limited.most_owners, limited.paid_in_years) == (1, 50, 5)
    assert (household.liability, household.capital, household.only_persons) == (
        "unlimited", "none", True,
    )  # fmt: skip
    assert found["partnership"].taxed == "pass_through"
    assert "有限公司" in limited.endings and "有限公司" not in household.endings


@pytest.mark.parametrize("code", rules.BROKEN)
def test_whatever_breaks_a_chain_is_said_in_words(code):
    assert rules.BROKEN[code]
