"""Two sides of a date: every difference is found, both ways, and nothing else."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from accounts.movements.model import DIRECTIONS, Item, Total
from accounts.reconciliation import rules
from accounts.reconciliation.model import (
    ClaimedByAnother,
    Difference,
    DifferenceChanged,
    DifferenceResolved,
    NotClaimed,
)

KEYS = st.tuples(st.sampled_from(DIRECTIONS), st.sampled_from("abcd"), st.integers(0, 2))
SIDES = st.dictionaries(KEYS, st.integers(1, 5))
ME, OTHER = UUID(int=1), UUID(int=2)
OPEN = Difference(
    id=UUID(int=3), reconciled_on=date(2025, 9, 1), direction="incoming", reference="x",
    line_no=0, our_fen=None, their_fen=5, business_id=None, state="open", claimed_by=None,
    explanation=None, resolution=None, resolved_by=None, resolved_at=None, version=1,
    found_at=datetime(2025, 9, 2, tzinfo=UTC),
)  # fmt: skip


def items(side):
    return [
        Item(direction=d, reference=r, line_no=n, amount_fen=fen) for (d, r, n), fen in side.items()
    ]


@given(SIDES, SIDES)
def test_exactly_what_differs_is_found(ours, theirs):
    found = rules.differences(items(ours), items(theirs))
    wanted = {
        key: (ours.get(key), theirs.get(key))
        for key in ours.keys() | theirs.keys()
        if ours.get(key) != theirs.get(key)
    }
    assert {
        (f.direction, f.reference, f.line_no): (f.our_fen, f.their_fen) for f in found
    } == wanted
    assert rules.differences(items(ours), items(ours)) == []


def test_a_direction_without_movements_agrees_with_nothing_said():
    told = [Total(direction="incoming", count=2, amount_fen=7)]
    lines = {line.direction: line for line in rules.lines([], told)}
    assert set(lines) == set(DIRECTIONS)
    assert rules.agrees(lines["outgoing"])
    assert not rules.agrees(lines["incoming"])
    same = [Total(direction="incoming", count=1, amount_fen=7)]
    [line] = [one for one in rules.lines(same, told) if one.direction == "incoming"]
    assert not rules.agrees(line), "the count must agree too"


def test_who_may_work_on_a_difference():
    rules.may_work(OPEN, version=1, staff_id=ME)
    with pytest.raises(DifferenceChanged):
        rules.may_work(OPEN, version=2, staff_id=ME)
    claimed = replace(OPEN, state="claimed", claimed_by=OTHER)
    with pytest.raises(ClaimedByAnother):
        rules.may_work(claimed, version=1, staff_id=ME)
    with pytest.raises(NotClaimed):
        rules.may_explain(OPEN, version=1, staff_id=ME)
    rules.may_explain(claimed, version=1, staff_id=OTHER)
    with pytest.raises(DifferenceResolved):
        rules.may_work(replace(OPEN, state="resolved"), version=1, staff_id=ME)
