"""Hands a stranger's paper to the reading process and brings back what is harmless of it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from app.errors import XiaoweiError
from app.files.cleaning import Paper
from app.files.model import (
    FileEmpty,
    FileKindRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    PapersBusy,
    PictureTooLarge,
)

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 20.0
WARM_SECONDS = 30.0
MOST_WAITING = 40
LENGTH = 4
REFUSALS: dict[str, type[XiaoweiError]] = {
    one.__name__: one
    for one in (
        FileEmpty,
        FileKindRefused,
        FileTooLarge,
        FileUnreadable,
        FileUnsafe,
        PictureTooLarge,
    )
}


class _Reader:
    """One warm process, started by the first paper; one paper at a time goes through it."""

    def __init__(self) -> None:
        self.process: asyncio.subprocess.Process | None = None
        self.turn = asyncio.Lock()
        self.waiting = 0

    async def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        """The process's answer; FileUnreadable when it died of the paper or took too long."""
        if self.waiting >= MOST_WAITING:
            raise PapersBusy(retry_after=2)
        self.waiting += 1
        try:
            async with self.turn:
                return await self._ask(question)
        finally:
            self.waiting -= 1

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        if self.process is None or self.process.returncode is not None:
            await self._start()
        try:
            async with asyncio.timeout(SECONDS):
                assert self.process is not None and self.process.stdin is not None
                frame = msgspec.msgpack.encode(question)
                self.process.stdin.write(len(frame).to_bytes(LENGTH, "big") + frame)
                await self.process.stdin.drain()
                return await self._read()
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as trouble:
            self.stop()
            raise FileUnreadable(reason="too_heavy") from trouble
        except BaseException:
            # Cancelled half-way: the pipe holds an answer that belongs to nobody.
            self.stop()
            raise

    async def _start(self) -> None:
        self.stop()
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.files.reading",
            cwd=ROOT, env=_environment(), start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            async with asyncio.timeout(WARM_SECONDS):
                await self._read()
        except (TimeoutError, asyncio.IncompleteReadError) as trouble:
            self.stop()
            raise PapersBusy(retry_after=5) from trouble
        except BaseException:
            self.stop()
            raise

    async def _read(self) -> dict[str, Any]:
        assert self.process is not None and self.process.stdout is not None
        length = int.from_bytes(await self.process.stdout.readexactly(LENGTH), "big")
        frame = await self.process.stdout.readexactly(length)
        return msgspec.msgpack.decode(frame, type=dict[str, Any])

    def stop(self) -> None:
        """End the process at once; the loop's child watcher reaps it."""
        process, self.process = self.process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                # Kills it and closes both pipes; left to the collector it would complain.
                process._transport.close()  # type: ignore[attr-defined]


_reader = _Reader()


async def clean(kind: str, content: bytes) -> Paper:
    """What of an upload may be kept. Call it before the transaction begins: it takes its time.

    Raises FileEmpty, FileTooLarge, FileKindRefused, PictureTooLarge, FileUnsafe, FileUnreadable,
    PapersBusy.
    """
    said = await _reader.ask({"kind": kind, "content": content})
    if (name := said.get("refused")) is not None:
        raise REFUSALS[name](**said["facts"])
    return msgspec.convert(said, Paper)


def close() -> None:
    """End the process; the next paper starts another."""
    _reader.stop()


def _environment() -> dict[str, str]:
    """No address and no secret of ours: the process only sees what it reads."""
    kept = ("PATH", "LANG", "TMPDIR", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
