"""`make bench`: every part, or the one that PART names."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import asyncpg

from app import database, embedded
from app.jobs import Ctx
from app.outside import connect
from app.settings import load
from tests.bench import (
    doors,
    envelope,
    growth,
    lane,
    payment,
    posting,
    reviewers,
    start,
    statements,
    wages,
)
from tests.bench.report import Figure, publish
from workers.main import open_ctx

PARTS: dict[str, Callable[[Ctx, str], Awaitable[list[Figure]]]] = {
    "envelope": envelope.run,
    "posting": posting.run,
    "payment": payment.run,
    "lane": lane.run,
    "bystander": payment.bystander,
    "doors": doors.run,
    "wages": wages.run,
    "statements": statements.run,
    "growth": growth.run,
    "queue": reviewers.run,
    "start": start.run,
}
# As in production: no look at a movable clock in each transaction.
KEY = "00" * 32


async def measure(name: str, servers: embedded.Throwaway) -> list[Figure]:
    """One part on a database of its own."""
    admin = await asyncpg.connect(servers.postgres.address("postgres"))
    await admin.execute(f"create database bench_{name}")
    await admin.close()
    url = servers.postgres.address(f"bench_{name}")
    where = {"XIAOWEI_VAR": str(servers.var)}
    # Development makes the keys for the outside; production only reads them.
    await connect(load(where)).close()
    settings = load(
        where,
        database_url=url,
        redis_url=servers.valkey.url,
        environment="production",
        master_key=KEY,
        pool_size=16,
        pool_wait_seconds=30,
        log_level="ERROR",
    )
    await database.prepare(settings)
    async with open_ctx(settings) as ctx:
        return await PARTS[name](ctx, url)


async def main(names: list[str]) -> int:
    """Measure and publish, part by part."""
    with embedded.throwaway() as servers:
        for name in names or PARTS:
            publish(name, await measure(name, servers), Path("var"))
    return 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
