"""Checks: what each compares, what its findings weigh, and the route that follows."""

from datetime import date
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.screening import rules as screening
from accounts.screening.model import Candidate, Subject
from app.reference import rules as identifiers
from onboarding.checks import rules
from onboarding.checks.model import (
    BasicAccount,
    Claimed,
    FaceAnswer,
    Facts,
    HitFound,
    Owner,
    RegisterEntry,
    RiskPolicy,
    Shared,
)

TODAY = date(2025, 9, 1)
ROOT = Path(__file__).resolve().parents[2]


def born(day):
    first = f"310115{day}001"
    return first + identifiers.resident_check(first)


CLAIMED = Claimed(
    account_class="basic", opening="full", basic_account_number=None,
    own_bank_code="102290000017", account_name="上海示例（集团）贸易有限公司",
    entity_type="limited_company", address="上海市浦东新区示例路88号", capital_fen=100,
    established_on=date(2020, 1, 1), licence_until=None, expected_monthly_fen=0,
    legal_representative="王小微", id_number="11010519491231002X",
    id_valid_until=date(2035, 1, 1), owners=[],
)  # fmt: skip
ENTRY = RegisterEntry(
    name="上海示例(集团)贸易有限公司", address="上海市浦东新区示例路 88号", capital_fen=100,
    legal_representative="王小微", status="存续", entity_type="limited_company",
    registered_on=date(2020, 1, 1),
)  # fmt: skip
CLEAN = Facts(
    claimed=CLAIMED, register=ENTRY, face=FaceAnswer(matched=True, score_ppm=950_000, code=""),
    hits=[], basic=None, filed_owners=None, own_basic_account=False, shared=[],
)  # fmt: skip
ELSEWHERE = BasicAccount(filing_number="J2900000012301", bank_code="103100000026")
OWNER = Owner(name="王小微", id_number="11010519491231002X")


def policy():
    """The policy that stands in the migration, as the database has it."""
    text = (ROOT / "app/migrations/0107_screening_of_openings.sql").read_text("utf-8")
    value = text[text.index('\'{"version"') + 1 : text.index("}',") + 1]
    return msgspec.json.decode(value, type=RiskPolicy)


POLICY = policy()


def checked(facts):
    return rules.run(facts, today=TODAY, policy=POLICY)


def judged(facts):
    return rules.judge(checked(facts), opening=facts.claimed.opening, policy=POLICY)


def claimed(**more):
    return msgspec.structs.replace(CLEAN, claimed=msgspec.structs.replace(CLAIMED, **more))


def entry(**more):
    return msgspec.structs.replace(CLEAN, register=msgspec.structs.replace(ENTRY, **more))


def shared(**firms):
    found = [Shared(kind=kind, firms=count) for kind, count in firms.items()]
    return msgspec.structs.replace(CLEAN, shared=found)


def general(**more):
    facts = claimed(account_class="general", basic_account_number="J2900000012301", **more)
    return msgspec.structs.replace(facts, basic=ELSEWHERE)


def hit(list_name="penalty", certain=True):
    return HitFound(part="firm", list=list_name, how="id", certain=certain, entry_id="x")


def test_a_known_firm_without_findings_needs_one_reviewer():
    verdict = judged(CLEAN)
    assert (verdict.risk_score, verdict.reason_codes, verdict.route) == (0, [], "one_reviewer")


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        (msgspec.structs.replace(CLEAN, register=None), "registry_not_found"),
        (entry(status="注销"), "registry_status"),
        (entry(name="上海另家贸易有限公司"), "name_differs"),
        (entry(legal_representative="李小微"), "legal_representative_differs"),
        (claimed(licence_until=date(2025, 8, 31)), "licence_expired"),
        (claimed(id_valid_until=date(2025, 8, 31)), "id_expired"),
        (claimed(id_number="110105194912310021"), "id_invalid"),
        (claimed(id_number=born("20080101")), "under_age"),
        (
            msgspec.structs.replace(
                CLEAN, face=FaceAnswer(matched=False, score_ppm=412_000, code="face")
            ),
            "face_differs",
        ),
        (msgspec.structs.replace(CLEAN, hits=[hit()]), "on_watch_list"),
        (msgspec.structs.replace(CLEAN, basic=ELSEWHERE), "basic_account_elsewhere"),
        (msgspec.structs.replace(CLEAN, own_basic_account=True), "basic_account_elsewhere"),
        (
            msgspec.structs.replace(
                CLEAN, face=FaceAnswer(matched=False, score_ppm=0, code="name", pictured=False)
            ),
            "id_not_in_register",
        ),
        (msgspec.structs.replace(general(), basic=None), "no_basic_account"),
        (
            msgspec.structs.replace(
                general(),
                basic=BasicAccount(filing_number="J2900000099901", bank_code="103100000026"),
            ),
            "basic_number_differs",
        ),
        (general(own_bank_code="103100000026"), "general_where_basic_is"),
    ],
)
def test_a_conflict_is_for_the_branch_whatever_the_rest_says(facts, code):
    verdict = judged(facts)
    assert code in verdict.reason_codes and verdict.route == "branch"
    check = next(c for c in checked(facts) if code in c.codes)
    assert check.result == "failed"


@pytest.mark.parametrize(
    ("facts", "codes", "route"),
    [
        (claimed(licence_until=TODAY), ["licence_expires_soon"], "one_reviewer"),
        (
            msgspec.structs.replace(
                claimed(established_on=date(2025, 8, 1)),
                register=msgspec.structs.replace(ENTRY, registered_on=date(2025, 8, 1)),
            ),
            ["new_firm"],
            "two_reviewers",
        ),
        (claimed(established_on=date(2020, 1, 2)), ["established_differs"], "one_reviewer"),
        (claimed(entity_type="partnership"), ["type_differs"], "two_reviewers"),
        (entry(address="上海市静安区"), ["address_differs"], "two_reviewers"),
        (entry(capital_fen=99), ["capital_differs"], "one_reviewer"),
        (claimed(expected_monthly_fen=2001), ["amount_out_of_scale"], "one_reviewer"),
        (msgspec.structs.replace(CLEAN, face=None), ["face_not_taken"], "one_reviewer"),
        (
            msgspec.structs.replace(CLEAN, hits=[hit("risk")]),
            ["on_risk_list"],
            "two_reviewers",
        ),
        (
            msgspec.structs.replace(CLEAN, hits=[hit(certain=False)]),
            ["possible_watch_list_match"],
            "two_reviewers",
        ),
        (
            shared(address=3, phone=1, legal_rep=3),
            ["address_shared_by_many", "legal_rep_shared_by_many", "phone_shared"],
            "branch",
        ),
        (
            shared(address=2, legal_rep=1),
            ["address_shared", "legal_rep_shared"],
            "two_reviewers",
        ),
    ],
)
def test_points_add_up_to_a_route(facts, codes, route):
    verdict = judged(facts)
    assert sorted(verdict.reason_codes) == sorted(codes)
    assert verdict.route == route
    assert verdict.risk_score == sum(POLICY.points[code] or 0 for code in codes)


def test_somebody_is_of_age_on_the_birthday():
    day_before = claimed(id_number=born("20070902"))
    on_the_day = claimed(id_number=born("20070901"))
    assert "under_age" in judged(day_before).reason_codes
    assert "under_age" not in judged(on_the_day).reason_codes


def test_a_general_account_may_be_where_there_is_a_basic_one():
    assert judged(general()).route == "one_reviewer"


def test_a_batch_and_a_refused_relative_are_noticed():
    batch = Shared(kind="address", firms=3, lately=3)
    related = Shared(kind="legal_rep", firms=1, refused=1)
    facts = msgspec.structs.replace(CLEAN, shared=[batch, related])
    verdict = judged(facts)
    assert set(verdict.reason_codes) == {
        "address_shared_by_many", "legal_rep_shared", "opened_in_batch", "related_to_refused",
    }  # fmt: skip
    assert verdict.route == "branch"
    crowd = Shared(kind="device", firms=9, lately=9, refused=9)
    assert judged(msgspec.structs.replace(CLEAN, shared=[crowd])).reason_codes == [
        "device_shared_by_many"
    ]


def test_owners_are_compared_with_those_filed_only_where_both_are_known():
    ours = claimed(owners=[OWNER])
    assert judged(ours).reason_codes == []
    agreed = msgspec.structs.replace(ours, filed_owners=[OWNER])
    assert judged(agreed).reason_codes == []
    stranger = Owner(name="李小微", id_number=born("19800101"))
    for filed in ([stranger], [OWNER, stranger], []):
        facts = msgspec.structs.replace(ours, filed_owners=filed)
        assert judged(facts).reason_codes == ["owners_differ"], filed
    unknown_here = msgspec.structs.replace(CLEAN, filed_owners=[stranger])
    assert judged(unknown_here).reason_codes == []


def test_nobody_looks_only_at_a_simplified_opening_that_is_clean():
    simple = claimed(opening="simplified", id_valid_until=None)
    assert judged(simple).route == "straight_through"
    unseen = msgspec.structs.replace(simple, face=None)
    assert judged(unseen).risk_score == 20 and judged(unseen).route == "straight_through"
    doubtful = msgspec.structs.replace(unseen, register=msgspec.structs.replace(ENTRY, address="x"))
    assert judged(doubtful).route == "two_reviewers"
    refused = msgspec.structs.replace(simple, register=None)
    assert judged(refused).route == "branch"


@given(st.sets(st.sampled_from(sorted(POLICY.points))), st.sampled_from(["full", "simplified"]))
def test_more_findings_never_make_the_route_easier(codes, opening):
    order = ["straight_through", "one_reviewer", "two_reviewers", "branch"]

    def route(found):
        checks = [rules._check("registry", sorted(found), {}, policy=POLICY)]
        return order.index(rules.judge(checks, opening=opening, policy=POLICY).route)

    for code in codes:
        assert route(codes - {code}) <= route(codes)


def test_each_compared_field_says_where_the_other_side_comes_from():
    checks = {check.kind: check for check in checked(entry(address="上海市静安区"))}
    fields = {one.field: one for one in checks["registry"].fields}
    assert set(fields) == {
        "name", "legal_representative", "address", "capital", "established", "type",
    }  # fmt: skip
    assert {one.origin for one in fields.values()} == {"public_register"}
    assert [name for name, one in fields.items() if not one.same] == ["address"]
    assert fields["address"].theirs == "上海市静安区"


def test_evidence_holds_nothing_personal():
    facts = msgspec.structs.replace(CLEAN, hits=[hit()], shared=[Shared(kind="phone", firms=2)])
    facts = msgspec.structs.replace(facts, filed_owners=[OWNER])
    kept = msgspec.json.encode([check.evidence for check in checked(facts)])
    for secret in ("王小微", CLAIMED.id_number, "示例路"):
        assert secret.encode() not in kept


def candidate(name, kind="person", id_index=None, list_name="penalty"):
    return Candidate(
        id=UUID(int=1), list=list_name, kind=kind, name=name, pinyin=screening.sound(name),
        id_index=id_index, reason="涉案账户", version=1,
    )  # fmt: skip


def how(subject, *entries):
    return [(found.how, found.certain) for found in screening.match([subject], entries)]


class TestWatchLists:
    person = Subject(part="legal_representative", kind="person", name="王小微", id_index=b"1")

    def test_the_same_id_is_certain_even_under_another_name(self):
        assert how(self.person, candidate("王大微", id_index=b"1")) == [("id", True)]

    def test_another_id_says_that_it_is_somebody_else(self):
        assert how(self.person, candidate("王小微", id_index=b"2")) == []

    def test_a_persons_name_alone_is_only_possible(self):
        assert how(self.person, candidate("王小微")) == [("name", False)]

    def test_a_homophone_is_possible(self):
        assert how(self.person, candidate("汪晓薇")) == [("pinyin", False)]
        assert how(self.person, candidate("李晓薇")) == []

    def test_a_firms_exact_name_is_certain(self):
        firm = Subject(part="firm", kind="firm", name="上海示例科技有限公司")
        assert how(firm, candidate("上海示例科技有限公司", "firm")) == [("name", True)]
        assert how(firm, candidate("上海示例科技有限公司")) == []
