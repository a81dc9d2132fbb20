"""The sweep: finds due jobs that no doorbell announced, and leases that ran out."""

from __future__ import annotations

from uuid import UUID

from app.database import Pool

DUE = """
select id from core.jobs
where next_at <= clock_timestamp()
  and (state = 'due' or (state = 'running' and leased_until < clock_timestamp()))
order by next_at, id limit $1
"""
WAITING = """
select exists (select from core.outbox where relayed_at is null)
    or exists (select from core.jobs where state = 'running'
               or (state = 'due' and next_at <= clock_timestamp()))
"""


async def due(pool: Pool, limit: int = 200) -> list[UUID]:
    """Jobs that could run now."""
    return [row["id"] for row in await pool.fetch(DUE, limit)]


async def busy(pool: Pool) -> bool:
    """Whether anything waits or runs at this moment."""
    return bool(await pool.fetchval(WAITING))
