"""A proxy before PostgreSQL that loses a payment's COMMIT, or only the answer to it."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

SOCKET = ".s.PGSQL.5432"
COMMIT = b"Q\x00\x00\x00\x0bcommit\x00"
COMMITTED = b"COMMIT\x00"
# A statement that makes a payment, by the name under which the client prepares it.
MAKES_PAYMENT = re.compile(rb"(__asyncpg_stmt_\w+__)\x00insert into accounts\.payments")
# The lane's one statement commits by itself: it and its answer are lost like a COMMIT.
PAYS_BATCH = re.compile(rb"(__asyncpg_stmt_\w+__)\x00[^\x00]*accounts\.pay_batch")
BIND, BATCH_COMMITTED = b"B", b"C\x00\x00\x00\rSELECT "

Loss = Literal["nothing", "answer", "commit"]


class Link:
    """One connection through the proxy."""

    def __init__(self) -> None:
        self.payment_statements: set[bytes] = set()
        self.batch_statements: set[bytes] = set()
        self.pays = False
        self.cut = False


class Proxy:
    """Lose `left` COMMITs of payments: forwarded and their answer dropped, or never sent."""

    def __init__(self, upstream: Path) -> None:
        self.upstream = upstream
        self.loses: Loss = "nothing"
        self.left = 0
        # What really happened, as the database said it to us.
        self.reached: Counter[str] = Counter()

    def lose(self, what: Loss, count: int) -> None:
        self.loses, self.left = what, count

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client: bytes both ways until either side ends or the link is cut."""
        link = Link()
        try:
            up_reader, up_writer = await asyncio.open_unix_connection(str(self.upstream))
        except OSError:
            writer.transport.abort()
            return
        both = [
            asyncio.create_task(self._to_server(link, reader, up_writer)),
            asyncio.create_task(self._to_client(link, up_reader, writer)),
        ]
        with contextlib.suppress(OSError):
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        writer.transport.abort()
        up_writer.transport.abort()

    async def _to_server(
        self, link: Link, reader: asyncio.StreamReader, server: asyncio.StreamWriter
    ) -> None:
        while chunk := await reader.read(65536):
            link.payment_statements.update(MAKES_PAYMENT.findall(chunk))
            link.pays = link.pays or any(name in chunk for name in link.payment_statements)
            link.batch_statements.update(PAYS_BATCH.findall(chunk))
            batch = chunk[:1] == BIND and any(name in chunk for name in link.batch_statements)
            if batch or COMMIT in chunk:
                if (batch or link.pays) and self.left:
                    self.left -= 1
                    if self.loses == "commit":
                        self.reached["commits_never_sent"] += 1
                        return
                    link.cut = True
                link.pays = False
            server.write(chunk)
            await server.drain()

    async def _to_client(
        self, link: Link, server: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while chunk := await server.read(65536):
            if link.cut:
                self.reached["commit_answers_lost"] += 1
                committed = COMMITTED in chunk or BATCH_COMMITTED in chunk
                self.reached["of_these_committed"] += committed
                return
            writer.write(chunk)
            await writer.drain()


@contextlib.asynccontextmanager
async def between(upstream: Path) -> AsyncIterator[tuple[Proxy, Path]]:
    """A proxy before the server's socket folder; it and the folder to connect to instead."""
    folder = Path(tempfile.mkdtemp(prefix="xw-px-"))
    proxy = Proxy(upstream / SOCKET)
    server = await asyncio.start_unix_server(proxy.connected, str(folder / SOCKET))
    try:
        yield proxy, folder
    finally:
        server.close()
        shutil.rmtree(folder, ignore_errors=True)
