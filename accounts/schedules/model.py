"""The nouns of schedules: when, what and from where; what came of each date."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.payments.model import Payee, Purpose
from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import NonNegativeFen
from app.names import Memo

Kind = Literal["payment", "keep", "top_up"]
Every = Literal["once", "daily", "weekly", "monthly"]
# What becomes of a date on which banks do not work.
Holiday = Literal["same", "before", "after", "skip"]
State = Literal["active", "paused", "ended", "cancelled"]
RunState = Literal["due", "waiting", "made", "nothing", "failed", "skipped"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Day = Annotated[date, Meta(examples=["2026-12-01"])]
Weekday = Annotated[int, Meta(ge=1, le=7, examples=[1], description="1 = Monday")]
MonthDay = Annotated[
    int, Meta(ge=1, le=31, examples=[31], description="the last day where a month is shorter")
]
Count = Annotated[int, Meta(ge=1, le=1_000, examples=[12])]


class Pattern(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """On which dates: from `first_on` until `until_on` or `count` dates, whichever comes first."""

    every: Every
    first_on: Day
    weekday: Weekday | None = None
    month_day: MonthDay | None = None
    holiday: Holiday = "same"
    until_on: Day | None = None
    count: Count | None = None


class NewSchedule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay by the calendar. `payment`: this amount to a payee; `keep`: whatever lies above this
    amount goes to the other own account; `top_up`: the other own account is brought up to it."""

    kind: Kind = "payment"
    account_id: UUID
    amount_fen: NonNegativeFen
    pattern: Pattern
    party_id: UUID | None = None
    payee: Payee | None = None
    to_account_id: UUID | None = None
    purpose: Purpose = "goods"
    memo: Memo = ""
    speed: Literal["instant", "ordinary"] = "ordinary"


class NewAmount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another amount from the next date on, in the version seen."""

    version: Version
    amount_fen: NonNegativeFen


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the schedule that the person has seen."""

    version: Version


class Occurrence(Struct, frozen=True, kw_only=True):
    """One date of a schedule: by its pattern, and on which it is paid."""

    nominal_on: date
    pay_on: date


class Schedule(Struct, frozen=True, kw_only=True):
    """A schedule as its firm sees it, with its next dates."""

    id: UUID
    kind: Kind
    account_id: UUID
    to_account_id: UUID | None
    amount_fen: int
    party_id: UUID | None
    payee_name: str | None
    payee_account_tail: str | None
    purpose: Purpose
    memo: str
    pattern: Pattern
    state: State
    reason: str | None
    made: int
    made_by: UUID
    version: int
    created_at: datetime
    next_dates: list[Occurrence]


class StoredSchedule(Struct, frozen=True, kw_only=True):
    """A schedule as stored."""

    id: UUID
    kind: Kind
    account_id: UUID
    to_account_id: UUID | None
    amount_fen: int
    party_id: UUID | None
    payee_name: str | None
    payee_sealed: bytes | None
    payee_account_tail: str | None
    payee_bank_code: str | None
    purpose: Purpose
    memo: str
    speed: Literal["instant", "ordinary"]
    pattern: Pattern
    state: State
    reason: str | None
    next_nominal_on: date | None
    next_on: date | None
    made: int
    made_by: UUID
    version: int
    created_at: datetime


class Run(Struct, frozen=True, kw_only=True):
    """What came of one date: its payment, or why there is none (yet)."""

    nominal_on: date
    due_on: date
    state: RunState
    amount_fen: int | None
    payment_id: UUID | None
    tries: int
    try_at: datetime | None
    reason: str | None


class Retry(Struct, frozen=True, kw_only=True):
    """The bank's policy: when missing money is looked for again, and how often in all."""

    after_hours: int
    tries: int


class ScheduleDue(Event, frozen=True, kw_only=True):
    """A date of a schedule has come, or its payment is to be tried again."""

    schedule_id: UUID
    nominal_on: date


class ScheduleFailed(Event, frozen=True, kw_only=True):
    """A date of a schedule was not paid, for this reason."""

    schedule_id: UUID
    nominal_on: date
    reason: str


class ScheduleNotFound(NotFound):
    """There is no such schedule."""

    zh = "定期付款不存在"


class ScheduleChanged(Conflict):
    """The schedule was changed since it was read; read it again."""

    zh = "定期付款已变化，请刷新后重试"


class ScheduleStateForbids(Conflict):
    """The schedule is not in a state that allows this."""

    zh = "定期付款当前状态不允许该操作"


class PatternWrong(Refusal):
    """These dates contradict each other, or none of them is to come."""

    zh = "付款日期设置有误"


class ScheduleIncomplete(Refusal):
    """A payment names a payee and an amount; a sweep names another own account."""

    zh = "请填写收款人与金额，或转入账户"
