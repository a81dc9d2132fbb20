"""The named moments at which something dies: the worst that we could think of."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import redis.asyncio as redis

from tests.flows.test_payroll_pays_everybody import make, step
from tests.soak import proxy
from tests.soak.attack import Attack
from tests.soak.system import eventually
from workers.main import AT_ONCE, QUEUE

# How many answers to COMMIT are lost at a time, and how many COMMITs.
LOSSES: tuple[tuple[proxy.Loss, int], ...] = (("answer", 5), ("commit", 3))
CRASH_POINTS = (
    "committed.person",
    "answered.clearing",
    "answered.payroll",
    "claimed.accounts.clearing.send",
    "effected.bookkeeping.postings.record_payment",
)


async def committed(attack: Attack) -> None:
    """After the commit, before the answer."""
    await attack.die_at("committed.person", "api")


async def commit_lost(attack: Attack) -> None:
    """The answer of COMMIT is lost, or COMMIT itself: a second API stands behind the proxy."""
    till, url = attack.till, str(attack.system.run["database_url"])
    sockets = Path(parse_qs(urlsplit(url).query)["host"][0])
    async with (
        proxy.between(sockets) as (middle, folder),
        attack.system.another_api(url.replace(str(sockets), str(folder))) as second,
    ):
        for what, count in LOSSES:
            middle.lose(what, count)
            for _ in range(count):
                await till.pay(till.intend(till.any_rail()), first_at=second)
    attack.reached.update(middle.reached)


async def outside_did_it(attack: Attack) -> None:
    """After the clearing house has taken the payment, before we have recorded its answer."""
    await attack.tell("done_but_failed", count=3)
    await attack.die_at("answered.clearing", "worker")
    await eventually(attack.struck, 60, "the outside has failed three times")


async def effected(attack: Attack) -> None:
    """After a job's effect, before the job is marked done."""
    await attack.die_at("effected.bookkeeping.postings.record_payment", "worker")


async def claimed(attack: Attack) -> None:
    """Between claiming a job and its effect."""
    await attack.die_at("claimed.accounts.clearing.send", "worker")


async def payroll_flushed(attack: Attack) -> None:
    """Redis forgets everything again and again in the middle of a payroll; the worker dies too."""
    firm = attack.till.firm
    await attack.tell(settle_ms=1500)
    more: dict[str, Any] = {}
    if attack.runs:
        bonus = 100_000 + 1_000 * len(attack.runs)
        people = [line["employee_id"] for line in attack.runs[0]["lines"]]
        lines = [{"employee_id": one, "bonus_fen": bonus} for one in people]
        more = {"lines": lines, "reason": "奖金"}
    run = await make(firm, **more)
    submitted = await step(firm.owner, run, "submit")
    before = await attack.system.pid("worker")
    attack.system.arm("answered.payroll")
    await step(attack.checker, submitted, "approve")
    attack.runs.append(run)
    async with attack.till.load(attack.plan.clients):
        flushing = asyncio.create_task(flush(attack, 6))
        await attack.system.hit("answered.payroll")
        await attack.note_stranded()
        await flushing
    await attack.system.back("worker", before)
    attack.reached["died_at_answered.payroll"] += 1
    await attack.tell()


async def flush(attack: Attack, times: int) -> None:
    """FLUSHALL at random moments, if possible when more is announced than a worker runs."""
    async with redis.from_url(attack.system.run["redis_url"]) as client:
        for _ in range(times):
            await asyncio.sleep(attack.dice.uniform(0.02, 0.3))
            for _ in range(25):
                announced = await client.zcard(QUEUE)
                if announced > AT_ONCE:
                    break
                await asyncio.sleep(0.02)
            await client.flushall()
            attack.reached["flushed"] += 1
            attack.reached["flushed_with_jobs_announced"] += announced > 0
            attack.reached["flushed_with_more_announced_than_run"] += announced > AT_ONCE


async def database_dies(attack: Attack) -> None:
    """The postmaster is killed under load."""
    await attack.kill("postgres")


async def supervisor_dies(attack: Attack) -> None:
    """The owner of everything is killed under load; the next start takes over."""

    await attack.under_load(attack.system.kill_supervisor)
    attack.reached["kills_supervisor"] += 1


POINTS: dict[str, Callable[[Attack], Awaitable[None]]] = {
    "committed": committed,
    "commit_lost": commit_lost,
    "outside_did_it": outside_did_it,
    "claimed": claimed,
    "effected": effected,
    "payroll_flushed": payroll_flushed,
    "database_dies": database_dies,
    "supervisor_dies": supervisor_dies,
}
