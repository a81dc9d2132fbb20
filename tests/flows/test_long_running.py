"""What only shows after months or in a long outage: months, growing tables, waiting jobs."""

from __future__ import annotations

import asyncio

import asyncpg
import pytest

from accounts.incoming import jobs as incoming
from accounts.ledger import jobs as ledger
from app.ids import new_id
from app.jobs import Ctx, job_name
from tests.city import City
from workers import running, schedule, upkeep
from workers.reactions import SCHEDULE

WATCH = (schedule.Every(incoming.watch, seconds=1),)
OF_WATCH = "select state, attempts from core.jobs where job = $1"


async def test_the_ledger_gets_its_months_while_the_bank_runs(city: City, db: asyncpg.Connection):
    """Nobody starts the system again for a year."""
    await db.execute("update core.clock set ahead = ahead + interval '1 year'")
    missing = "select to_regclass('ledger.postings_202609') is null"
    assert await db.fetchval(missing)
    assert any(row.job is ledger.make_months for row in SCHEDULE)
    await ledger.make_months(city.ctx)
    assert not await db.fetchval(missing)


async def test_what_is_done_is_forgotten_and_what_waits_is_not(city: City, db: asyncpg.Connection):
    await db.execute(
        "insert into core.jobs (id, job, payload, state, created_at)"
        " select uuidv7(), 'x', '{}', s, clock_timestamp() - make_interval(days => d)"
        " from unnest(array['done', 'parked']) s, unnest(array[1, 4]) d"
    )
    await db.execute(
        "insert into core.outbox (id, name, actor, payload, at, created_at, relayed_at)"
        " select uuidv7(), 'x', 'system', '{}', now(), now() - make_interval(days => d), r"
        " from unnest(array[1, 4]) d, unnest(array[now(), null]) r"
    )
    await db.execute(
        "insert into core.idempotency"
        " (business_id, principal, route, key, fingerprint, status, body, media_type, created_at)"
        " select uuidv7(), 'p', 'r', 'k', '', 200, '', '', now() - make_interval(days => d)"
        " from unnest(array[6, 8]) d"
    )
    await upkeep.forget(city.ctx)
    assert await db.fetchval("select count(*) from core.jobs where job = 'x'") == 3
    assert await db.fetchval("select count(*) from core.outbox where name = 'x'") == 3
    assert await db.fetchval("select count(*) from core.idempotency where route = 'r'") == 1
    await db.execute("delete from core.jobs where job = 'x'")
    await db.execute("delete from core.outbox where name = 'x'")


async def test_an_outage_outside_parks_nothing_and_piles_up_nothing(
    city: City, db: asyncpg.Connection
):
    pool, name = city.ctx.pools["worker"], job_name(incoming.watch)
    await city.world.post("/control/clearing_house", json={"down": True})
    await schedule.tick(pool, WATCH)
    job_id = await db.fetchval("select id from core.jobs where job = $1", name)
    for _ in range(running.MAX_ATTEMPTS + 2):
        await db.execute("update core.jobs set next_at = now() where id = $1", job_id)
        assert await running.run(city.ctx, job_id)
    assert [tuple(row) for row in await db.fetch(OF_WATCH, name)] == [("due", 8)]
    await asyncio.sleep(1)
    await schedule.tick(pool, WATCH)
    assert len(await db.fetch(OF_WATCH, name)) == 1
    # One that has waited for a day is told to the operator.
    await db.execute("update core.jobs set created_at = now() - interval '25 hours'")
    assert any(line.startswith("job_due") for line in await city.findings())
    await city.world.delete("/control")
    await db.execute("update core.jobs set next_at = now() where id = $1", job_id)
    assert await running.run(city.ctx, job_id)
    assert (await db.fetchrow(OF_WATCH, name))["state"] == "done"


async def test_why_a_job_failed_is_kept_without_the_row_it_failed_on(
    city: City, db: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
):
    async def breaks(ctx: Ctx, **_: object) -> None:
        async with ctx.begin() as work:
            await work.connection.execute(
                "do $$ begin raise 'broken' using detail = 'Failing row contains (王小微).'; end $$"
            )

    monkeypatch.setitem(running.JOBS, "tests.breaks", breaks)
    job_id = new_id()
    await db.execute(
        "insert into core.jobs (id, event_id, job, payload) values ($1, $1, 'tests.breaks', '{}')",
        job_id,
    )
    assert await running.run(city.ctx, job_id)
    reason = await db.fetchval("select last_error from core.jobs where id = $1", job_id)
    assert "broken" in reason and "王小微" not in reason
    await db.execute("update core.jobs set state = 'done' where id = $1", job_id)
