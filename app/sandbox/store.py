"""The sandbox's memory: an append-only journal per system, on disk before any answer."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

Record = dict[str, Any]


class Journal:
    """JSON lines; `append` writes, `synced` returns when everything appended is on disk.

    One fsync serves all who wait for it at the same time (group commit).
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._file = path.open("ab")
        self._written = 0
        self._durable = 0
        self._flush: asyncio.Future[None] | None = None

    def replay(self) -> Iterator[Record]:
        """Every record in order. A torn last line was never answered for and is cut off."""
        content = self._path.read_bytes()
        position = 0
        for line in content.splitlines(keepends=True):
            if not line.endswith(b"\n"):
                break
            yield msgspec.json.decode(line)
            position += len(line)
        if position < len(content):
            os.truncate(self._path, position)

    def append(self, record: Record) -> None:
        """Write one record; nobody may be told of it before `synced`."""
        self._file.write(msgspec.json.encode(record) + b"\n")
        self._written += 1

    async def synced(self) -> None:
        """Wait until everything appended so far is on disk."""
        wanted = self._written
        while self._durable < wanted:
            if self._flush is None:
                self._flush = asyncio.ensure_future(self._sync())
            await asyncio.shield(self._flush)

    async def _sync(self) -> None:
        reaching = self._written
        try:
            self._file.flush()
            await asyncio.to_thread(os.fsync, self._file.fileno())
            self._durable = reaching
        finally:
            self._flush = None

    async def close(self) -> None:
        """Write what is left and let go of the file."""
        await self.synced()
        self._file.close()
