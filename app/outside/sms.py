"""The short message gateway: one text to one phone."""

from __future__ import annotations

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire


class NewText(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message; repeating the reference sends nothing again."""

    reference: Reference
    phone: str
    text: str


class SentText(Struct, frozen=True, kw_only=True):
    """The gateway's receipt."""

    message_number: str
    sent_at: str


class Sms:
    """Requests to the gateway."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def send(self, *, reference: str, phone: str, text: str) -> Outcome[SentText]:
        """Send a text to a phone of eleven digits."""
        new = NewText(reference=reference, phone=phone, text=text)
        return await self._wire.post("/messages", new, Outcome[SentText])
