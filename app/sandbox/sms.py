"""Plays the short message gateway; phones are read with `GET /sms?phone=`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from msgspec import Struct

from app.outside.model import Outcome, SystemName
from app.outside.sms import NewText, SentText
from app.sandbox.system import Request, System, done, refused

_PHONE = re.compile(r"1[3-9][0-9]{9}")
LONGEST = 500


class Text(Struct, frozen=True, kw_only=True):
    """A message on somebody's phone."""

    reference: str
    phone: str
    text: str
    at: str


class Sms(System):
    """All messages, by phone."""

    name: ClassVar[SystemName] = "sms"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "messages": ("message", NewText, False)
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.phones: dict[str, list[Text]] = {}

    def state(self) -> dict[str, Any]:
        """Every message ever sent."""
        return {"messages": [text for texts in self.phones.values() for text in texts]}

    def inbox(self, phone: str) -> list[Text]:
        """A phone's messages, latest first."""
        return self.phones.get(phone, [])[::-1]

    def decide(self, kind: str, new: NewText) -> Outcome[SentText]:
        """Send it to a real-looking phone."""
        if not _PHONE.fullmatch(new.phone):
            return refused(new.reference, "phone", "手机号码有误")
        if not 0 < len(new.text) <= LONGEST:
            return refused(new.reference, "text", "短信内容长度有误")
        sent_at = datetime.now(UTC).isoformat(timespec="milliseconds")
        number = f"SM{len(self.requests) + 1:012d}"
        return done(new.reference, SentText(message_number=number, sent_at=sent_at))

    def on_taken(self, request: Request) -> None:
        """The message reaches the phone."""
        if request.decided["state"] != "done":
            return
        text = Text(
            reference=request.reference,
            phone=request.body["phone"],
            text=request.body["text"],
            at=request.decided["result"]["sent_at"],
        )
        self.phones.setdefault(text.phone, []).append(text)
