"""The nouns of red letters: what is taken back, why, and what stands in the way."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen

State = Literal["submitted", "issued", "refused"]
# 01 issued in error, 02 goods returned, 03 service ended, 04 allowance (chyy of the tax platform)
Reason = Literal["01", "02", "03", "04"]
LineNo = Annotated[int, Meta(ge=1, le=2000, examples=[1])]


class NewRedLine(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """How much of a line is taken back, without tax."""

    line_no: LineNo
    amount_fen: PositiveFen


class NewRedLetter(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Take an invoice back: without `lines` all that is left of it. An invoice issued in error
    (`01`) can only be taken back whole."""

    invoice_id: UUID
    reason: Reason
    lines: Annotated[list[NewRedLine], Meta(min_length=1, max_length=2000)] | None = None


class RedLine(msgspec.Struct, kw_only=True, frozen=True):
    """What is taken back of one line of the blue invoice; amounts below zero."""

    line_no: int
    name: str
    rate_ppm: int
    tax_code: str
    amount_fen: int
    tax_fen: int
    total_fen: int


class Taken(msgspec.Struct, kw_only=True, frozen=True):
    """What red letters have already taken of a line; amounts below zero."""

    line_no: int
    amount_fen: int
    tax_fen: int


class RedLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A red-letter invoice; `invoice_id` is the blue one it takes back. Amounts below zero."""

    id: UUID
    invoice_id: UUID
    state: State
    reason: Reason
    number: str | None
    issued_on: date
    lines: list[RedLine]
    amount_fen: int
    tax_fen: int
    total_fen: int
    restores_quota: bool
    created_at: datetime
    issued_at: datetime | None
    refusal: str | None
    pdf_file_id: UUID | None
    xml_file_id: UUID | None


class RedLetterSubmitted(Event, frozen=True, kw_only=True):
    """A red letter waits for its number."""

    red_letter_id: UUID


class RedLetterIssued(Event, frozen=True, kw_only=True):
    """An invoice was taken back, wholly or in part; `taken_fen` with tax, above zero."""

    red_letter_id: UUID
    invoice_id: UUID
    taken_fen: int


class RedLetterNotFound(NotFound):
    """The red-letter invoice does not exist."""

    zh = "红字发票不存在"


class NotReversible(Conflict):
    """Only an issued invoice of which something is left can be taken back."""

    zh = "仅已开具且未全额红冲的发票可以红冲"


class RedNotIssued(Conflict):
    """The red letter has no number yet; its documents do not exist."""

    zh = "红字发票尚未开具"


class RedAmountTooLarge(Refusal):
    """More than is left of the line."""

    zh = "红冲金额超过该行可红冲余额"


class MustBeWhole(Refusal):
    """An invoice issued in error can only be taken back whole."""

    zh = "开票有误须全额红冲"
