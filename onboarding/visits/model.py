"""The nouns of the branch visit: a slot, an appointment, what the teller confirms."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event

VisitState = Literal["booked", "checked_in", "serving", "completed", "cancelled", "missed"]
Visitor = Literal["legal_representative", "agent"]
PaperCode = Literal[
    "licence", "legal_rep_id", "agent_id", "authorisation", "official_seal", "finance_seal",
    "legal_rep_seal", "basic_account_number", "approval", "loan_or_contract", "address_proof",
]  # fmt: skip
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
    comes: Visitor = "legal_representative"


class MovedVisit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Come at another time; the version names what was seen."""

    version: Version
    slot_id: SlotId


class ToBring(Struct, frozen=True, kw_only=True):
    """A line of what to bring; without what is needed the account cannot be opened."""

    code: PaperCode
    name: str
    needed: bool
    why: str


class Place(Struct, frozen=True, kw_only=True):
    """Where somebody stands in the queue of a branch."""

    number: str
    ahead: int
    minutes: int


class Before(Struct, frozen=True, kw_only=True):
    """How many wait before somebody and how many are being served."""

    waiting: int
    serving: int


class CheckInCode(Struct, frozen=True, kw_only=True):
    """What the phone shows at the branch: as text and as a picture, for two minutes and once."""

    code: str
    qr_svg: str
    expires_at: datetime


class VisitTerms(Struct, frozen=True, kw_only=True):
    """The bank's policy of visits."""

    days_ahead: int
    code_seconds: int
    typical_minutes: int
    remind_hours: int


class VisitRow(Struct, frozen=True, kw_only=True):
    """An appointment as stored."""

    id: UUID
    application_id: UUID
    branch: str
    starts_at: datetime
    state: VisitState
    version: int
    ticket: str
    comes: Visitor
    booked_at: datetime
    checked_in_at: datetime | None
    queue_number: str | None
    queue_at: datetime | None
    called_at: datetime | None
    called_by: UUID | None
    desk_window: int | None
    completed_at: datetime | None
    missed_at: datetime | None


class Visit(Struct, frozen=True, kw_only=True):
    """An appointment."""

    id: UUID
    application_id: UUID
    branch: str
    starts_at: datetime
    state: VisitState
    version: int
    ticket: str
    comes: Visitor
    bring: list[ToBring]
    queue: Place | None
    window: int | None
    booked_at: datetime
    checked_in_at: datetime | None
    called_at: datetime | None
    completed_at: datetime | None
    missed_at: datetime | None


class VisitMissed(Event, frozen=True, kw_only=True):
    """Nobody came, or nobody was there when called."""

    visit_id: UUID
    application_id: UUID


class VisitNear(Event, frozen=True, kw_only=True):
    """The appointment is within a day: time to remind and to say what to bring."""

    visit_id: UUID
    application_id: UUID


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


class NotToday(Refusal):
    """The code is for the day of the appointment."""

    zh = "仅可在预约当天签到"


class WrongBranch(Refusal):
    """Come to the branch that was applied to."""

    zh = "请到申请时选择的网点办理"


class BasicAccountTaken(Conflict):
    """The firm has its basic account already."""

    zh = "该企业已开立基本存款账户"
