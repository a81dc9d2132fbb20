"""The reviewers' clock counts working time only; who may take a case; numbers stay masked."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.clock import SHANGHAI
from onboarding.checks.model import Compared, ComparedFields
from onboarding.colleagues import rules as presence
from onboarding.colleagues.model import Absence, BadAbsence, NewAbsence, ReviewTerms
from onboarding.oversight import rules as oversight
from onboarding.oversight.model import BadPeriod, Counted
from onboarding.reviews import rules
from onboarding.reviews.model import (
    AlreadyYours,
    AssignedToAnother,
    ClaimedByAnother,
    CodesNeeded,
    NewDecision,
    NotClaimed,
    OwnFirm,
    ReviewNotOpen,
    ReviewRow,
    WaitingForApplicant,
)
from onboarding.workbench import rules as words

TERMS = ReviewTerms(
    lease_minutes=15, opens_minute=540, closes_minute=1050, high_risk_from=40,
    high_risk_minutes=120, usual_minutes=240, soon_minutes=60, answer_days=5,
    claims_at_most=20, central_branch="0000",
)  # fmt: skip
# National Day 2025: the first to the eighth of October are off, 28 September is worked.
SPECIAL = {date(2025, 10, day): "holiday" for day in range(1, 9)} | {
    date(2025, 9, 28): "makeup_workday"
}
LI, ZHOU, SUN = UUID(int=1), UUID(int=2), UUID(int=3)
NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
FIRST, LAST = (datetime.fromisoformat(day) for day in ("2025-08-01", "2025-12-01"))
moments = st.datetimes(FIRST, LAST).map(
    lambda moment: moment.replace(microsecond=0, tzinfo=SHANGHAI)
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def review(**more: object) -> ReviewRow:
    made = {
        "business_id": UUID(int=9), "id": UUID(int=8), "application_id": UUID(int=7), "version": 3,
        "round": 1, "branch": "0001", "uscc": "", "levels": 2, "approved_by": [],
        "risk_score": 50, "calm": 0, "reason_codes": [], "account_name": "", "state": "open",
        "account_class": "basic", "claimed_by": None, "lease_until": None, "assigned_to": None,
        "waiting_since": None, "minutes_left": None, "escalated_at": None,
        "due_at": NOW, "opened_at": NOW, "decided_at": None,
    }  # fmt: skip
    return ReviewRow(**(made | more))


@pytest.mark.parametrize(
    ("opened", "minutes", "due"),
    [
        ("2025-09-01 09:00", 240, "2025-09-01 13:00"),
        ("2025-09-01 16:30", 240, "2025-09-02 12:00"),  # an hour today, three tomorrow
        ("2025-09-01 06:00", 120, "2025-09-01 11:00"),  # before the doors open
        ("2025-09-05 17:30", 60, "2025-09-08 10:00"),  # Friday's close: Monday
        ("2025-09-30 17:00", 60, "2025-10-09 09:30"),  # over the holidays
        ("2025-09-27 12:00", 60, "2025-09-28 10:00"),  # a Sunday that is worked
    ],
)
def test_worked_examples_of_the_clock(opened, minutes, due):
    found = rules.due_after(at(opened), minutes, special=SPECIAL, terms=TERMS)
    assert found == at(due)


@given(moments, st.integers(0, 3000))
def test_what_is_due_after_so_many_minutes_is_so_many_minutes_away(now, minutes):
    due = rules.due_after(now, minutes, special=SPECIAL, terms=TERMS)
    assert rules.minutes_between(now, due, special=SPECIAL, terms=TERMS) == minutes
    assert rules.minutes_between(due, now, special=SPECIAL, terms=TERMS) == -minutes


@given(moments, moments, moments)
def test_time_adds_up(one, two, three):
    first, middle, last = sorted((one, two, three))

    def between(a, b):
        return rules.minutes_between(a, b, special=SPECIAL, terms=TERMS)

    assert 0 <= between(first, last) - between(first, middle) - between(middle, last) <= 1


def test_who_may_take_a_case():
    soon = NOW + timedelta(minutes=5)
    taken = {"claimed_by": ZHOU, "lease_until": soon}
    for case, error in (
        (review(state="approved", decided_at=NOW), ReviewNotOpen),
        (review(approved_by=[LI]), AlreadyYours),
        (review(waiting_since=NOW, minutes_left=3), WaitingForApplicant),
        (review(**taken), ClaimedByAnother),
        (review(assigned_to=ZHOU), AssignedToAnother),
    ):
        with pytest.raises(error):
            rules.check_claim(case, staff_id=LI, now=NOW, barred=False)
    with pytest.raises(OwnFirm):
        rules.check_claim(review(), staff_id=LI, now=NOW, barred=True)
    free = (
        review(), review(claimed_by=ZHOU, lease_until=NOW), review(assigned_to=LI),
        review(assigned_to=ZHOU, escalated_at=NOW),
    )  # fmt: skip
    for case in free:
        rules.check_claim(case, staff_id=LI, now=NOW, barred=False)
    rules.check_claim(review(assigned_to=ZHOU), staff_id=LI, now=NOW, barred=False, supervisor=True)


def test_only_whoever_holds_it_decides_and_says_why():
    approve = NewDecision(version=3, decision="approve")
    with pytest.raises(NotClaimed):
        rules.check_decision(review(), approve, staff_id=LI, now=NOW, barred=False)
    held = review(claimed_by=LI, lease_until=NOW + timedelta(seconds=1))
    rules.check_decision(held, approve, staff_id=LI, now=NOW, barred=False)
    with pytest.raises(CodesNeeded):
        rules.check_decision(
            held, NewDecision(version=3, decision="refuse"), staff_id=LI, now=NOW, barred=False
        )


def test_risk_decides_how_long_it_may_take():
    assert [rules.minutes_for(score, TERMS) for score in (0, 39, 40, 90)] == [240, 240, 120, 120]


def test_numbers_in_compared_fields_are_masked():
    kept = [
        ComparedFields(kind="resident_id", fields=[
            Compared(field="owners", ours="王小微 310115199003070017", theirs="电话13812345678",
                     same=False, origin="own_records"),
        ]),
    ]  # fmt: skip
    (one,) = rules.compare(kept)
    assert "19900307" not in one.claimed and one.claimed.startswith("王小微 310")
    assert one.found == "电话138****5678"


@given(
    st.lists(st.tuples(st.sampled_from([LI, ZHOU, SUN]), st.sampled_from([None, LI, ZHOU, SUN])))
)
def test_whoever_takes_over_is_there(pairs):
    absences = [
        Absence(id=UUID(int=n), staff_id=who, stand_in=stand_in, from_at=NOW,
                until_at=NOW + timedelta(days=1))
        for n, (who, stand_in) in enumerate(pairs)
    ]  # fmt: skip
    taker = presence.who_takes(absences, staff_id=LI, now=NOW)
    away = {absence.staff_id for absence in absences}
    assert taker is None or taker not in away
    if LI not in away:
        assert taker == LI


def test_absences_are_sane():
    day = timedelta(days=1)
    good = NewAbsence(from_at=NOW, until_at=NOW + day)
    presence.check_absence(good, staff_id=LI, colleagues={}, now=NOW)
    for bad in (
        msgspec.structs.replace(good, until_at=NOW),
        msgspec.structs.replace(good, until_at=NOW + 100 * day),
        msgspec.structs.replace(good, stand_in=LI),
        msgspec.structs.replace(good, stand_in=ZHOU),
        NewAbsence(from_at=NOW - 2 * day, until_at=NOW - day),
    ):
        with pytest.raises(BadAbsence):
            presence.check_absence(bad, staff_id=LI, colleagues={}, now=NOW)


def test_periods_and_shares():
    today = date(2025, 9, 10)
    assert oversight.period(None, None, today=today) == (date(2025, 8, 12), date(2025, 9, 11))
    for first, until in ((today, today), (date(2020, 1, 1), today)):
        with pytest.raises(BadPeriod):
            oversight.period(first, until, today=today)
    nothing = {field.name: 0 for field in msgspec.structs.fields(Counted)} | {"oldest_at": None}
    assert oversight.first_pass(Counted(**nothing)) is None
    some = nothing | {"first_rounds": 3, "first_rounds_approved": 2}
    assert oversight.first_pass(Counted(**some)) == 666_667


def test_the_clock_in_words():
    assert [words.in_words(one) for one in (0, 59, 60, 125, -61)] == [
        "0分", "59分", "1小时", "2小时5分", "1小时1分",
    ]  # fmt: skip
    assert words.left(review(), -5) == "超时5分" and words.left(review(), 5) == "剩5分"
    waiting = review(waiting_since=NOW, minutes_left=4)
    assert words.left(waiting, 4) == "等待补件"
    assert words.tone(waiting, 4, soon=60) == "waiting"
    assert [words.tone(review(), one, soon=60) for one in (-1, 59, 60)] == ["late", "soon", "calm"]
