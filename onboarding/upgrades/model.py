"""The nouns of an upgrade: what the firm brings, and what the reviewer decided."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import Text
from onboarding.applications.model import NonNegativeFen

UpgradeState = Literal["asked", "approved", "refused"]
UpgradeCode = Literal[
    "address_unverified", "purpose_unclear", "document_unreadable", "outside_policy"
]


class NewUpgrade(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Ask for a full account: the proof of the address, and what the account will be used for."""

    address_proof: Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000001"])]
    purpose: Text
    expected_monthly_fen: NonNegativeFen


class Upgrade(Struct, frozen=True, kw_only=True):
    """An upgrade as the firm and the desk see it."""

    business_id: UUID
    id: UUID
    application_id: UUID
    state: UpgradeState
    address_proof: UUID
    purpose: str
    expected_monthly_fen: int
    branch: str
    account_name: str
    uscc: str
    asked_at: datetime
    due_at: datetime
    decided_at: datetime | None
    codes: list[str]


class UpgradeDecision(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Approve, or refuse and say why."""

    approve: Annotated[bool, Meta(examples=[True])]
    codes: Annotated[list[UpgradeCode], Meta(max_length=4, examples=[["address_unverified"]])] = []


class UpgradeDecided(Event, frozen=True, kw_only=True):
    """The bank has decided about an upgrade."""

    upgrade_id: UUID
    application_id: UUID
    approved: bool


class UpgradeNotFound(NotFound):
    """The upgrade does not exist."""

    zh = "升级申请不存在"


class UpgradeNotOpen(Conflict):
    """This account cannot be upgraded now: it is not active, is full already, or is being asked
    about."""

    zh = "该账户当前无需或不能申请升级"


class UpgradeSettled(Conflict):
    """The upgrade has been decided."""

    zh = "该升级申请已有结论"


class UpgradeUnexplained(Refusal):
    """Say why: refusing needs at least one code."""

    zh = "拒绝升级须注明原因"
