"""The nouns of freezes: an order of an authority, its steps, its legal term, its errors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen

Authority = Literal["court", "police", "tax", "customs"]
FreezeState = Literal["queued", "active", "lifted", "lapsed", "used"]
StepKind = Literal["placed", "queued", "in_force", "renewed", "taken", "lifted", "lapsed", "used"]
OrderNumber = Annotated[str, Meta(min_length=1, max_length=80, examples=["(2025)沪0115执1234号"])]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


class Freeze(Struct, frozen=True, kw_only=True):
    """One order on one account; `amount_fen` null = the whole account. `taken_fen` was deducted
    under it. A queued one (轮候) has no term until it is in force, unless the order names one."""

    id: UUID
    account_id: UUID
    place: int
    authority: Authority
    order_number: str
    amount_fen: int | None
    taken_fen: int
    state: FreezeState
    renewals: int
    placed_at: datetime
    in_force_at: datetime | None
    ends_at: datetime | None
    ended_at: datetime | None
    version: int


class Step(Struct, frozen=True, kw_only=True):
    """Something done about a freeze."""

    no: int
    step: StepKind
    order_number: str
    amount_fen: int | None
    ends_at: datetime | None
    at: datetime


class History(Struct, frozen=True, kw_only=True):
    """A freeze with everything done about it."""

    freeze: Freeze
    steps: list[Step]


class Firm(Struct, frozen=True, kw_only=True):
    """Whose freeze it is."""

    business_id: UUID
    account_id: UUID


class NewFreeze(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An authority's order to freeze an account: an amount, or the whole of it (null).

    `until` may end it before the longest term of the law.
    """

    authority: Authority
    order_number: OrderNumber
    amount_fen: PositiveFen | None = None
    until: datetime | None = None


class Renewal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same authority renews its freeze before it ends; `version` is the one seen."""

    order_number: OrderNumber
    until: datetime | None = None
    version: Version


class Lifting(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The authority lifts its freeze; `version` is the one seen."""

    order_number: OrderNumber
    version: Version


class Deduction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The authority takes money under its freeze (扣划); `version` is the one seen."""

    order_number: OrderNumber
    amount_fen: PositiveFen
    version: Version


class Term(Struct, frozen=True, kw_only=True):
    """How long an order of an authority may last, and how often it may be renewed (null = any)."""

    months: int = 0
    hours: int = 0
    renewals: int | None = None


class TermOver(Event, frozen=True, kw_only=True):
    """The term of a freeze on the account is over."""

    account_id: UUID


class MoneyTaken(Event, frozen=True, kw_only=True):
    """An authority has taken money from an account."""

    item_id: UUID
    account_id: UUID
    amount_fen: int


class FreezeNotFound(NotFound):
    """There is no such freeze."""

    zh = "冻结记录不存在"


class FreezeChanged(Conflict):
    """The freeze was changed since it was read; read it again."""

    zh = "冻结记录已变化，请刷新后重试"


class FreezeNotOpen(Conflict):
    """The freeze is not in force any more, or not yet."""

    zh = "冻结未生效或已结束"


class AccountClosed(Conflict):
    """The account is closed; nothing can be frozen on it."""

    zh = "账户已销户，不能冻结"


class TermTooLong(Refusal):
    """The term is past or longer than the law allows."""

    zh = "冻结期限已过或超过法定最长期限"


class NoMoreRenewals(Refusal):
    """The law allows no further renewal of this order."""

    zh = "该冻结已达到法定续冻次数"


class MoreThanFrozen(Refusal):
    """Only money that this order covers can be taken."""

    zh = "扣划金额超过该冻结可扣划金额"
