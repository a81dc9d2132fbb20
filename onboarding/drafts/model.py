"""The nouns of saved forms."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class VersionRow(Struct, frozen=True, kw_only=True):
    """One saved version as stored."""

    id: UUID
    version: int
    private: bytes
    saved_by: UUID | None
    saved_at: datetime


class Saved(Struct, frozen=True, kw_only=True):
    """One saved version in clear: the form's bytes as they were encoded."""

    version: int
    content: bytes
    saved_by: UUID | None
    saved_at: datetime
