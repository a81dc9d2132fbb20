"""The nouns of booked lines: one line with its other side, and the frame around a range of them."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from app.errors import NotFound


class StoredLine(Struct, frozen=True, kw_only=True):
    """One posting with what is known of the other side, the payer's name still sealed."""

    seq: int
    booked_on: date
    at: datetime
    amount_fen: int
    balance_after_fen: int
    kind: str
    memo: str
    entry_id: UUID
    payee_name: str | None
    payee_account_tail: str | None
    payee_bank_code: str | None
    from_number: str | None
    credit_id: UUID | None
    payer_name_sealed: bytes | None
    payer_account_tail: str | None
    payer_bank_code: str | None


class Line(Struct, frozen=True, kw_only=True):
    """One line: what moved, what was left, what for, who was on the other side."""

    seq: int
    booked_on: date
    at: datetime
    amount_fen: int
    balance_after_fen: int
    kind: str
    label: str
    memo: str
    reference: str
    counterparty_name: str | None
    counterparty_account_tail: str | None
    counterparty_bank_code: str | None


class Ends(Struct, frozen=True, kw_only=True):
    """What lies before a range and at its end, read at one moment."""

    after_seq: int
    last_seq: int
    opening_fen: int
    closing_fen: int


class Sums(Struct, frozen=True, kw_only=True):
    """What came in and went out, and in how many lines each."""

    came_in_fen: int
    went_out_fen: int
    came_in: int
    went_out: int


class Frame(Struct, frozen=True, kw_only=True):
    """An account's lines in `[from_on, until_on)` as they stood at one moment.

    Lines are only ever added, under the next number of their account: those above `after_seq` up
    to `last_seq` are the same whenever they are read, however much is posted meanwhile.
    """

    account_id: UUID
    account_number: str
    account_name: str
    currency: str
    from_on: date
    until_on: date
    after_seq: int
    last_seq: int
    opening_fen: int
    closing_fen: int
    came_in_fen: int
    went_out_fen: int
    came_in: int
    went_out: int

    @property
    def count(self) -> int:
        """How many lines: the numbers of an account have no gaps."""
        return self.last_seq - self.after_seq


class Key(Struct, frozen=True, kw_only=True):
    """What names a line within its account."""

    booked_on: date
    seq: int


class LineNotFound(NotFound):
    """Nothing was booked under this date and number."""

    zh = "该日期和序号下没有记账明细"
