"""The nouns of deposit accounts: an account, its states and who may set them, its errors."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, Malformed, NotFound, Refusal

AccountClass = Literal["basic", "general", "special", "temporary"]
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
# Who sets a state: the owner asks, the bank decides, an authority orders, the clock finds.
Setter = Literal["owner", "bank", "court", "police", "system"]


class Account(Struct, frozen=True, kw_only=True):
    """One deposit account with its money in one consistent read; amounts in fen."""

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
    available_fen: int


class Deposit(Struct, frozen=True, kw_only=True):
    """The account's own row: what it is and the state it is in."""

    id: UUID
    number: str
    name: str
    account_class: AccountClass
    currency: str
    state: State
    state_reason: str | None
    state_set_by: Setter | None
    state_until: datetime | None
    opened_on: date
    closed_on: date | None
    version: int


class NewState(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put the account into a state on somebody's order; `version` is the one seen."""

    state: State
    by: Setter
    reason: Annotated[
        str, Meta(min_length=1, max_length=200, examples=["司法冻结 (2025)沪01执1号"])
    ]
    until: datetime | None = None
    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


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


class CannotPayOnline(Refusal):
    """This account cannot pay through the app at present."""

    zh = "该账户目前不能办理线上付款"


class MoneyLeft(Refusal):
    """The account still holds money; move it first."""

    zh = "账户仍有余额，不能销户"


class OtherAccountsOpen(Refusal):
    """The basic account is closed last."""

    zh = "须先撤销其他账户，再撤销基本存款账户"


class TermWrong(Refusal):
    """The term of this state is missing, past or longer than the law allows."""

    zh = "账户状态期限缺失、已过或超过法定最长期限"


class RangeInvalid(Malformed):
    """The range must begin before it ends and lie between 1900 and 2200."""

    zh = "起止日期有误"


class MomentInvalid(Malformed):
    """The moment needs an offset and must lie between 1900 and 2200."""

    zh = "时间须带时区并在 1900 至 2200 年之间"
