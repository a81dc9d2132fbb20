"""The nouns of reviews of held payments: a case in the queue, its evidence, decisions, errors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.monitors.model import Fired
from accounts.payments.model import Payment, Version
from app.errors import Conflict, NotFound, Refusal
from app.events import Event

ReviewState = Literal["open", "released", "refused", "called_off"]
OwnerAnswer = Literal["mine", "not_mine"]
Note = Annotated[str, Meta(max_length=200, examples=["已电话核实，系客户本人办理"])]


class Held(Struct, frozen=True, kw_only=True):
    """A held payment as stored and as a line of the queue; `due_at` is the bank's own deadline."""

    business_id: UUID
    payment_id: UUID
    amount_fen: int
    score: int
    rule_ids: list[UUID]
    levels: int
    approved_by: list[UUID]
    state: ReviewState
    claimed_by: UUID | None
    lease_until: datetime | None
    due_at: datetime
    opened_at: datetime
    decided_at: datetime | None
    reason: str | None
    owner_answer: OwnerAnswer | None
    answered_by: UUID | None
    answered_at: datetime | None


class HeldLine(Held, frozen=True, kw_only=True):
    """A line of the queue."""

    overdue: bool


class Evidence(Struct, frozen=True, kw_only=True):
    """What the monitors saw when the payment was made."""

    fired: list[Fired]
    features: dict[str, Any]


class Case(Struct, frozen=True, kw_only=True):
    """A held payment with everything it is decided on."""

    held: Held
    payment: Payment
    business_name: str
    evidence: Evidence


class NewDecision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let the payment go, or refuse it; refusing needs a reason."""

    decision: Annotated[Literal["release", "refuse"], Meta(examples=["release"])]
    reason: Note = ""


class Check(Struct, frozen=True, kw_only=True):
    """What the owner is told of a held payment: that it is being checked, what comes next and by
    when. `asks`: the bank would like to know whether it is yours."""

    payment_id: UUID
    state: Literal["checking", "released", "refused", "called_off"]
    text_zh: str
    text_en: str
    next_step_zh: str
    next_step_en: str
    by: datetime | None
    asks: bool
    answer: OwnerAnswer | None


class NewAnswer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Is this payment yours? `not_mine` calls it off at once; `version` is the payment's."""

    answer: Annotated[OwnerAnswer, Meta(examples=["mine"])]
    version: Version


class StoredCheck(Struct, frozen=True, kw_only=True):
    """A review as the owner's door needs it."""

    payment_id: UUID
    state: ReviewState
    rule_ids: list[UUID]
    owner_zh: str
    owner_en: str
    due_at: datetime
    owner_answer: OwnerAnswer | None


class PaymentReviewed(Event, frozen=True, kw_only=True):
    """The bank has decided on a held payment; the decision is to be carried out."""

    payment_id: UUID


class NotHeld(NotFound):
    """This payment is not being checked."""

    zh = "该笔付款未在核实中"


class ReviewClosed(Conflict):
    """The check of this payment is over."""

    zh = "该笔付款的核实已结束"


class ClaimedBySomebody(Conflict):
    """Another member of staff has claimed it."""

    zh = "该任务已被其他人员领取"


class ClaimFirst(Conflict):
    """Claim it first; a claim lasts fifteen minutes."""

    zh = "请先领取任务（领取有效期15分钟）"


class AgreedAlready(Conflict):
    """You have agreed to release it already; another person must go on."""

    zh = "您已同意放行，须由另一人继续"


class ReasonNeeded(Refusal):
    """Say why: refusing needs a reason."""

    zh = "拒绝须注明原因"
