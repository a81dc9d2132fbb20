"""A statement of 50,000 lines made in the background, and what everybody else notices of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import msgspec

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.jobs import Ctx
from tests.bench import load
from tests.bench.payment import Payer, environment, look, payers, serving
from tests.bench.report import ROOT, Figure, ratio

LINES = int(os.environ.get("LINES") or 50_000)
FORMS = ("csv", "xlsx", "camt053")
SECONDS = 2.0
LONGEST_SECONDS = 300


async def fill(ctx: Ctx, payer: Payer) -> None:
    """So many movements on the payer's account, half in and half out."""
    business_id, account_id = UUID(payer.business_id), UUID(payer.account_id)
    for at in range(0, LINES, 500):
        async with ctx.begin(business_id) as work:
            side = await ledger.bank_side(work, kind="capital")
            entries = [
                NewEntry(
                    kind="fee",
                    business_key=f"line:{no}",
                    memo=f"第{no}笔",
                    legs=[
                        Leg(account_id=account_id, amount_fen=(-1) ** no * 100),
                        Leg(account_id=side, amount_fen=-((-1) ** no) * 100),
                    ],
                )
                for no in range(at, at + 500)
            ]
            await ledger.post(work, entries=entries)


@contextlib.asynccontextmanager
async def working(ctx: Ctx, url: str) -> AsyncIterator[int]:
    """A worker of its own; its process id."""
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "worker"],
        env=environment(ctx, url),
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process.pid
    finally:
        process.terminate()
        process.wait(60)


def most_memory(pid: int) -> int:
    """The most that a process ever had in memory, MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) >> 10


async def made(port: int, payer: Payer, form: str) -> dict[str, object]:
    """Order an export and wait until it is there."""
    connection = await load.Connection.open(port)

    async def ask(method: str, path: str, body: bytes = b"") -> dict[str, object]:
        raw = load.request(
            method, path, token=payer.token, business_id=payer.business_id,
            key=f"statement-{form}" if body else "", body=body,
        )  # fmt: skip
        status, content = await connection.ask(raw)
        assert status < 300, content
        return dict(msgspec.json.decode(content))

    body = msgspec.json.encode({"form": form})
    export = await ask("POST", f"/v1/accounts/{payer.account_id}/exports", body)
    for _ in range(LONGEST_SECONDS * 5):
        await asyncio.sleep(0.2)
        export = await ask("GET", f"/v1/exports/{export['id']}")
        if export["state"] != "asked":
            break
    connection.close()
    assert (export["state"], export["lines_done"]) == ("done", LINES + 1), export
    return export


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """The reader's p99 before and during, and the worker's memory before and after."""
    payer, watcher = await payers(ctx, 2)
    await fill(ctx, payer)
    figures = []
    async with serving(ctx, url) as port, working(ctx, url) as worker:
        reads = itertools.repeat(look(watcher))
        await load.run(port, reads, flight=2, seconds=SECONDS)
        for form in FORMS:
            before = most_memory(worker)
            quiet = (await load.run(port, reads, flight=2, seconds=SECONDS)).quantile(0.99)
            waiting = asyncio.create_task(made(port, payer, form))
            crowded: list[float] = []
            took = 0.0
            while not waiting.done():
                told = await load.run(port, reads, flight=2, seconds=SECONDS)
                crowded.append(told.quantile(0.99))
                took += SECONDS
            await waiting
            figures += [
                ratio(
                    "statement",
                    f"a reader's p99 while {LINES:,} lines become {form} ({took:g} s) (times)",
                    crowded,
                    [quiet] * len(crowded),
                    against=f"its own p99 a moment before, {quiet * 1000:.1f} ms",
                    aim=2,
                    at_most=True,
                ),
                Figure(
                    goal="statement",
                    what=f"most memory of the worker after {form}, MiB (before: {before})",
                    value=most_memory(worker),
                ),
            ]
    return figures
