"""The clock table: what starts by itself, once per business date or every few seconds."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import NAMESPACE_OID, uuid5

import msgspec

from app import clock
from app.database import Pool
from app.ids import new_id
from app.jobs import JobFunction, job_name


class Daily(msgspec.Struct, frozen=True):
    """Fires for a business date. `every_date`: also for each date the clock jumped over."""

    job: JobFunction
    every_date: bool = False
    month_day: int | None = None


class Every(msgspec.Struct, frozen=True):
    """Fires each so many real seconds, once over all workers; not while the last one is under way,
    so that an outage outside leaves one of each waiting and not thousands."""

    job: JobFunction
    seconds: int


TODAY = "select clock_timestamp() + ahead from core.clock"
LAST = "select max(business_on) from core.ticks where job = $1"
UNDER_WAY = """
select distinct job from core.jobs where job = any($1::text[]) and state in ('due', 'running')
"""
TICK = """
insert into core.ticks (job, business_on)
select $1, d::date from generate_series($2::timestamp, $3::timestamp, interval '1 day') d
on conflict do nothing returning business_on
"""
START = """
insert into core.jobs (id, event_id, job, payload)
select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::jsonb[])
on conflict on constraint one_job_per_event_and_reaction do nothing
"""


async def tick(pool: Pool, table: tuple[Daily | Every, ...]) -> int:
    """Fire what is due; the primary key of the ticks makes it once on any number of workers."""
    async with pool.acquire(timeout=5) as connection, connection.transaction():
        moment: datetime = await connection.fetchval(TODAY)
        today = clock.business_date(moment)
        starts: list[tuple[object, ...]] = []
        every = [job_name(row.job) for row in table if isinstance(row, Every)]
        under_way = {row["job"] for row in await connection.fetch(UNDER_WAY, every)}
        for row in table:
            name = job_name(row.job)
            if isinstance(row, Every):
                if name in under_way:
                    continue
                bucket = int(clock.now().timestamp()) // row.seconds
                starts.append((new_id(), uuid5(NAMESPACE_OID, f"{name}:{bucket}"), name, {}))
                continue
            last: date | None = await connection.fetchval(LAST, name)
            first = last + timedelta(days=1) if last else today
            if first > today:
                continue
            fired = [r["business_on"] for r in await connection.fetch(TICK, name, first, today)]
            starts.extend(_starts(row, name, sorted(fired)))
        if starts:
            await connection.execute(START, *(list(c) for c in zip(*starts, strict=True)))
    return len(starts)


def _starts(row: Daily, name: str, dates: list[date]) -> list[tuple[object, ...]]:
    """The jobs of the dates that fired: all of them, those of one day of the month, or the last."""
    if row.month_day is not None:
        dates = [on for on in dates if on.day == row.month_day]
    elif not row.every_date:
        dates = dates[-1:]
    return [
        (new_id(), uuid5(NAMESPACE_OID, f"{name}:{on}"), name, {"on": on.isoformat()})
        for on in dates
    ]
