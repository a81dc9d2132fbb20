"""The nouns of deposit accounts: an account, its states and who may set them, its errors."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, Malformed, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen
from app.names import Memo

AccountClass = Literal["basic", "general", "special", "temporary", "sub"]
State = Literal[
    "active",
    "suspended_noncounter",
    "stop_payment",
    "frozen_full",
    "receive_only",
    "no_in_no_out",
    "dormant",
    "closed",
]
# What an order of an authority in force makes of the account.
Ordered = Literal["active", "stop_payment", "frozen_full"]
# Who sets a restriction: the owner asks, the bank decides, the clock finds.
Setter = Literal["owner", "bank", "system"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Reason = Annotated[str, Meta(min_length=1, max_length=200, examples=["客户申请 (2025) 1 号"])]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$", examples=["CNY"])]


class Account(Struct, frozen=True, kw_only=True):
    """One deposit account with its money in one consistent read; amounts in fen (of a foreign
    currency: its minor units). Available = balance - held - frozen, never below zero."""

    id: UUID
    number: str
    name: str
    account_class: AccountClass
    currency: str
    state: State
    state_reason: str | None
    opened_on: date
    closed_on: date | None
    version: int
    balance_fen: int
    held_fen: int
    frozen_fen: int
    available_fen: int
    parent_id: UUID | None
    label: str


class Deposit(Struct, frozen=True, kw_only=True):
    """The account's own row: `state` follows from its `restriction` and from what is `ordered`."""

    id: UUID
    number: str
    name: str
    account_class: AccountClass
    currency: str
    state: State
    restriction: State
    ordered: Ordered
    state_reason: str | None
    state_set_by: Setter | None
    state_until: datetime | None
    opened_on: date
    closed_on: date | None
    parent_id: UUID | None
    bears_interest: bool
    version: int


class NewState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Restrict the account or lift that, for the owner or the bank; `version` is the one seen.

    Waking a dormant account needs the customer verified anew.
    """

    state: State
    by: Literal["owner", "bank"]
    reason: Reason
    until: datetime | None = None
    verified: bool = False
    version: Version


class Suspension(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The owner suspends paying online, or resumes it; `version` is the one seen."""

    suspended: bool
    reason: Reason
    version: Version


class NewSubAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A named account under another one, in one currency."""

    label: Annotated[str, Meta(min_length=1, max_length=40, examples=["税款专户"])]
    currency: Currency = "CNY"


class NewMove(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Move money between an account and its sub-accounts."""

    to_account_id: UUID
    amount_fen: PositiveFen
    memo: Memo = ""


class Move(Struct, frozen=True, kw_only=True):
    """Money moved by one posting."""

    id: UUID
    from_account_id: UUID
    to_account_id: UUID
    amount_fen: int
    currency: str
    memo: str
    made_at: datetime


class Dormancy(Struct, frozen=True, kw_only=True):
    """Dated terms: how long nothing moves before notice, and how long after it."""

    quiet_months: int
    notice_days: int


class Place(Struct, frozen=True, kw_only=True):
    """How far work over all firms has come: an account of a firm."""

    business_id: UUID = UUID(int=0)
    account_id: UUID = UUID(int=0)


class Leftovers(Struct, frozen=True, kw_only=True):
    """What keeps an account from being closed; `owed_fen` is the firm's debt to the bank."""

    balance_fen: int
    held_fen: int
    away_fen: int
    others_open: int
    owed_fen: int


class Range(Struct, frozen=True, kw_only=True):
    """Business dates `[from_on, until_on)`."""

    from_on: date
    until_on: date


class BalanceAt(Struct, frozen=True, kw_only=True):
    """The booked balance as of a moment."""

    account_id: UUID
    at: datetime
    balance_fen: int
    currency: str


class Holder(Struct, frozen=True, kw_only=True):
    """Whose account a number is, as the bank's directory knows it."""

    business_id: UUID
    account_id: UUID
    name: str
    number: str = ""
    # Whether a watch list may name the holder: then a payment to it is looked at.
    listed: bool = False


class AccountQuiet(Event, frozen=True, kw_only=True):
    """Nothing has moved on the account for a year; its firm is told that it will be dormant."""

    account_id: UUID


class NoticeOver(Event, frozen=True, kw_only=True):
    """The firm was told and nothing has moved since: the account becomes dormant."""

    account_id: UUID


class StateChanged(Event, frozen=True, kw_only=True):
    """What an account lets through has changed; `frozen_fen` is held back by authorities."""

    account_id: UUID
    state: State
    frozen_fen: int


class AccountNotFound(NotFound):
    """There is no such account."""

    zh = "账户不存在"


class AccountChanged(Conflict):
    """The account was changed since it was read; read it again."""

    zh = "账户已变化，请刷新后重试"


class StateNotAllowed(Conflict):
    """The account cannot go from its state to that one."""

    zh = "账户不能从当前状态变更为目标状态"


class NotYoursToSet(Forbidden):
    """This state is set or left by somebody else."""

    zh = "该账户状态无权由其设置或解除"


class VerifyAgain(Refusal):
    """A dormant account wakes only after its customer has been verified anew."""

    zh = "久悬账户须重新核实客户身份后方可激活"


class CannotPayOnline(Refusal):
    """This account cannot pay through the app at present."""

    zh = "该账户目前不能办理线上付款"


class MoneyLeft(Refusal):
    """The account still holds money; move it first."""

    zh = "账户仍有余额，不能销户"


class OtherAccountsOpen(Refusal):
    """Sub-accounts are closed before their account, and the basic account last."""

    zh = "须先撤销其他账户（含子账户），再撤销本账户"


class DebtLeft(Refusal):
    """The firm still owes the bank money."""

    zh = "尚有未清偿债务，不能销户"


class TermWrong(Refusal):
    """The term of this state is past."""

    zh = "账户状态期限已过"


class NoSubAccountHere(Refusal):
    """Sub-accounts stand under an active main account, 99 at most."""

    zh = "仅可在正常状态的主账户下开立子账户，最多99个"


class NotOneFamily(Refusal):
    """Money is moved only between an account and its own sub-accounts."""

    zh = "仅可在主账户与其子账户之间划转"


class CurrenciesDiffer(Refusal):
    """Amounts of two currencies are never mixed."""

    zh = "币种不一致，不能划转"


class RangeInvalid(Malformed):
    """The range must begin before it ends and lie between 1900 and 2200."""

    zh = "起止日期有误"


class MomentInvalid(Malformed):
    """The moment needs an offset and must lie between 1900 and 2200."""

    zh = "时间须带时区并在 1900 至 2200 年之间"
