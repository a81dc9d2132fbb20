"""The nouns of payments: orders, their payees, money that came in, events, and what goes wrong."""

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.deposits.model import CannotPayOnline
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from accounts.limits.model import (
    DailyLimitExceeded,
    DeviceDailyLimitExceeded,
    DeviceSingleLimitExceeded,
    SingleLimitExceeded,
)
from accounts.mandates.model import Purpose as Purpose
from accounts.mandates.model import Standing
from accounts.monitors.model import StoppedByMonitor
from app.errors import Conflict, Malformed, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen
from app.names import AccountNumber, BankCode, Memo

State = Literal[
    "draft",
    "under_review",
    "pending_approval",
    "submitted",
    "processing",
    "unknown",
    "settled",
    "failed",
    "returned",
    "rejected",
    "cancelled",
    "refused",
]
Mode = Literal["direct", "reserved", "guaranteed", "escrowed"]
Rail = Literal["in_bank", "hvps", "beps", "ibps"]
PayeeName = Annotated[str, Meta(min_length=2, max_length=100, examples=["苏州示例材料有限公司"])]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


class Payee(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is paid, spelled out: name, account number, bank."""

    name: PayeeName
    account_number: AccountNumber
    bank_code: BankCode


class NewPayment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay somebody: named by `party_id` from the book of counterparties, or spelled out."""

    account_id: UUID
    amount_fen: PositiveFen
    party_id: UUID | None = None
    payee: Payee | None = None
    purpose: Purpose = "goods"
    memo: Memo = ""
    speed: Literal["instant", "ordinary"] = "instant"
    step_up_id: UUID | None = None
    # Pay although the same amount went to this payee lately.
    confirm_duplicate: bool = False


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Call the payment off in the version seen, with the reason."""

    version: Version
    reason: Annotated[str, Meta(min_length=1, max_length=200, examples=["重复付款"])]


class Payment(Struct, frozen=True, kw_only=True):
    """One payment order; `reason` says why it was refused, rejected, failed or came back."""

    id: UUID
    account_id: UUID
    amount_fen: int
    currency: str
    payee_name: str
    payee_account_tail: str
    payee_bank_code: str
    party_id: UUID | None
    rail: Rail | None
    purpose: Purpose
    memo: str
    state: State
    reason: str | None
    made_by: UUID
    version: int
    created_at: datetime
    send_after: datetime | None
    submitted_at: datetime | None
    finished_at: datetime | None
    mode: Mode = "direct"


class Order(Payment, frozen=True, kw_only=True):
    """The stored order as its operations need it: also what is not shown."""

    fingerprint: bytes
    answered_state: State
    first_version: int
    payee_sealed: bytes
    payee_business_id: UUID | None
    payee_account_id: UUID | None
    hold_id: UUID | None
    transfer_id: UUID | None
    refusal: dict[str, Any] | None
    asked: int
    limit_used_on: date | None
    # Reserved: the hold that pays. Guaranteed and escrowed: the escrow account that pays, or that
    # keeps the money for the payee.
    from_hold_id: UUID | None = None
    from_account_id: UUID | None = None
    into_account_id: UUID | None = None
    # The sign-in through which it was made, where that has a limit of its own.
    limit_session: UUID | None = None
    # Whether a list may name the holder of the account, as the bank's directory says; not stored.
    payee_listed: bool = False


class Way(Struct, frozen=True, kw_only=True):
    """The mode of a payment: directly from the account, or by a hold or an escrow account."""

    mode: Mode = "direct"
    from_hold_id: UUID | None = None
    from_account_id: UUID | None = None
    into_account_id: UUID | None = None


DIRECT = Way()


class Resolved(Struct, frozen=True, kw_only=True):
    """A payee looked up: where the money goes, and how well the firm knows it."""

    name: str
    account_number: str
    bank_code: str
    standing: Standing
    party_id: UUID | None
    listed: bool


class Outcome(Struct, frozen=True, kw_only=True):
    """What asking for a payment came to: the order, its first answer, and whether it was new."""

    order: Order
    answer: Payment
    replayed: bool


class PaymentSubmitted(Event, frozen=True, kw_only=True):
    """A payment to another bank has been released; it is to be sent."""

    payment_id: UUID


class PaymentSettled(Event, frozen=True, kw_only=True):
    """The payee has the money. `kind` is the purpose of the payment."""

    payment_id: UUID
    kind: Purpose
    amount_fen: int
    rail: Rail


class PaymentFailed(Event, frozen=True, kw_only=True):
    """The payment did not reach its payee or came back; the money is on the account again."""

    payment_id: UUID
    reason: str


class SecuredPaymentMoved(Event, frozen=True, kw_only=True):
    """A payment into or out of an escrow account is in another state."""

    payment_id: UUID


class MoneyReceived(Event, frozen=True, kw_only=True):
    """Money came in: an incoming credit."""

    credit_id: UUID
    account_id: UUID
    amount_fen: int


class PaymentNotFound(NotFound):
    """There is no such payment."""

    zh = "付款指令不存在"


class PayeeMissing(Malformed):
    """Name the payee either by party_id or by payee, not both."""

    zh = "请提供往来单位或收款人信息之一"


class KeyReused(Refusal):
    """This idempotency key was used for another request."""

    zh = "幂等键已用于其他请求"


class WrongState(Conflict):
    """The payment is not in a state that allows this."""

    zh = "付款指令当前状态不允许该操作"


class PaymentChanged(Conflict):
    """The payment was changed since it was read; read it again."""

    zh = "付款指令已变化，请刷新后重试"


class PayeeBankUnknown(Refusal):
    """No bank has this bank code."""

    zh = "收款行行号有误"


class PayeeAccountUnknown(Refusal):
    """This bank has no account with that number."""

    zh = "收款账号不存在"


class PayeeNameMismatch(Refusal):
    """The payee's name is not the holder of that account."""

    zh = "收款人户名不符"


class PayeeCannotReceive(Refusal):
    """The payee's account takes no payments at present."""

    zh = "收款账户暂不能收款"


class PayeeIsPayer(Refusal):
    """Payer and payee are the same account."""

    zh = "付款账户与收款账户相同"


# Refusals that are kept with the order, so that a repeat is refused with the very same answer.
KEPT: tuple[type[Refusal], ...] = (
    InsufficientFunds,
    AccountRefusesPosting,
    CannotPayOnline,
    SingleLimitExceeded,
    DailyLimitExceeded,
    DeviceSingleLimitExceeded,
    DeviceDailyLimitExceeded,
    PayeeBankUnknown,
    PayeeAccountUnknown,
    PayeeNameMismatch,
    PayeeCannotReceive,
    PayeeIsPayer,
    StoppedByMonitor,
)
