"""Approval rules: places by role, in order or not, stand-ins, and nobody for their own."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from app.approvals import rules
from app.approvals.model import (
    AlreadyDecided,
    Approval,
    Authority,
    DecidedByYou,
    NotYourPlace,
    SelfApproval,
    Somebody,
    StaleVersion,
    Vote,
)

NOW = datetime(2025, 9, 1, 2, 0, tzinfo=UTC)
ROLES = ["owner", "finance", "checker"]
MAKER = UUID(int=1)


def question(*steps: list[str], in_order: bool = False, **changes) -> Approval:
    asked = Approval(
        id=UUID(int=5), business_id=UUID(int=6), kind="payment", object_id=UUID(int=7), version=2,
        scope="firm", levels=max(len(steps), 1), amount_fen=1, excluded=[f"person:{MAKER}"],
        requested_by=f"person:{MAKER}", requested_at=NOW, state="open", steps=list(steps),
        in_order=in_order, step_up=False, reminded_at=None, expires_at=None,
    )  # fmt: skip
    return replace(asked, **changes)


def vote(person: int, role: str, *, approve: bool = True, stands_for: UUID | None = None) -> Vote:
    return Vote(
        approval_id=UUID(int=5), principal=f"person:{UUID(int=person)}", approve=approve,
        role=role, stands_for=stands_for, decided_at=NOW,
    )  # fmt: skip


def test_nobody_answers_their_own_twice_late_or_what_they_have_not_seen():
    asked = question(["owner"])
    mine = f"person:{MAKER}"
    other = f"person:{UUID(int=2)}"
    with pytest.raises(SelfApproval):
        rules.check(asked, [], principal=mine, version=2)
    with pytest.raises(SelfApproval):
        rules.check(asked, [], principal=other, version=2, barred=True)
    with pytest.raises(DecidedByYou):
        rules.check(asked, [vote(2, "owner")], principal=other, version=2)
    with pytest.raises(StaleVersion):
        rules.check(asked, [], principal=other, version=1)
    with pytest.raises(AlreadyDecided):
        rules.check(replace(asked, state="expired"), [], principal=other, version=2)


def test_places_in_order_wait_for_their_turn():
    asked = question(["finance"], ["owner"], in_order=True)
    owner, finance = [Authority(role="owner")], [Authority(role="finance")]
    with pytest.raises(NotYourPlace) as refused:
        rules.authority(asked, [], owner, approve=True)
    assert refused.value.facts["next"] == ["finance"]
    assert rules.authority(asked, [], finance, approve=True) == finance[0]
    assert rules.authority(asked, [], owner, approve=False) == owner[0], "a no may come early"
    assert rules.authority(asked, [vote(2, "finance")], owner, approve=True) == owner[0]


@given(
    st.lists(st.lists(st.sampled_from(ROLES), min_size=1, max_size=3), min_size=1, max_size=4),
    st.lists(st.sampled_from(ROLES), max_size=4),
)
def test_people_are_seated_exactly_where_a_matching_exists(places, roles):
    possible = len(roles) <= len(places) and any(
        all(role in place for role, place in zip(roles, chosen, strict=True))
        for chosen in permutations(places, len(roles))
    )
    assert rules.seated(places, roles) is possible


def test_a_stand_in_answers_for_the_absent_but_not_for_the_maker_or_one_who_has_answered():
    absent = UUID(int=3)
    asked = question(["owner"], ["owner"])
    lent = [Authority(role="maker"), Authority(role="owner", stands_for=absent)]
    assert rules.authority(asked, [], lent, approve=True) == lent[1]
    with pytest.raises(NotYourPlace):
        rules.authority(asked, [vote(3, "owner")], lent, approve=True)
    makers = [Authority(role="owner", stands_for=MAKER)]
    with pytest.raises(NotYourPlace):
        rules.authority(asked, [], makers, approve=True)


def test_it_is_told_for_whom_a_question_waits():
    members = [
        Somebody(person_id=MAKER, role="owner"),
        Somebody(person_id=UUID(int=2), role="finance"),
        Somebody(person_id=UUID(int=3), role="owner"),
        Somebody(person_id=UUID(int=4), role="employee"),
    ]
    people = rules.somebodies(members, [(UUID(int=3), UUID(int=4))])
    shown = rules.pending(question(["owner"]), [], people)
    assert [(who.person_id.int, who.stands_for) for who in shown.waits_for] == [
        (3, None),
        (4, UUID(int=3)),
    ]
