"""The nouns of a statement: its lines, its frame, and when it is too long to be had at once."""

from datetime import date
from typing import Literal

from msgspec import Struct

from accounts.lines.model import Line
from app.errors import Refusal

Format = Literal["json", "csv", "xlsx", "camt053"]


class Limits(Struct, frozen=True, kw_only=True):
    """Bank policy: how many lines are had at once (fewer as a message, which is ten times the
    work), how many in the background, and for how long what was made there is kept."""

    at_once_lines: int
    at_once_messages: int
    most_lines: int
    most_pdf_lines: int
    most_receipts: int
    kept_days: int


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
    """A statement as a file."""

    name: str
    media_type: str
    content: bytes


class StatementTooLong(Refusal):
    """This range has too many lines to be had at once; order it as an export."""

    zh = "明细笔数较多，请申请后台导出或缩短查询区间"
