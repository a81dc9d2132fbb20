"""How two sides of a date are compared, and who may do what with a difference."""

from collections.abc import Iterable
from uuid import UUID

from accounts.movements.model import DIRECTIONS, Total
from accounts.reconciliation.model import (
    ClaimedByAnother,
    Difference,
    DifferenceChanged,
    DifferenceResolved,
    NotClaimed,
    ReconciliationLine,
)


def lines(ours: Iterable[Total], theirs: Iterable[Total]) -> list[ReconciliationLine]:
    """Count and sum of both sides for each direction; a side without movements says nothing."""
    by_us = {total.direction: total for total in ours}
    by_them = {total.direction: total for total in theirs}
    none = {d: Total(direction=d, count=0, amount_fen=0) for d in DIRECTIONS}
    return [
        ReconciliationLine(
            direction=direction,
            our_count=(our := by_us.get(direction, none[direction])).count,
            our_fen=our.amount_fen,
            their_count=(their := by_them.get(direction, none[direction])).count,
            their_fen=their.amount_fen,
        )
        for direction in DIRECTIONS
    ]


def may_work(difference: Difference, *, version: int, staff_id: UUID) -> None:
    """Raise unless the person has seen what stands, it is not resolved and nobody else's."""
    if difference.state == "resolved":
        raise DifferenceResolved(difference_id=difference.id)
    if difference.version != version:
        raise DifferenceChanged(difference_id=difference.id, version=difference.version)
    if difference.claimed_by not in (None, staff_id):
        raise ClaimedByAnother(difference_id=difference.id)


def may_explain(difference: Difference, *, version: int, staff_id: UUID) -> None:
    """As `may_work`, and the person has claimed it before: nobody explains in passing."""
    may_work(difference, version=version, staff_id=staff_id)
    if difference.claimed_by is None:
        raise NotClaimed(difference_id=difference.id)
