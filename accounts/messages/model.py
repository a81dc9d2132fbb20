"""The nouns of messages: one as it was kept, one as the desk reads it."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Direction = Literal["out", "in"]


class StoredMessage(Struct, frozen=True, kw_only=True):
    """A message as stored: still sealed."""

    id: UUID
    subject_id: UUID
    direction: Direction
    definition: str
    reference: str
    sealed: bytes
    at: datetime


class Message(Struct, frozen=True, kw_only=True):
    """A message to or from the clearing house, word for word; `subject_id` is the payment, the
    credit or the recall that it is about."""

    id: UUID
    subject_id: UUID
    direction: Direction
    definition: str
    reference: str
    document: str
    at: datetime
