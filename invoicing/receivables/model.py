"""The nouns of receivables: what is owed, money that came in, and how the two found each other."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen

Reason = Literal["number_in_remark", "amount_and_payer", "owner"]
Outcome = Literal["number_in_remark", "amount_and_payer", "ambiguous", "none"]


class Receivable(msgspec.Struct, frozen=True, kw_only=True):
    """What one issued invoice still brings: `open_fen` = amount less paid less taken back by red
    letters; what was paid before it was taken back is `refund_due_fen`."""

    id: UUID
    invoice_id: UUID
    invoice_number: str
    buyer_name: str
    amount_fen: int
    paid_fen: int
    credited_fen: int
    open_fen: int
    refund_due_fen: int
    issued_on: date
    settled_at: datetime | None


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """Money that came in, as the matching sees it."""

    receipt_id: UUID
    amount_fen: int
    payer_name: str
    remark: str


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a receipt for one receivable."""

    receivable_id: UUID
    invoice_id: UUID
    amount_fen: int


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """What the matching decided and why; suggestions are for the owner when it did not decide."""

    outcome: Outcome
    shares: list[Share]
    suggestions: list[UUID]


class Suggestion(msgspec.Struct, frozen=True, kw_only=True):
    """A receivable that a receipt may be for, left for the owner to decide."""

    receivable_id: UUID
    invoice_number: str
    buyer_name: str
    open_fen: int


class Incoming(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt that has not wholly found its invoices."""

    receipt_id: UUID
    amount_fen: int
    allocated_fen: int
    outcome: Outcome
    suggestions: list[Suggestion]
    seen_at: datetime


class StoredIncoming(msgspec.Struct, frozen=True, kw_only=True):
    """A receipt as the matching left it."""

    receipt_id: UUID
    amount_fen: int
    allocated_fen: int
    outcome: Outcome
    suggestions: list[UUID]
    seen_at: datetime


class NewAllocation(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """The owner says what a receipt was for; without an amount as much of it as is owed."""

    receipt_id: UUID
    amount_fen: PositiveFen | None = None


class InvoicePaid(Event, frozen=True, kw_only=True):
    """A receipt, or a part of it, settled an invoice, or a part of it."""

    invoice_id: UUID
    receipt_id: UUID
    amount_fen: int
    settled: bool


class ReceivableNotFound(NotFound):
    """The receivable does not exist."""

    zh = "应收款不存在"


class ReceivableNotYet(Conflict):
    """The invoice's receivable is still being made."""

    zh = "应收款正在生成"


class ReceiptNotFound(NotFound):
    """No such money has come in."""

    zh = "来账记录不存在"


class AlreadyAllocated(Conflict):
    """This receipt already counts for this invoice."""

    zh = "该笔来账已核销此发票"


class AllocationTooLarge(Refusal):
    """More than is owed, or more than is left of the receipt."""

    zh = "核销金额超过应收余额或来账余额"
