"""The nouns of a statement: its lines, its frame, and when it is too long to be had at once."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from app.errors import Refusal

Format = Literal["json", "csv"]


class StoredLine(Struct, frozen=True, kw_only=True):
    """One posting with what is known of the other side, the payer's name still sealed."""

    seq: int
    booked_on: date
    at: datetime
    amount_fen: int
    balance_after_fen: int
    kind: str
    memo: str
    payee_name: str | None
    payee_account_tail: str | None
    credit_id: str | None
    payer_name_sealed: bytes | None
    payer_account_tail: str | None


class Line(Struct, frozen=True, kw_only=True):
    """One line: what moved, what was left, who was on the other side."""

    seq: int
    booked_on: date
    at: datetime
    amount_fen: int
    balance_after_fen: int
    kind: str
    memo: str
    counterparty_name: str | None
    counterparty_account_tail: str | None


class Statement(Struct, frozen=True, kw_only=True):
    """An account's movements in `[from_on, until_on)`: opening + lines = closing."""

    account_number: str
    account_name: str
    currency: str
    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    came_in_fen: int
    went_out_fen: int
    lines: list[Line]


class Table(Struct, frozen=True, kw_only=True):
    """A statement as a file for a spreadsheet."""

    name: str
    content: bytes


class StatementTooLong(Refusal):
    """This range has too many lines to be had at once; choose a shorter one."""

    zh = "明细笔数过多，请缩短查询区间"
