"""Live progress: rows are the truth, a reader follows them by their sequence number."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from app.queries import load

sql = load(__name__)

STREAM_SECONDS = 300
KEEP_ALIVE_SECONDS = 10
# A client that lost its line comes back after a second; after a restart of ours, not all at once.
RETRY_MS = 1000


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a stream; `seq` is the event id that `Last-Event-ID` names."""

    seq: int
    event: str
    facts: dict[str, Any]
    at: datetime


async def follow(
    read: Callable[[int], Awaitable[list[Step]]],
    *,
    after: int,
    wait: Callable[[int, float], Awaitable[bool]],
) -> AsyncIterator[bytes]:
    """Server-Sent Events of a stream from `after` on; each look is a short transaction.

    `wait(after, seconds)` returns whether there is more to read; while there is not, a comment
    keeps the line open and nothing is asked of the database. Ends by itself after five minutes:
    the client resumes with `Last-Event-ID`, also at another process or after a restart.
    """
    yield f"retry: {RETRY_MS}\n\n".encode()
    loop = asyncio.get_running_loop()
    ends = loop.time() + STREAM_SECONDS
    more = True
    while loop.time() < ends:
        if more:
            for step in await read(after):
                after = step.seq
                data = msgspec.json.encode({**step.facts, "at": step.at}).decode()
                yield f"id: {step.seq}\nevent: {step.event}\ndata: {data}\n\n".encode()
                if step.facts.get("final"):
                    return
        more = await wait(after, KEEP_ALIVE_SECONDS)
        if not more:
            yield b": still here\n\n"


def parse_last_event_id(header: str | None) -> int:
    """The sequence number a client saw last; anything unreadable starts from the beginning."""
    readable = header is not None and header.isascii() and header.isdigit() and len(header) < 10
    return int(header) if header is not None and readable else 0
