"""The nouns of confirmations: a closed month, a balance letter, an objection and what differs."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.money import Fen
from app.names import Memo

State = Literal["open", "agreed", "objected"]


class LetterPolicy(Struct, frozen=True, kw_only=True):
    """Bank policy: after how many months balances are confirmed, counted from January."""

    every_months: int


class Month(Struct, frozen=True, kw_only=True):
    """A closed month of an account: opening + in − out = closing, in fen."""

    month_on: date
    opening_fen: int
    came_in_fen: int
    went_out_fen: int
    closing_fen: int
    lines: int


class Difference(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing the firm's books have and the bank's have not (positive), or the other way."""

    amount_fen: Annotated[Fen, Meta(examples=[-120000])]
    memo: Memo
    on: Annotated[date | None, Meta(examples=["2025-09-28"])] = None


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree to the letter as it was seen."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


class Objection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Object: the balance in the firm's own books, and what makes the difference."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
    stated_fen: Annotated[Fen, Meta(examples=[880000])]
    differences: Annotated[list[Difference], Meta(min_length=1, max_length=100)]


class Letter(Struct, frozen=True, kw_only=True):
    """A balance letter: what the bank says was there at the end of a day, and the answer."""

    id: UUID
    account_id: UUID
    account_number: str
    account_name: str
    as_of_on: date
    currency: str
    balance_fen: int
    state: State
    stated_fen: int | None
    differences: list[Difference] | None
    answered_by: UUID | None
    answered_at: datetime | None
    version: int
    made_at: datetime


class LetterNotFound(NotFound):
    """There is no such balance letter."""

    zh = "余额对账单不存在"


class LetterAnswered(Conflict):
    """The letter has been answered already."""

    zh = "该余额对账单已回复"


class LetterChanged(Conflict):
    """The letter was changed since it was read; read it again."""

    zh = "对账单已变化，请刷新后重试"


class NothingDiffers(Refusal):
    """The balance stated is the bank's; agree instead."""

    zh = "所填余额与银行一致，请直接确认相符"


class DifferencesDoNotAddUp(Refusal):
    """The differences do not explain how the two balances differ."""

    zh = "所列差异合计与两方余额之差不符"
