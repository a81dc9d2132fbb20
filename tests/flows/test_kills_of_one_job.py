"""A job whose worker died or froze: another takes it over, and the first can do nothing more."""

from __future__ import annotations

import asyncio
from uuid import UUID

import asyncpg
import msgspec
import pytest

from app.ids import new_id
from app.jobs import Lease, LeaseLost
from tests.city import City
from workers import running

# It asks the outside for nothing and writes nothing when nothing is overdue.
JOB = "accounts.clearing.watch"
SHORT = 0.05


async def due_job(db: asyncpg.Connection) -> UUID:
    """A job of its own, waiting to be run."""
    job_id = new_id()
    await db.execute(
        "insert into core.jobs (id, event_id, job, payload) values ($1, $1, $2, '{}')", job_id, JOB
    )
    return job_id


async def claim(city: City, job_id: UUID, seconds: float) -> Lease | None:
    """As a worker that claims the job and is then heard of no more."""
    row = await city.ctx.pools["worker"].fetchrow(running.CLAIM, job_id, seconds)
    if row is None or row["parked"]:
        return None
    return msgspec.convert({k: v for k, v in row.items() if k != "parked"}, Lease)


async def state(db: asyncpg.Connection, job_id: UUID) -> tuple[str, int, str | None]:
    row = await db.fetchrow(
        "select state, attempts, last_error from core.jobs where id = $1", job_id
    )
    return row["state"], row["attempts"], row["last_error"]


async def test_a_frozen_worker_can_do_nothing_once_another_has_the_job(
    city: City, db: asyncpg.Connection
):
    job_id = await due_job(db)
    frozen = await claim(city, job_id, SHORT)
    assert frozen is not None
    async with city.ctx.under(frozen).begin() as work:
        await work.record("test.effect", object_id=job_id)
    # Nobody else gets it while the lease runs; each effect begins the lease anew.
    assert not await running.run(city.ctx, job_id)
    await db.execute("update core.jobs set leased_until = clock_timestamp() where id = $1", job_id)
    assert await running.run(city.ctx, job_id)
    assert await state(db, job_id) == ("done", 2, None)
    with pytest.raises(LeaseLost):
        async with city.ctx.under(frozen).begin() as work:
            await work.record("test.effect", object_id=job_id)
    effects = await db.fetchval("select count(*) from core.audit where object_id = $1", job_id)
    assert effects == 1


async def test_a_slow_job_keeps_its_lease_while_its_worker_lives(
    city: City, db: asyncpg.Connection
):
    job_id = await due_job(db)
    slow = await claim(city, job_id, SHORT)
    assert slow is not None
    city.ctx.held[job_id] = slow.lease_no
    await asyncio.sleep(2 * SHORT)
    assert await running.renew(city.ctx) == 1
    assert not await running.run(city.ctx, job_id)
    # Once another has it, nothing is renewed any more.
    await db.execute("update core.jobs set leased_until = clock_timestamp() where id = $1", job_id)
    assert await claim(city, job_id, SHORT) is not None
    assert await running.renew(city.ctx) == 0
    await db.execute("update core.jobs set state = 'done' where id = $1", job_id)


async def test_two_workers_never_hold_one_job(city: City, db: asyncpg.Connection):
    job_id = await due_job(db)
    claims = await asyncio.gather(*(claim(city, job_id, 60) for _ in range(16)))
    assert len([lease for lease in claims if lease is not None]) == 1
    await db.execute("update core.jobs set state = 'done' where id = $1", job_id)


async def test_a_job_that_kills_every_worker_is_put_aside_and_seen(
    city: City, db: asyncpg.Connection
):
    job_id = await due_job(db)
    for _ in range(running.MAX_ATTEMPTS):
        assert await claim(city, job_id, 0) is not None
    assert await claim(city, job_id, 0) is None
    found = await state(db, job_id)
    assert (found[0], found[2]) == ("parked", "its worker died each time")
    assert any(line.startswith("job_parked") for line in await city.findings())
    await db.execute("update core.jobs set state = 'done' where id = $1", job_id)
