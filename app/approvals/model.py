"""Approvals: a question put to other people about one version of one object."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from app.errors import Conflict, Forbidden, NotFound

Scope = Literal["firm", "bank"]
State = Literal["open", "approved", "rejected", "withdrawn"]


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


class Vote(msgspec.Struct, frozen=True, kw_only=True):
    """One person's answer."""

    principal: str
    approve: bool


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer led to: still open, or settled one way."""

    settled: bool
    approved: bool
    remaining: int


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the inbox; `link` is the product's own route to open and decide."""

    id: UUID
    kind: str
    object_id: UUID
    version: int
    amount_fen: int | None
    requested_at: datetime
    link: str
