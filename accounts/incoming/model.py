"""The nouns of money that comes in: a credit, where it is from, and the decision about it."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.errors import NotFound
from app.events import Event

Source = Literal["in_bank", "outside"]


class IncomingCredit(Struct, frozen=True, kw_only=True):
    """Money that came in on one of the firm's accounts."""

    id: UUID
    account_id: UUID
    amount_fen: int
    payer_name: str
    payer_account_tail: str
    payer_bank_code: str
    remark: str
    source: Source
    reference: str
    received_on: date
    received_at: datetime


class StoredCredit(Struct, frozen=True, kw_only=True):
    """Money that came in as stored: the payer's name still sealed."""

    id: UUID
    account_id: UUID
    amount_fen: int
    payer_name_sealed: bytes
    payer_account_tail: str
    payer_bank_code: str
    remark: str
    source: Source
    reference: str
    received_on: date
    received_at: datetime


class Arrival(Struct, frozen=True, kw_only=True):
    """A credit on its way to one of our accounts, from whichever side it comes."""

    source: Source
    reference: str
    amount_fen: int
    payer_name: str
    payer_account: str
    payer_bank_code: str
    payee_account: str
    payee_name: str
    remark: str
    # the date that the clearing house names; inside the bank there is none
    sent_on: date | None = None
    # settled for good: it cannot be refused, only be paid back
    final: bool = False


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided about a credit from another bank, by whoever decided first."""

    business_id: UUID | None
    accepted: bool
    reason: str
    decided_on: date
    confirmed: bool


class CreditUnapplied(Event, frozen=True, kw_only=True):
    """Money that was settled for good can be booked on no account; somebody must look at it."""

    reference: str


class CreditNotFound(NotFound):
    """There is no such incoming payment."""

    zh = "来账记录不存在"
