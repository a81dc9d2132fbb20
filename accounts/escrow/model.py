"""The nouns of escrow: terms, milestones, what both sides have said, and what goes wrong."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.guarantees.model import Milestone, MilestoneNo, Reason, Rule, Shown, State
from accounts.payments.model import Payee, Purpose
from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import NonNegativeFen, PositiveFen
from app.names import Text

Mode = Literal["guaranteed", "escrowed"]
Step = Literal[
    "proposed", "funding", "accepted", "delivered", "agreed", "objected", "paid", "not_paid",
    "returned", "cancelled", "declined", "renounced", "expired", "decided", "resumed",
    "completed",
]  # fmt: skip
By = Literal["payer", "beneficiary", "bank", "clock"]
ENDED: frozenset[State] = frozenset({"completed", "cancelled", "expired", "decided"})


class NewMilestone(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the agreement; its payee is the beneficiary unless another one is named."""

    title: Text
    amount_fen: PositiveFen
    due_on: date
    purpose: Purpose = "goods"
    payee: Payee | None = None


class NewEscrow(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Terms offered to a beneficiary with an account in this bank.

    `guaranteed`: one milestone, all the money put in at once. `release_rule`: `both` = by both
    sides' word; `delivery` = also when the beneficiary has delivered and nobody has objected for
    `objection_days`; `date` = also when a milestone's date has passed without objection.
    """

    mode: Literal["guaranteed", "escrowed"]
    account_id: UUID
    title: Text
    beneficiary: Payee
    milestones: Annotated[list[NewMilestone], Meta(min_length=1, max_length=20)]
    expires_at: Annotated[datetime, Meta(tz=True, examples=["2025-12-01T10:00:00+08:00"])]
    release_rule: Rule = "both"
    objection_days: Annotated[int, Meta(ge=0, le=90, examples=[7])] = 7


class NewFunding(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Put money in: so much, or all that is missing."""

    amount_fen: PositiveFen | None = None
    step_up_id: UUID | None = None


class NewAgreement(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let a milestone go, or a part of it."""

    milestone_no: MilestoneNo
    amount_fen: PositiveFen | None = None


class Objection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Object: nothing more is released until the bank has decided."""

    milestone_no: MilestoneNo
    reason: Reason


class Withdrawal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take the offer back, with the reason."""

    reason: Reason


class MilestoneShare(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How much more of a milestone its payee gets by the bank's decision."""

    milestone_no: MilestoneNo
    amount_fen: NonNegativeFen


class EscrowDecision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The bank's decision: each payee's share, the rest back to the payer; or `resume`."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[3])]
    outcome: Literal["split", "resume"]
    shares: Annotated[list[MilestoneShare], Meta(max_length=20)] = []
    reason: Reason


class EscrowProposal(Struct, frozen=True, kw_only=True):
    """One person's decision about a dispute; another one must agree to exactly this."""

    escrow_id: UUID
    decision: EscrowDecision
    proposed_by: UUID
    proposed_at: datetime


class EscrowSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree to the decision that was proposed for the version seen."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[3])]


class Escrow(Struct, frozen=True, kw_only=True):
    """The stored agreement in the payer's firm."""

    id: UUID
    mode: Mode
    made_by: UUID
    account_id: UUID
    escrow_account_id: UUID
    title: str
    amount_fen: int
    beneficiary_business_id: UUID
    beneficiary_name: str
    beneficiary_account_id: UUID
    beneficiary_sealed: bytes
    release_rule: Rule
    objection_days: int
    expires_at: datetime
    state: State
    reason: str | None
    version: int
    steps: int
    look_at: datetime | None
    created_at: datetime
    disputed_at: datetime | None
    ended_at: datetime | None


class Part(Milestone, frozen=True, kw_only=True):
    """A stored milestone: also where its money goes."""

    payee_sealed: bytes


class Move(Struct, frozen=True, kw_only=True):
    """Which agreement and milestone a payment order belongs to."""

    escrow_id: UUID
    milestone_no: int | None


class Money(Struct, frozen=True, kw_only=True):
    """The figures of an agreement; `free_fen`: there and not held for an order on its way."""

    funded_fen: int
    funding_fen: int
    released_fen: int
    returned_fen: int
    secured_fen: int
    free_fen: int
    orders: int


class Case(Struct, frozen=True, kw_only=True):
    """An agreement with its milestones and figures, under its lock."""

    escrow: Escrow
    parts: list[Part]
    money: Money


class Recorded(Struct, frozen=True, kw_only=True):
    """One step of an agreement's history."""

    no: int
    step: Step
    by: By
    milestone_no: int | None
    amount_fen: int | None
    reason: str | None
    at: datetime


class Agreement(Struct, frozen=True, kw_only=True):
    """The agreement as the payer and the bank see it, with its history."""

    shown: Shown
    account_id: UUID
    steps: list[Recorded]


class Dispute(Struct, frozen=True, kw_only=True):
    """A line of the desk's queue."""

    id: UUID
    title: str
    mode: Mode
    amount_fen: int
    beneficiary_name: str
    reason: str | None
    version: int
    disputed_at: datetime


class Terms(Struct, frozen=True, kw_only=True):
    """The bank's policy on escrow."""

    longest_days: int
    retry_minutes: int


class EscrowChanged(Event, frozen=True, kw_only=True):
    """An agreement is different from what its beneficiary was told."""

    escrow_id: UUID
    beneficiary_business_id: UUID


class EscrowDecided(Event, frozen=True, kw_only=True):
    """The bank has decided a dispute; the money moves accordingly."""

    escrow_id: UUID


class NoDecisionProposed(NotFound):
    """Nobody has proposed a decision about this dispute."""

    zh = "尚无待复核的争议处理方案"


class EscrowNotFound(NotFound):
    """There is no such agreement."""

    zh = "协议不存在"


class EscrowNotOpen(Conflict):
    """The agreement is not in a state that allows this."""

    zh = "协议当前状态不允许此操作"


class EscrowChangedSince(Conflict):
    """The agreement was changed since it was read; read it again."""

    zh = "协议已变化，请刷新后重试"


class NoSuchPart(NotFound):
    """The agreement has no such milestone."""

    zh = "该协议没有此节点"


class TooMuch(Refusal):
    """That is more than the agreement or the milestone still needs."""

    zh = "金额超过协议或节点的剩余金额"


class EscrowTermsWrong(Refusal):
    """These terms do not fit the mode, or their dates do not."""

    zh = "协议条款不符合该担保方式或日期有误"


class BeneficiaryElsewhere(Refusal):
    """The beneficiary needs an account in this bank, of another firm."""

    zh = "受益人须为在本行开户的其他企业"
