"""A small HTTP load generator: keep-alive connections, one request in flight on each."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Seen:
    """What a run saw: statuses, and the seconds each answer took."""

    statuses: dict[int, int] = field(default_factory=dict)
    seconds: list[float] = field(default_factory=list)

    def note(self, status: int, seconds: float) -> None:
        """One answer."""
        self.statuses[status] = self.statuses.get(status, 0) + 1
        self.seconds.append(seconds)

    def quantile(self, part: float) -> float:
        """The time that this part of the answers did not exceed."""
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * part), len(ordered) - 1)]


def request(
    method: str, path: str, *, token: str, business_id: str, key: str = "", body: bytes = b""
) -> bytes:
    """The bytes of a request on a kept connection."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bank",
        f"Authorization: Bearer {token}",
        f"X-Business-Id: {business_id}",
    ]
    if key:
        lines.append(f"Idempotency-Key: {key}")
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Connection:
    """One kept connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, port: int) -> Connection:
        """Connect to this machine."""
        return cls(*await asyncio.open_connection("127.0.0.1", port))

    async def ask(self, raw: bytes) -> tuple[int, bytes]:
        """Send one request, read one answer."""
        self.writer.write(raw)
        head = await self.reader.readuntil(b"\r\n\r\n")
        status = int(head[9:12])
        lower = head.lower()
        at = lower.index(b"content-length:") + 15
        length = int(lower[at : lower.index(b"\r\n", at)])
        return status, await self.reader.readexactly(length)

    def close(self) -> None:
        """Hang up."""
        self.writer.close()


async def run(
    port: int,
    requests: Iterator[bytes],
    *,
    flight: int,
    seconds: float,
    meanwhile: Callable[[], Awaitable[None]] | None = None,
) -> Seen:
    """So many connections ask for so long; `requests` is shared."""
    seen = Seen()
    connections = [await Connection.open(port) for _ in range(flight)]
    until = time.perf_counter() + seconds

    async def one(connection: Connection) -> None:
        while (began := time.perf_counter()) < until:
            status, _ = await connection.ask(next(requests))
            seen.note(status, time.perf_counter() - began)

    tasks = [one(connection) for connection in connections]
    if meanwhile is not None:
        tasks.append(meanwhile())
    await asyncio.gather(*tasks)
    for connection in connections:
        connection.close()
    return seen
