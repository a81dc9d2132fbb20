"""The relay: makes one job row per reaction of every event, then rings."""

from __future__ import annotations

from uuid import UUID

from app.database import Pool
from app.ids import new_id
from app.jobs import job_name
from workers.reactions import BY_EVENT_NAME

BATCH = 200

# By state, never by `id > last seen`: a slow commit would be skipped for ever.
TAKE = """
select id, name, business_id, payload from core.outbox where relayed_at is null
order by created_at, id limit $1 for update skip locked
"""
MAKE = """
insert into core.jobs (id, event_id, job, business_id, payload)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::uuid[], $5::jsonb[])
on conflict on constraint one_job_per_event_and_reaction do nothing
"""
MARK = "update core.outbox set relayed_at = clock_timestamp() where id = any($1::uuid[])"


async def relay(pool: Pool) -> list[UUID]:
    """One batch in one transaction; the ids of the jobs made."""
    async with pool.acquire(timeout=5) as connection, connection.transaction():
        events = await connection.fetch(TAKE, BATCH)
        jobs = [
            (new_id(), event["id"], job_name(function), event["business_id"], event["payload"])
            for event in events
            for function in BY_EVENT_NAME.get(event["name"], ())
        ]
        if jobs:
            await connection.execute(MAKE, *(list(column) for column in zip(*jobs, strict=True)))
        if events:
            await connection.execute(MARK, [event["id"] for event in events])
    return [job[0] for job in jobs]


async def relay_all(pool: Pool) -> list[UUID]:
    """Batches until the outbox is empty."""
    made: list[UUID] = []
    while batch := await relay(pool):
        made.extend(batch)
    return made
