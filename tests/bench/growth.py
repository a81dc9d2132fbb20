"""What a payment costs PostgreSQL in a small ledger and in a large one."""

from __future__ import annotations

import os
import statistics
from uuid import UUID

import asyncpg

from accounts.lane import operations
from app import database
from app.jobs import Ctx
from tests.bench import yardstick
from tests.bench.lane import FIRMS, batches, parent, processor, ready
from tests.bench.payment import Payer, payers
from tests.bench.report import Figure, ratio

SMALL = 100_000
LARGE = int(os.environ.get("POSTINGS") or 5_000_000)
ROUNDS = 5
BATCHES = 40


async def cost(
    line: asyncpg.Connection, url: str, ctx: Ctx, made: list[Payer], people: dict[str, UUID]
) -> list[float]:
    """Processor time of a payment in units of a bare transfer's, which does not grow."""
    pid = line.get_server_pid()
    server, source = parent(pid), batches(ctx, made, people, size=256, hot=False)
    found = []
    for _ in range(ROUNDS):
        began = processor(server, children=True)
        moved = await yardstick.transfers(url, clients=16, seconds=3) * 3
        bare = (processor(server, children=True) - began) / moved
        queue = [next(source) for _ in range(BATCHES)]
        began = processor(pid)
        for batch in queue:
            await operations.send(line, batch)
        found.append((processor(pid) - began) / sum(map(len, queue)) / bare)
    return found


async def grow(
    line: asyncpg.Connection,
    admin: asyncpg.Connection,
    ctx: Ctx,
    made: list[Payer],
    people: dict[str, UUID],
    *,
    until: int,
) -> None:
    """Pay until so many postings are there, then let the statistics know."""
    there = await admin.fetchval("select count(*) from ledger.postings")
    source = batches(ctx, made, people, size=256, hot=False)
    for _ in range(max(0, until - there) // 512):
        await operations.send(line, next(source))
    await admin.execute("analyze")


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """G3b: the steady cost at both sizes, then once more right after a checkpoint."""
    admin = await asyncpg.connect(url)
    await yardstick.prepare(admin)
    made = await payers(ctx, FIRMS)
    people: dict[str, UUID] = {}
    await ready(ctx, made, people)
    line = await database.connect(ctx.settings, "lane")
    await grow(line, admin, ctx, made, people, until=SMALL)
    small = await cost(line, url, ctx, made, people)
    await grow(line, admin, ctx, made, people, until=LARGE)
    large = await cost(line, url, ctx, made, people)
    await admin.execute("checkpoint")
    fresh = await cost(line, url, ctx, made, people)
    await line.close()
    await admin.close()
    against = f"at {SMALL:,} postings, {statistics.median(small):.2f} bare transfers"
    return [
        ratio(
            "G3b",
            f"processor time of a payment at {LARGE:,} postings{when}",
            figures,
            [statistics.median(small)] * len(figures),
            against=against,
            aim=aim,
            at_most=True,
        )
        for when, figures, aim in ((", steady", large, 1.25), (", after a checkpoint", fresh, 1.4))
    ]
