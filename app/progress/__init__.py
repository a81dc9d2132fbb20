"""Live progress: rows are the truth, a reader follows them by their sequence number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from app.queries import load

sql = load(__name__)

POLL_SECONDS = 0.5
STREAM_SECONDS = 300
KEEP_ALIVE_EVERY = 20


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a stream; `seq` is the event id that `Last-Event-ID` names."""

    seq: int
    event: str
    facts: dict[str, Any]
    at: datetime


async def follow(
    read: Callable[[int], Awaitable[list[Step]]], *, after: int, wait: Callable[[], Awaitable[None]]
) -> AsyncIterator[bytes]:
    """Server-Sent Events of a stream from `after` on; each look is a short transaction.

    Ends by itself after five minutes: the client resumes with `Last-Event-ID`.
    """
    yield b"retry: 1000\n\n"
    for beat in range(int(STREAM_SECONDS / POLL_SECONDS)):
        for step in await read(after):
            after = step.seq
            data = msgspec.json.encode({**step.facts, "at": step.at}).decode()
            yield f"id: {step.seq}\nevent: {step.event}\ndata: {data}\n\n".encode()
            if step.facts.get("final"):
                return
        if beat % KEEP_ALIVE_EVERY == 0:
            yield b": still here\n\n"
        await wait()


async def pause() -> None:
    """Wait for the next look."""
    await asyncio.sleep(POLL_SECONDS)


def parse_last_event_id(header: str | None) -> int:
    """The sequence number a client saw last; anything unreadable starts from the beginning."""
    return int(header) if header and header.isascii() and header.isdigit() else 0
