"""PDF documents, rendered in processes of their own that stay warm, and are killed when too slow.

`await documents.pdf("invoicing/invoices/pages/invoice.html", {…})`. A template lies with its
subject; its data are plain JSON values. The renderer is `app/rendering.py`: only there is
WeasyPrint imported.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from app.errors import Overloaded, Refusal

ROOT = Path(__file__).resolve().parent.parent
WARM_SECONDS = 60.0
LENGTH = 4
MAX_WAITING = 200


class DocumentRefused(Refusal):
    """The document cannot be rendered."""

    zh = "无法生成该文件"


class RenderersBusy(Overloaded):
    """Too many documents wait to be rendered."""

    zh = "文件生成繁忙，请稍后再试"


class RendererDied(Exception):
    """The process ended or ran out of time; a fresh one takes its place."""


@dataclass
class Renderer:
    """One warm process and the pipe to it."""

    seconds: float
    process: asyncio.subprocess.Process | None = None

    async def render(self, template: str, data: dict[str, Any]) -> bytes:
        """One document, within the time limit; the process is gone if it needs longer."""
        if self.process is None or self.process.returncode is not None:
            await self.start()
        try:
            answer = await asyncio.wait_for(self._ask({"template": template, "data": data}),
                                            self.seconds)  # fmt: skip
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as trouble:
            self.stop()
            raise RendererDied(type(trouble).__name__) from trouble
        except BaseException:
            # Cancelled half-way: the pipe holds an answer that belongs to nobody.
            self.stop()
            raise
        if error := answer.get("error"):
            raise DocumentRefused(template=template, reason=error)
        pdf: bytes = answer["pdf"]
        return pdf

    async def start(self) -> None:
        """Start the process and wait until its fonts are loaded."""
        self.process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "app.rendering",
            cwd=ROOT, env=_environment(), start_new_session=True,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            await asyncio.wait_for(self._read(), WARM_SECONDS)
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the process at once; the loop's child watcher reaps it."""
        process, self.process = self.process, None
        if process is not None:
            # Kills it and closes both pipes; left to the collector it would complain.
            process._transport.close()  # type: ignore[attr-defined]

    async def _ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process and self.process.stdin
        frame = msgspec.msgpack.encode(question)
        self.process.stdin.write(len(frame).to_bytes(LENGTH, "big") + frame)
        await self.process.stdin.drain()
        return await self._read()

    async def _read(self) -> dict[str, Any]:
        assert self.process and self.process.stdout
        length = int.from_bytes(await self.process.stdout.readexactly(LENGTH), "big")
        frame = await self.process.stdout.readexactly(length)
        return msgspec.msgpack.decode(frame, type=dict[str, Any])


@dataclass
class Documents:
    """A few renderers; whoever comes first gets the next free one."""

    processes: int = 1
    seconds: float = 20.0
    waiting: int = 0
    idle: asyncio.Queue[Renderer] = field(default_factory=asyncio.Queue)
    all: list[Renderer] = field(default_factory=list)
    warming: set[asyncio.Task[None]] = field(default_factory=set)

    def start(self) -> None:
        """Warm the renderers in the background; the first document may have to wait for one."""
        for _ in range(max(1, self.processes)):
            renderer = Renderer(self.seconds)
            self.all.append(renderer)
            task = asyncio.create_task(self._warm(renderer))
            self.warming.add(task)
            task.add_done_callback(self.warming.discard)

    async def _warm(self, renderer: Renderer) -> None:
        # A renderer that cannot start says why to the first who asks it.
        with contextlib.suppress(Exception):
            await renderer.start()
        self.idle.put_nowait(renderer)

    def close(self) -> None:
        """End every process."""
        for task in self.warming:
            task.cancel()
        for renderer in self.all:
            renderer.stop()
        self.all.clear()

    async def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """Render a template with plain values. DocumentRefused if it is too heavy or wrong."""
        if not self.all:
            self.start()
        if self.waiting >= MAX_WAITING:
            raise RenderersBusy(retry_after=5)
        self.waiting += 1
        try:
            renderer = await self.idle.get()
        finally:
            self.waiting -= 1
        try:
            return await renderer.render(template, data)
        except RendererDied as death:
            raise DocumentRefused(template=template, reason="too heavy to render") from death
        finally:
            self.idle.put_nowait(renderer)


def _environment() -> dict[str, str]:
    """No address and no secret of ours: the renderer only sees what it draws."""
    kept = ("PATH", "LANG", "TMPDIR", "DYLD_FALLBACK_LIBRARY_PATH", "PYTHONPATH")
    return {name: os.environ[name] for name in kept if name in os.environ}
