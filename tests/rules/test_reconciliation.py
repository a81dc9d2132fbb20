"""Two sides of a date in sum, and who may work on what differs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from msgspec.structs import replace

from accounts.movements.model import DIRECTIONS, Total
from accounts.reconciliation import rules
from accounts.reconciliation.model import (
    ClaimedByAnother,
    Difference,
    DifferenceChanged,
    DifferenceResolved,
    NotClaimed,
)

ME, OTHER = UUID(int=1), UUID(int=2)
OPEN = Difference(
    id=UUID(int=3), reconciled_on=date(2025, 9, 1), direction="incoming", reference="x",
    line_no=0, our_fen=None, their_fen=5, business_id=None, state="open", claimed_by=None,
    explanation=None, resolution=None, resolved_by=None, resolved_at=None, version=1,
    found_at=datetime(2025, 9, 2, tzinfo=UTC),
)  # fmt: skip


def test_a_direction_without_movements_agrees_with_nothing_said():
    told = [Total(direction="incoming", count=2, amount_fen=7)]
    lines = {line.direction: line for line in rules.lines([], told)}
    assert set(lines) == set(DIRECTIONS)
    none, some = lines["outgoing"], lines["incoming"]
    assert (none.our_count, none.our_fen, none.their_count, none.their_fen) == (0, 0, 0, 0)
    assert (some.our_count, some.our_fen, some.their_count, some.their_fen) == (0, 0, 2, 7)


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
