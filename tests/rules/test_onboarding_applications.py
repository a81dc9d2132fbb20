"""The course of an application, whose turn it is until when, and when a branch can be visited."""

from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.numbers.model import Branch
from onboarding.applications import rules
from onboarding.applications.model import LicenceFacts
from onboarding.counters import rules as counters
from onboarding.counters.model import Confirmed, NotConfirmed
from onboarding.promises import rules as promises
from onboarding.promises.model import Promises
from onboarding.registrations import rules as founding
from onboarding.visits import rules as visits
from onboarding.visits.model import Before, SlotKey, VisitNotOpen

MONDAY = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)  # 10:00 in Shanghai
PROMISES = Promises(check_minutes=10, review_working_days=1, applicant_days=30)
HOLIDAY = {date(2025, 10, day): "holiday" for day in range(1, 9)}
BRANCH = Branch(
    code="0001", name="张江", address="示例路1号", area_code="310115", bank_code="102290000017",
    region="1001", number_code="0001", windows=3, opens_at=time(9), closes_at=time(17),
    visit_minutes=30,
)  # fmt: skip


class TestCourse:
    def test_an_ended_application_stays_ended(self):
        assert {"active", "refused", "referred", "cancelled"} == rules.ENDED
        for ended in rules.ENDED:
            assert not any(rules.may_move(ended, following) for following in rules.NEXT)

    def test_no_way_around_checks_reviewers_or_the_branch(self):
        reached = {state for state, following in rules.NEXT.items() if "active" in following}
        assert reached == {"approved"}
        assert [s for s, f in rules.NEXT.items() if "approved" in f] == [
            "submitted", "reviewing",
        ]  # fmt: skip
        assert [s for s, f in rules.NEXT.items() if "reviewing" in f] == ["submitted"]

    def test_every_open_state_is_somebodys_turn(self):
        for state in rules.NEXT:
            assert (rules.next_turn(state, None).acts is None) is (state in rules.ENDED)

    def test_reviewers_have_until_the_close_of_the_next_working_day(self):
        friday = datetime(2025, 9, 5, 2, 0, tzinfo=UTC)
        assert promises.due_at("reviewer", PROMISES, now=friday, special={}) == datetime(
            2025, 9, 8, 9, 30, tzinfo=UTC
        )
        eve = datetime(2025, 9, 30, 2, 0, tzinfo=UTC)
        assert promises.due_at("reviewer", PROMISES, now=eve, special=HOLIDAY) == datetime(
            2025, 10, 9, 9, 30, tzinfo=UTC
        )

    def test_machines_have_ten_minutes_and_the_ended_nothing(self):
        assert promises.due_at("system", PROMISES, now=MONDAY, special={}) == MONDAY + timedelta(
            minutes=10
        )
        assert promises.due_at(None, PROMISES, now=MONDAY, special={}) is None


class TestPapers:
    def test_who_brings_what(self):
        both = ["legal_rep_id_front", "legal_rep_id_back"]
        need = partial(rules.missing_documents, account_class="basic")
        assert need([], electronic_licence=True, handed_in=False) == both
        assert need([], electronic_licence=False, handed_in=False) == ["licence", *both]
        assert need(both, electronic_licence=False, handed_in=False) == ["licence"]
        assert need([], electronic_licence=False, handed_in=True) == []

    def test_the_accounts_name_is_the_licences(self):
        facts = {
            "uscc": "91330100799655058B", "area_code": "310115", "address": "示例路1号",
            "capital_fen": 0, "established_on": date(2025, 9, 1),
        }  # fmt: skip
        named = LicenceFacts(name="上海示例店", entity_type="individual_household", **facts)
        unnamed = LicenceFacts(entity_type="individual_household", **facts)
        company = LicenceFacts(entity_type="limited_company", **facts)
        assert rules.account_name(named, operator="王小微") == "上海示例店"
        assert rules.account_name(unnamed, operator="王小微") == "个体户王小微"
        assert rules.account_name(company, operator="王小微") is None


def test_an_outside_office_is_asked_again_less_and_less_often():
    waits = [
        founding.ask_again_seconds(MONDAY, MONDAY + timedelta(seconds=passed))
        for passed in (0, 1, 5, 60, 10_000)
    ]
    assert waits == [1, 1, 5, 60, 600]


class TestSlots:
    def test_a_working_day_has_sixteen_half_hours_and_none_of_the_past(self):
        tuesday, today = date(2025, 9, 2), date(2025, 9, 1)
        assert len(visits.moments(BRANCH, on=tuesday, now=MONDAY, special={})) == 16
        left = visits.moments(BRANCH, on=today, now=MONDAY, special={})
        assert left[0] == datetime(2025, 9, 1, 2, 30, tzinfo=UTC) and len(left) == 13
        yesterday = date(2025, 8, 29)
        assert visits.moments(BRANCH, on=yesterday, now=MONDAY, special={}) == []
        assert [
            visits.bookable(on, today=today, days_ahead=30)
            for on in (yesterday, today, date(2025, 10, 1), date(2025, 10, 2), date.max, date.min)
        ] == [False, True, True, False, False, False]

    def test_rest_days_and_holidays(self):
        saturday = date(2025, 9, 6)
        assert visits.moments(BRANCH, on=saturday, now=MONDAY, special={}) == []
        worked = {saturday: "makeup_workday"}
        assert len(visits.moments(BRANCH, on=saturday, now=MONDAY, special=worked)) == 16

    @given(st.integers(0, 1_000_000))
    def test_a_slot_is_found_by_its_name(self, minutes):
        at = MONDAY + timedelta(minutes=minutes)
        key = SlotKey(branch="0001", starts_at=at)
        assert visits.parse_slot(visits.slot_id(key)) == key

    def test_days_that_do_not_exist_have_no_slots(self):
        assert visits.parse_slot("0001-20250230-0930") is None
        assert visits.parse_slot("0001-20250903-2560") is None
        assert visits.parse_slot("0001-00010101-0000") is None
        assert visits.parse_slot("0001-00000101-0000") is None

    def test_what_is_left_is_never_less_than_nothing(self):
        moments = visits.moments(BRANCH, on=date(2025, 9, 2), now=MONDAY, special={})[:2]
        slots = visits.slots(BRANCH, moments, {moments[0]: 5})
        assert [slot.free for slot in slots] == [0, 3]


class TestCompletion:
    def test_identity_will_and_seals_are_all_needed(self):
        for missing in ("identity_confirmed", "will_confirmed", "seals_taken"):
            given_ = dict.fromkeys(
                ("identity_confirmed", "will_confirmed", "seals_taken"), True
            ) | {missing: False}
            with pytest.raises(NotConfirmed) as refused:
                counters.check_completion("checked_in", Confirmed(version=1, **given_), [])
            assert refused.value.facts["missing"] == [missing]

    def test_only_for_somebody_who_is_there(self):
        everything = Confirmed(
            version=1, identity_confirmed=True, will_confirmed=True, seals_taken=True
        )
        for state in ("booked", "completed", "cancelled"):
            with pytest.raises(VisitNotOpen):
                counters.check_completion(state, everything, [])
        counters.check_completion("checked_in", everything, [])
        counters.check_completion("serving", everything, [])

    def test_what_is_needed_must_have_been_seen(self):
        for entity_type in ("limited_company", "individual_household"):
            for comes in ("legal_representative", "agent"):
                bring = visits.checklist(
                    entity_type=entity_type, account_class="basic", electronic_licence=False,
                    comes=comes,
                )  # fmt: skip
                needed = [paper.code for paper in bring if paper.needed]
                assert {"licence", "legal_rep_id"} <= set(needed)
                assert ("agent_id" in needed) == (comes == "agent")
                assert ("official_seal" in needed) == (entity_type == "limited_company")
                for code in needed:
                    seen = [one for one in needed if one != code]
                    confirmed = Confirmed(
                        version=1, identity_confirmed=True, will_confirmed=True,
                        seals_taken=True, papers_seen=seen,
                    )  # fmt: skip
                    with pytest.raises(NotConfirmed) as refused:
                        counters.check_completion("serving", confirmed, bring)
                    assert refused.value.facts["missing"] == [code]


class TestQueue:
    def test_an_own_time_counts_unless_one_comes_later_or_on_another_day(self):
        at = MONDAY + timedelta(hours=3)
        assert visits.queue_at(at, MONDAY) == at
        assert visits.queue_at(MONDAY, at) == at
        assert visits.queue_at(at + timedelta(days=1), MONDAY) == MONDAY

    @given(st.integers(0, 500), st.integers(0, 50), st.integers(1, 50))
    def test_waiting_grows_with_the_queue_and_never_is_less_than_nothing(
        self, waiting, serving, windows
    ):
        def minutes(waiting):
            before = Before(waiting=waiting, serving=serving)
            return visits.wait_minutes(before, typical_minutes=20, windows=windows)

        assert 0 <= minutes(waiting) <= minutes(waiting + 1)
        # Ten before me at one window are two hundred minutes, at five windows a fifth.
        assert visits.wait_minutes(
            Before(waiting=9, serving=5), typical_minutes=20, windows=5
        ) == 40  # fmt: skip

    @given(st.text(max_size=80))
    def test_a_code_is_ours_or_nothing(self, text):
        assert visits.parse_code(text) is None
        code = visits.code_text(UUID(int=7), 3, 1_756_800_000) + ".signed"
        assert visits.parse_code(code) == (UUID(int=7), 3, 1_756_800_000, "signed")
        for wrong in (code.replace(".3.", ".+3."), code.replace(".3.", ".03."), code + ".x"):
            assert visits.parse_code(wrong) is None
