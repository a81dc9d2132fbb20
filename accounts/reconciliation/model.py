"""The nouns of reconciliation: a date's comparison, its lines, and the differences found."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.movements.model import Direction, Total
from app.errors import Conflict, NotFound
from app.events import Event
from app.outside.model import Answered as Answered

State = Literal["open", "claimed", "resolved"]
# agrees: both sides say the same since; explained: a person says why they never will
Resolution = Literal["agrees", "explained"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Words = Annotated[str, Meta(min_length=4, max_length=500, examples=["对方次日入账，已电话核实"])]


class ReconciliationLine(Struct, frozen=True, kw_only=True):
    """What both sides say of one direction on one date."""

    direction: Direction
    our_count: int
    our_fen: int
    their_count: int
    their_fen: int


class Reconciliation(Struct, frozen=True, kw_only=True):
    """One comparison of one date with its seal; the last one of a date counts."""

    reconciled_on: date
    run_no: int
    opening_fen: int
    closing_fen: int
    differences: int
    seal: str
    made_at: datetime
    lines: list[ReconciliationLine]


class Numbers(Struct, frozen=True, kw_only=True):
    """The number of the next comparison, and how many there have been of its date."""

    no: int
    run_no: int


class Day(Struct, frozen=True, kw_only=True):
    """A date as the clearing house tells it: balances and totals."""

    opening_fen: int
    closing_fen: int
    totals: list[Total]


class Compared(Struct, frozen=True, kw_only=True):
    """Both sides of a date in sum, and what our side had seen."""

    lines: list[ReconciliationLine]
    seen: str


class Found(Struct, frozen=True, kw_only=True):
    """A difference as the comparison finds it; None on a side: it has no such movement."""

    direction: Direction
    reference: str
    line_no: int
    our_fen: int | None
    their_fen: int | None
    business_id: UUID | None = None


class Difference(Struct, frozen=True, kw_only=True):
    """A difference as the desk works on it."""

    id: UUID
    reconciled_on: date
    direction: Direction
    reference: str
    line_no: int
    our_fen: int | None
    their_fen: int | None
    business_id: UUID | None
    state: State
    claimed_by: UUID | None
    explanation: str | None
    resolution: Resolution | None
    resolved_by: UUID | None
    resolved_at: datetime | None
    version: int
    found_at: datetime


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Act on the difference in the version seen."""

    version: Version


class Explanation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Resolve the difference in the version seen, saying why both sides may differ."""

    version: Version
    explanation: Words


class ReconciliationAsked(Event, frozen=True, kw_only=True):
    """A date is to be compared (again)."""

    on: str


class DifferenceNotFound(NotFound):
    """There is no such difference."""

    zh = "对账差异不存在"


class DifferenceChanged(Conflict):
    """The difference was changed since it was read; read it again."""

    zh = "对账差异已变化，请刷新后重试"


class DifferenceResolved(Conflict):
    """The difference has been resolved."""

    zh = "对账差异已处理完毕"


class ClaimedByAnother(Conflict):
    """Somebody else works on this difference."""

    zh = "该差异正由他人处理"


class NotClaimed(Conflict):
    """Claim the difference before you resolve it."""

    zh = "请先认领该差异"
