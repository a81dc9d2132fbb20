"""The nouns of payment requests: what is asked, what a stranger sees, what was paid."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.payments.model import Purpose
from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen
from app.names import AccountNumber, Memo

Kind = Literal["single", "counter"]
State = Literal["open", "paid", "cancelled", "expired"]
Reference = Annotated[str, Meta(max_length=64, examples=["INV-2025-0901"])]
Days = Annotated[int, Meta(ge=1, le=366, examples=[30])]


class NewRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask to be paid. `single`: one amount, once (in parts only where `partial` says so), until it
    expires; `counter`: a code that stays, for any amount. `payer_account_number` names the firm of
    this bank that is asked; then nobody else may pay."""

    account_id: UUID
    kind: Kind = "single"
    amount_fen: PositiveFen | None = None
    partial: bool = False
    purpose: Purpose = "goods"
    memo: Memo = ""
    reference: Reference = ""
    expires_days: Days = 30
    payer_account_number: AccountNumber | None = None


class PayRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay what a code asks for, from one account; the amount only where the code leaves it open."""

    account_id: UUID
    amount_fen: PositiveFen | None = None


class Request(Struct, frozen=True, kw_only=True):
    """A request as the firm that made it sees it; `link` is what the code's picture says."""

    id: UUID
    code: str
    link: str
    kind: Kind
    account_id: UUID
    amount_fen: int | None
    partial: bool
    purpose: Purpose
    memo: str
    reference: str
    to_named_firm: bool
    state: State
    paid_fen: int
    made_by: UUID
    created_at: datetime
    expires_at: datetime | None


class StoredRequest(Struct, frozen=True, kw_only=True):
    """A request as stored, with what was paid on it."""

    id: UUID
    code: str
    kind: Kind
    account_id: UUID
    amount_fen: int | None
    partial: bool
    purpose: Purpose
    memo: str
    reference: str
    to_named_firm: bool
    paid_fen: int
    made_by: UUID
    created_at: datetime
    expires_at: datetime | None
    cancelled_at: datetime | None


class Listed(Struct, frozen=True, kw_only=True):
    """A request in the bank's directory, with all that a payment needs."""

    code: str
    business_id: UUID
    request_id: UUID
    payee_name: str
    payee_number: str
    payer_business_id: UUID | None
    kind: Kind
    amount_fen: int | None
    partial: bool
    purpose: Purpose
    memo: str
    reference: str
    created_at: datetime
    expires_at: datetime | None
    closed_at: datetime | None


class Asked(Struct, frozen=True, kw_only=True):
    """A request as a signed-in payer sees it: payee, amount and purpose filled in."""

    code: str
    payee_name: str
    payee_account_tail: str
    kind: Kind
    amount_fen: int | None
    partial: bool
    purpose: Purpose
    memo: str
    reference: str
    expires_at: datetime | None
    payable: bool


class Landing(Struct, frozen=True, kw_only=True):
    """What anybody who holds the code may see: who asks, how much, and whether it still stands."""

    payee_name: str
    amount_fen: int | None
    kind: Kind
    payable: bool


class Receipt(Struct, frozen=True, kw_only=True):
    """One payment that reached the payee by a request."""

    payment_id: UUID
    amount_fen: int
    payer_name: str
    paid_at: datetime


class SealedReceipt(Struct, frozen=True, kw_only=True):
    """The same as stored, the payer's name sealed."""

    payment_id: UUID
    amount_fen: int
    payer_name_sealed: bytes
    paid_at: datetime


class RequestPaying(Event, frozen=True, kw_only=True):
    """A payment was made for a request; the payee is told once it is settled."""

    code: str
    payment_id: UUID


class RequestNotFound(NotFound):
    """There is no such payment request."""

    zh = "收款请求不存在"


class RequestAmountMissing(Refusal):
    """A single request names an amount, a counter code none."""

    zh = "单次收款须填写金额，固定收款码不设金额"


class PayerUnknown(Refusal):
    """This bank has no account with the payer's number."""

    zh = "付款方账号不存在"


class RequestPaid(Conflict):
    """This request has been paid."""

    zh = "该收款请求已付清"


class RequestEnded(Conflict):
    """This request was cancelled or has expired."""

    zh = "该收款请求已取消或已过期"


class RequestAmountWrong(Refusal):
    """The amount is not what the request takes."""

    zh = "付款金额与收款请求不符"
