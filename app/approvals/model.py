"""Approvals: a question put to other people about one version of one object."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from app.errors import Conflict, Forbidden, NotFound, Refusal
from app.events import Event

Scope = Literal["firm", "bank"]
State = Literal["open", "approved", "rejected", "withdrawn", "expired"]


class ApprovalNotFound(NotFound):
    """Nothing waits for your approval there."""

    zh = "没有待您审批的事项"


class AlreadyDecided(Conflict):
    """This has been decided already."""

    zh = "该事项已有审批结论"


class SelfApproval(Forbidden):
    """Whoever made or asked for it may not approve it; another person must."""

    zh = "制单人不得审批自己的业务，须由他人审批"


class DecidedByYou(Conflict):
    """You have decided on this already; another person must."""

    zh = "您已对该事项作出审批，须由另一人继续"


class StaleVersion(Conflict):
    """It has changed since you saw it; look again."""

    zh = "内容已变更，请刷新后重新审批"


class NotYourPlace(Forbidden):
    """Another role must agree here, or agree first."""

    zh = "该事项须由其他角色审批，或尚未轮到您"


class DelegationNotFound(NotFound):
    """There is no such absence."""

    zh = "委托不存在"


class BadDelegation(Refusal):
    """An absence ends after it begins, within 92 days, and its stand-in is another member."""

    zh = "委托期限或受托人有误"


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """Who must agree: one list of roles for each person, in this order or in any; the last one
    also confirms by a step-up where `step_up` says so. Empty steps = anybody, `levels` of them."""

    steps: list[list[str]] = []
    in_order: bool = False
    step_up: bool = False


class Term(msgspec.Struct, frozen=True, kw_only=True):
    """When a question that is not answered is rung for, and when it ends."""

    remind_at: datetime
    expires_at: datetime


class Approval(msgspec.Struct, frozen=True, kw_only=True):
    """One question. `excluded` and `requested_by` are principals who may not answer it."""

    id: UUID
    business_id: UUID
    kind: str
    object_id: UUID
    version: int
    scope: Scope
    levels: int
    amount_fen: int | None
    excluded: list[str]
    requested_by: str
    requested_at: datetime
    state: State
    steps: list[list[str]]
    in_order: bool
    step_up: bool
    reminded_at: datetime | None
    expires_at: datetime | None


class Asked(Approval, frozen=True, kw_only=True):
    """A question with whether the one who would answer is, as a human, among those barred."""

    barred: bool


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """One person's answer, as which role, and in whose stead."""

    approval_id: UUID
    principal: str
    approve: bool
    role: str
    stands_for: UUID | None
    decided_at: datetime


class Authority(msgspec.Struct, frozen=True, kw_only=True):
    """As what somebody may answer: their own role, or that of an absent member."""

    role: str
    stands_for: UUID | None = None


class Somebody(msgspec.Struct, frozen=True, kw_only=True):
    """A member or a stand-in, with one of their authorities."""

    person_id: UUID
    role: str
    stands_for: UUID | None = None


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer led to: still open, or settled one way; `step_up` = it must be confirmed."""

    settled: bool
    approved: bool
    remaining: int
    step_up: bool


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox; `link` is the product's own route to open and decide. It waits since
    `requested_at`, and ends at `expires_at`."""

    id: UUID
    kind: str
    object_id: UUID
    version: int
    amount_fen: int | None
    requested_at: datetime
    expires_at: datetime | None
    link: str


class Pending(Waiting, frozen=True, kw_only=True):
    """A question of the firm with how far it has come and who may give the next answer."""

    requested_by: str
    reminded_at: datetime | None
    agreed: list[Somebody]
    remaining: int
    waits_for: list[Somebody]


class Delegation(msgspec.Struct, frozen=True, kw_only=True):
    """One member answers in another's stead from a moment until another."""

    id: UUID
    from_person: UUID
    to_person: UUID
    from_at: datetime
    until_at: datetime
    made_at: datetime


class NewDelegation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name who answers in my stead while I am away."""

    to_person: UUID
    from_at: Annotated[datetime, msgspec.Meta(tz=True, examples=["2025-09-02T01:00:00Z"])]
    until_at: Annotated[datetime, msgspec.Meta(tz=True, examples=["2025-09-09T10:00:00Z"])]


class ApprovalAsked(Event, frozen=True, kw_only=True):
    """A question waits for members of the firm."""

    approval_id: UUID
    kind: str
    object_id: UUID


class ApprovalWaits(Event, frozen=True, kw_only=True):
    """A question has waited long without an answer."""

    approval_id: UUID
    kind: str
    object_id: UUID


class ApprovalExpired(Event, frozen=True, kw_only=True):
    """A question has waited too long and is over."""

    kind: str
    object_id: UUID
    version: int
