"""The nouns of receipts: what one says, how it is checked, what can be missing."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import NotFound
from app.events import Event


class Side(Struct, frozen=True, kw_only=True):
    """Payer or payee as printed."""

    name: str
    account: str
    bank: str


class Facts(Struct, frozen=True, kw_only=True):
    """What a receipt says; plain values for the template."""

    title: str
    kind: str
    number: str
    code: str
    booked_on: date
    booked_at: str
    payer: Side
    payee: Side
    amount_fen: int
    currency: str
    uppercase: str
    memo: str
    reference: str


class NewReceipt(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Print the receipt of one line of the account: its date and number as the postings show."""

    booked_on: Annotated[date, Meta(examples=["2025-09-01"])]
    seq: Annotated[int, Meta(ge=1, le=10**15, examples=[1])]


class Receipt(Struct, frozen=True, kw_only=True):
    """A receipt as kept: its line, its number, its check code, how often it was printed."""

    id: UUID
    account_id: UUID
    booked_on: date
    seq: int
    number: str
    code: str
    prints: int
    issued_at: datetime
    file_id: UUID | None

    @property
    def ready(self) -> bool:
        """Whether it has been drawn."""
        return self.file_id is not None


class ReceiptShown(Struct, frozen=True, kw_only=True):
    """A receipt as its firm sees it; `ready` says whether it can be fetched already."""

    id: UUID
    account_id: UUID
    booked_on: date
    seq: int
    number: str
    code: str
    check_url: str
    prints: int
    issued_at: datetime
    ready: bool


class ReceiptCheck(Struct, frozen=True, kw_only=True):
    """What anyone who holds the check code may see; names are shortened."""

    number: str
    kind: str
    amount_fen: int
    currency: str
    booked_on: date
    payer: str
    payee: str
    prints: int
    issued_at: datetime


class ReceiptAsked(Event, frozen=True, kw_only=True):
    """The firm wants a receipt that has not been drawn yet."""

    receipt_id: UUID


class ReceiptNotFound(NotFound):
    """There is no such receipt, or it has not been asked for, or it is being drawn."""

    zh = "回单不存在、尚未申请或正在生成"
