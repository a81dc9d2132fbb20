"""Identifiers: UUIDv7, so that new rows go to the right edge of every index."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """A new time-ordered identifier (RFC 9562 version 7)."""
    return uuid7()
