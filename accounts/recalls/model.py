"""The nouns of recalls: what is asked back and why, and what the other bank says."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict
from app.events import Event
from app.outside.model import Answered as Answered

Why = Literal["duplicate", "wrong_payee", "not_wanted"]
State = Literal["asked", "agreed", "refused"]
Words = Annotated[str, Meta(max_length=100, examples=["同一张发票付了两次"])]


class NewRecall(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask a settled payment back; the other bank's customer must agree."""

    why: Why
    words: Words = ""


class Recall(Struct, frozen=True, kw_only=True):
    """A recall; `answer` is the other bank's word where it refuses."""

    id: UUID
    payment_id: UUID
    why: Why
    words: str
    state: State
    answer: str
    asked_by: UUID
    asked_at: datetime
    answered_at: datetime | None


class Sent(Struct, frozen=True, kw_only=True):
    """When a payment was sent: its recall names the day."""

    sent_on: date


class Answer(Struct, frozen=True, kw_only=True):
    """What the other bank says, and the message word for word."""

    state: Literal["accepted", "done", "refused"]
    reason: str
    document: str


class RecallAsked(Event, frozen=True, kw_only=True):
    """A settled payment is to be asked back."""

    recall_id: UUID


class NothingToRecall(Conflict):
    """Only a settled payment to another bank can be asked back."""

    zh = "仅可申请退回已到账的跨行付款"


class RecallUnderWay(Conflict):
    """This payment is being asked back already."""

    zh = "该付款的退回申请正在处理中"
