"""The nouns of the offices' parts: whose turn it is, what was answered, what can be tried again."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound
from app.events import Event

Part = Literal["licence", "seals", "tax", "social_insurance", "housing_fund", "bank"]
OwnersPart = Literal["seals", "social_insurance", "housing_fund"]
PartState = Literal["waiting", "asked", "done", "failed"]
PartNumber = Annotated[str, Meta(pattern="^[0-9A-Z-]{4,40}$", examples=["SH-2025-00012345"])]
Branch = Annotated[str, Meta(pattern="^[0-9]{4}$", examples=["0001"])]


class PartRow(Struct, frozen=True, kw_only=True):
    """One office's part as stored."""

    part: Part
    state: PartState
    by_owner: bool
    attempt: int
    due_at: datetime | None
    number: str | None
    refused_code: str | None
    quota_fen: int | None
    changed_at: datetime


class PartStatus(Struct, frozen=True, kw_only=True):
    """One office's part: its state, who acts next, by when, the number it gave or why it refused,
    which attempt this is, and for tax the month's invoice quota."""

    part: Part
    state: PartState
    acts: Literal["office", "owner", "bank", "nobody"]
    due_at: datetime | None
    number: str | None
    attempt: int
    refused_code: str | None
    quota_fen: int | None
    changed_at: datetime


class Turn(Struct, frozen=True, kw_only=True):
    """One thing that happened to one part."""

    part: Part
    state: PartState
    note: str
    at: datetime


class Parts(Struct, frozen=True, kw_only=True):
    """All offices' parts, and what happened to them, oldest first."""

    parts: list[PartStatus]
    timeline: list[Turn]


class PartConfirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The number an office gave the firm, as the firm records it."""

    number: PartNumber


class OfficeAsked(Event, frozen=True, kw_only=True):
    """An office is to be asked for its part, for the first time or again."""

    registration_id: UUID
    part: Part
    attempt: int


class PartNotFound(NotFound):
    """There is no such part."""

    zh = "该事项不存在"


class PartNotOpen(Conflict):
    """That part cannot be confirmed now."""

    zh = "该事项当前不能确认"


class PartNotFailed(Conflict):
    """Only a part that was refused is tried again."""

    zh = "只有未办成的事项可以重新申请"
