"""The nouns of the inbox."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class Notice(Struct, frozen=True, kw_only=True):
    """Something a person was told; `kind` and `about` say where the app goes on a tap."""

    id: UUID
    kind: str
    about: UUID
    text: str
    at: datetime
    unread: bool


class Inbox(Struct, frozen=True, kw_only=True):
    """The newest notices, and how many a person has not seen."""

    items: list[Notice]
    next: str | None
    unread: int


class SeenUntil(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything up to this moment has been seen."""

    until: Annotated[datetime, Meta(examples=["2025-09-02T02:00:00Z"], tz=True)]
