"""The nouns of receipts: what one says, how it is checked, what can be missing."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.errors import NotFound
from app.events import Event

Source = Literal["payment", "credit"]


class Side(Struct, frozen=True, kw_only=True):
    """Payer or payee as printed."""

    name: str
    account: str
    bank: str


class Facts(Struct, frozen=True, kw_only=True):
    """What a receipt says; plain values for the template."""

    title: str
    number: str
    code: str
    booked_on: date
    payer: Side
    payee: Side
    amount_fen: int
    currency: str
    uppercase: str
    memo: str
    reference: str


class Receipt(Struct, frozen=True, kw_only=True):
    """A receipt as kept: its number, its check code, its file."""

    id: UUID
    source: Source
    source_id: UUID
    number: str
    code: str
    file_id: UUID
    issued_at: datetime


class ReceiptCheck(Struct, frozen=True, kw_only=True):
    """What anyone who holds the check code may see; names are shortened."""

    number: str
    amount_fen: int
    currency: str
    booked_on: date
    payer: str
    payee: str
    issued_at: datetime


class Asked(Struct, frozen=True, kw_only=True):
    """A receipt was asked for; `ready` says whether it can be fetched already."""

    credit_id: UUID
    ready: bool


class ReceiptAsked(Event, frozen=True, kw_only=True):
    """The firm wants the receipt of an incoming payment."""

    credit_id: UUID


class ReceiptNotFound(NotFound):
    """There is no such receipt, or not yet."""

    zh = "回单不存在或尚未生成"
