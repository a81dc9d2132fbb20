"""The nouns of the branch visit: a slot, an appointment, what the teller confirms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound, Refusal
from app.events import Event

VisitState = Literal["booked", "checked_in", "completed", "cancelled"]
SlotId = Annotated[
    str, Meta(pattern="^[0-9]{4}-[0-9]{8}-[0-9]{4}$", examples=["0001-20250903-0930"])
]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class BranchShown(Struct, frozen=True, kw_only=True):
    """A branch one may visit."""

    code: str
    name: str
    address: str
    area_code: str
    bank_code: str
    opens: str
    closes: str


class Slot(Struct, frozen=True, kw_only=True):
    """A time at a branch, and how many may still come then."""

    id: SlotId
    starts_at: datetime
    capacity: int
    free: int


class SlotKey(Struct, frozen=True, kw_only=True, order=True):
    """A slot by its place and moment."""

    branch: str
    starts_at: datetime


class Taken(Struct, frozen=True, kw_only=True):
    """How many come at a moment."""

    starts_at: datetime
    taken: int


class NewVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Come to a branch for an application."""

    application_id: Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000001"])]
    slot_id: SlotId


class MovedVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Come at another time; the version names what was seen."""

    version: Version
    slot_id: SlotId


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the teller has seen and heard; all of it is needed."""

    version: Version
    identity_confirmed: Annotated[bool, Meta(examples=[True])]
    will_confirmed: Annotated[bool, Meta(examples=[True])]
    seals_taken: Annotated[bool, Meta(examples=[True])]


class Visit(Struct, frozen=True, kw_only=True):
    """An appointment."""

    id: UUID
    application_id: UUID
    branch: str
    starts_at: datetime
    state: VisitState
    version: int
    ticket: str
    booked_at: datetime
    checked_in_at: datetime | None
    completed_at: datetime | None


class DayVisit(Struct, frozen=True, kw_only=True):
    """A line of the teller's day."""

    id: UUID
    business_id: UUID
    application_id: UUID
    account_name: str
    application_state: str
    starts_at: datetime
    state: VisitState
    version: int
    ticket: str


class VisitCompleted(Event, frozen=True, kw_only=True):
    """The teller has confirmed identity, will and seals: the account may be opened."""

    visit_id: UUID
    application_id: UUID


class SlotUnknown(NotFound):
    """There is no such slot."""

    zh = "该预约时段不存在"


class SlotFull(Conflict):
    """Nobody more can come then."""

    zh = "该时段已约满"


class VisitNotFound(NotFound):
    """The visit does not exist."""

    zh = "预约不存在"


class VisitNotOpen(Conflict):
    """The visit's state does not allow that."""

    zh = "预约当前状态不允许该操作"


class StaleVisit(Conflict):
    """The visit has changed since this version."""

    zh = "预约已变更，请刷新后重试"


class AlreadyBooked(Conflict):
    """There is an appointment already; move it instead."""

    zh = "已有预约，请改期"


class WrongBranch(Refusal):
    """Come to the branch that was applied to."""

    zh = "请到申请时选择的网点办理"


class OtherBranch(Forbidden):
    """Tellers see the day of their own branch."""

    zh = "只能查看本网点的预约"


class NotConfirmed(Refusal):
    """Identity, will and seals must all be confirmed."""

    zh = "须核实身份、开户意愿并预留印鉴"


class BasicAccountTaken(Conflict):
    """The firm has its basic account already."""

    zh = "该企业已开立基本存款账户"
