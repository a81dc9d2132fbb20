"""The nouns of movements: one item, and a day's totals of one direction."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

Direction = Literal["outgoing", "outgoing_returned", "incoming", "incoming_returned"]
DIRECTIONS: tuple[Direction, ...] = (
    "outgoing",
    "outgoing_returned",
    "incoming",
    "incoming_returned",
)


class Movement(Struct, frozen=True, kw_only=True):
    """One movement, on the date that the clearing house names; `line_no` is a batch's line."""

    direction: Direction
    reference: str
    line_no: int = 0
    moved_on: date
    amount_fen: int


class Item(Struct, frozen=True, kw_only=True):
    """A movement of a day as it is compared, and whose it is; None: of no firm."""

    direction: Direction
    reference: str
    line_no: int
    amount_fen: int
    business_id: UUID | None = None


class Total(Struct, frozen=True, kw_only=True):
    """Count and sum of one direction on one date."""

    direction: Direction
    count: int
    amount_fen: int


class OurTotal(Total, frozen=True, kw_only=True):
    """Our side of a total, and which transactions it had seen."""

    seen: str
