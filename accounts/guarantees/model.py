"""The nouns of guarantees: what a beneficiary is shown of an agreement, and its own words."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.payments.model import Purpose
from app.errors import Conflict, NotFound
from app.events import Event
from app.money import PositiveFen

State = Literal["proposed", "active", "disputed", "completed", "cancelled", "expired", "decided"]
Rule = Literal["both", "delivery", "date"]
Word = Literal["accept", "decline", "deliver", "object", "renounce"]
Reason = Annotated[str, Meta(min_length=1, max_length=200, examples=["货物与合同不符"])]
MilestoneNo = Annotated[int, Meta(ge=1, le=20, examples=[1])]


class Milestone(Struct, frozen=True, kw_only=True):
    """A part of an agreement: paid to its payee is the lesser of what the two sides let go."""

    no: int
    title: str
    amount_fen: int
    due_on: date
    purpose: Purpose
    payee_name: str
    payee_account_tail: str
    payee_bank_code: str
    payer_word_fen: int
    beneficiary_word_fen: int
    claimed_at: datetime | None
    released_fen: int = 0
    under_way_fen: int = 0


class Shown(Struct, frozen=True, kw_only=True):
    """An agreement as both sides see it. `secured_fen` is in the escrow account at this moment:
    neither side can use it otherwise. funded = released + returned + secured."""

    id: UUID
    mode: Literal["guaranteed", "escrowed"]
    title: str
    amount_fen: int
    funded_fen: int
    released_fen: int
    returned_fen: int
    secured_fen: int
    beneficiary_name: str
    release_rule: Rule
    objection_days: int
    expires_at: datetime
    state: State
    reason: str | None
    version: int
    created_at: datetime
    ended_at: datetime | None
    milestones: list[Milestone]


class Guarantee(Struct, frozen=True, kw_only=True):
    """An agreement in the beneficiary's hands, as the bank told it at `told_at`."""

    id: UUID
    payer_name: str
    created_at: datetime
    told_at: datetime
    shown: Shown


class Told(Struct, frozen=True, kw_only=True):
    """The stored row: which firm's agreement it is."""

    id: UUID
    payer_business_id: UUID


class NewDelivery(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Say that a milestone, or a part of it worth so much, has been delivered."""

    milestone_no: MilestoneNo
    amount_fen: PositiveFen | None = None


class NewObjection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Object: nothing more is released until the bank has decided."""

    milestone_no: MilestoneNo
    reason: Reason


class Renunciation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give up what has not been released, with the reason."""

    reason: Reason


class Said(Struct, frozen=True, kw_only=True):
    """One word of the beneficiary."""

    id: UUID
    guarantee_id: UUID
    word: Word
    milestone_no: int | None
    amount_fen: int | None
    reason: str | None
    said_at: datetime


class WordSaid(Event, frozen=True, kw_only=True):
    """A beneficiary has said something about an agreement of another firm."""

    word_id: UUID
    escrow_id: UUID
    payer_business_id: UUID


class GuaranteeNotFound(NotFound):
    """There is no such guarantee."""

    zh = "担保不存在"


class GuaranteeNotOpen(Conflict):
    """The agreement is not in a state that allows this."""

    zh = "该担保当前状态不允许此操作"


class NoSuchMilestone(NotFound):
    """The agreement has no such milestone."""

    zh = "该协议没有此节点"
