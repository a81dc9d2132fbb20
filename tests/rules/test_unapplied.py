"""Money that fits no account: who may decide what, what entries follow, the message of a return."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.unapplied import rules
from accounts.unapplied.model import (
    NotAnUnknownCredit,
    NothingProposed,
    Origin,
    StepDoesNotFit,
    Unapplied,
    UnappliedChanged,
    UnappliedDone,
    UnappliedUnderWay,
)
from app.approvals.model import SelfApproval
from app.outside.iso import returns

NOW = datetime(2025, 9, 1, 4, tzinfo=UTC)
ONE, OTHER, HOUSE, SUSPENSE = (UUID(int=n) for n in range(1, 5))
ITEM = Unapplied(
    id=UUID(int=9), reference="IN0009", moved_on=date(2025, 9, 1), amount_fen=500, why="no_account",
    state="found", wanted=None, wanted_why=None, to_business_id=None, to_account_id=None,
    to_number_tail=None, difference_id=None, proposed_by=None, proposed_at=None, agreed_by=None,
    agreed_at=None, answer="", return_id=None, returned_on=None, found_at=NOW, done_at=None,
    version=3,
)  # fmt: skip
PROPOSED = replace(
    ITEM, wanted="suspend", wanted_why="收款账号不存在", proposed_by=ONE, proposed_at=NOW
)
ORIGIN = Origin(
    id=UUID(int=8), reconciled_on=date(2025, 9, 1), direction="incoming", reference="IN0009",
    our_fen=None, their_fen=500, state="open",
)  # fmt: skip


def test_money_is_suspended_before_anything_else():
    rules.may_propose(ITEM, "suspend", version=3)
    with pytest.raises(StepDoesNotFit):
        rules.may_propose(ITEM, "return", version=3)
    suspended = replace(ITEM, state="suspended")
    rules.may_propose(suspended, "return", version=3)
    rules.may_propose(suspended, "assign", version=3)
    with pytest.raises(StepDoesNotFit):
        rules.may_propose(suspended, "suspend", version=3)


def test_two_people_decide_and_only_on_what_they_have_seen():
    rules.may_agree(PROPOSED, version=3, staff_id=OTHER)
    with pytest.raises(SelfApproval):
        rules.may_agree(PROPOSED, version=3, staff_id=ONE)
    with pytest.raises(UnappliedChanged):
        rules.may_agree(PROPOSED, version=2, staff_id=OTHER)
    with pytest.raises(NothingProposed):
        rules.may_agree(ITEM, version=3, staff_id=OTHER)
    agreed = replace(PROPOSED, agreed_by=OTHER, agreed_at=NOW)
    with pytest.raises(UnappliedUnderWay):
        rules.may_turn_down(agreed, version=3)
    with pytest.raises(UnappliedDone):
        rules.may_propose(replace(ITEM, state="returned"), "return", version=3)


@pytest.mark.parametrize(
    "changes", [{"direction": "outgoing"}, {"our_fen": 499}, {"their_fen": None},
                {"state": "resolved"}]
)  # fmt: skip
def test_only_what_the_clearing_house_alone_has_seen_come_in_is_suspended(changes):
    assert rules.may_be_suspended(ORIGIN) == 500
    with pytest.raises(NotAnUnknownCredit):
        rules.may_be_suspended(replace(ORIGIN, **changes))


@given(st.integers(1, 10**15))
def test_what_goes_into_suspense_comes_out_whole_by_either_way(amount_fen: int):
    item = replace(ITEM, amount_fen=amount_fen, to_business_id=uuid4(), to_account_id=uuid4())
    into = rules.suspended(item, house_id=HOUSE, suspense_id=SUSPENSE)
    back = rules.returned(item, house_id=HOUSE, suspense_id=SUSPENSE)
    for entry in (into, back):
        assert sum(leg.amount_fen for leg in entry.legs) == 0
    by_account = {HOUSE: 0, SUSPENSE: 0}
    for leg in (*into.legs, *back.legs):
        by_account[leg.account_id] += leg.amount_fen
    assert set(by_account.values()) == {0}
    ours, theirs = rules.assigned(item, suspense_id=SUSPENSE, transfer_id=uuid4(), remark="")
    for entry in (ours, theirs):
        assert sum(leg.amount_fen for leg in entry.legs) + entry.clearing_fen == 0
    assert ours.clearing_fen + theirs.clearing_fen == 0
    assert theirs.legs[0].amount_fen == amount_fen
    assert (theirs.kind, theirs.business_key) == ("credit", item.reference)


@given(st.integers(1, 10**13), st.sampled_from(sorted(rules.CODES)))
def test_a_return_is_read_as_it_was_written(amount_fen: int, why):
    item = replace(ITEM, amount_fen=amount_fen, why=why, return_id=UUID(int=77), wanted_why="退汇")
    read = returns.read_return(rules.message(item, our_bank="102100099996", now=NOW))
    assert (read.reference, read.about) == (str(UUID(int=77)), "IN0009")
    assert (read.amount_fen, read.why, read.words) == (amount_fen, rules.CODES[why], "退汇")
    assert (read.came_on, read.returned_on) == (date(2025, 9, 1), date(2025, 9, 1))
