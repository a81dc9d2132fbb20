"""What a Work costs: begin, one indexed read, commit, against the bare select."""

from __future__ import annotations

import time

from accounts.ledger import operations as ledger
from app.jobs import Ctx
from tests.bench.posting import firms
from tests.bench.report import Figure, ratio

READS = 300
ROUNDS = 7


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """Time per read, alone on one connection."""
    (business_id, account), *_ = await firms(ctx)
    envelope, bare = [], []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        for _ in range(READS):
            async with ctx.begin(business_id) as work:
                await ledger.balance(work, account_id=account)
        envelope.append(time.perf_counter() - started)
        async with ctx.pools["worker"].acquire() as connection:
            await connection.execute(f"begin; set local app.business = '{business_id}'")
            text = ledger.sql.balance.text
            started = time.perf_counter()
            for _ in range(READS):
                await connection.fetchrow(text, business_id, account)
            bare.append(time.perf_counter() - started)
            await connection.execute("commit")
    return [
        ratio(
            "G6",
            "begin-read-commit against the bare select (times)",
            envelope,
            bare,
            against="the same select on an open transaction",
            aim=3.5,
            at_most=True,
        )
    ]
