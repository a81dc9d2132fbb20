"""Run one job: claim with the attempt counted first, run, settle; a crash loses nothing."""

from __future__ import annotations

import asyncio
import random
from functools import cache
from typing import Any, get_type_hints
from uuid import UUID

import msgspec
import structlog

from app import crash, logs
from app.jobs import Ctx, JobFunction, Later, Lease, LeaseLost
from app.outside.model import OutcomeUnknown, OutsideDown
from app.work import LOST
from workers.reactions import JOBS as JOBS

log = structlog.get_logger("jobs")

MAX_ATTEMPTS = 12
# An outage outside is nobody's mistake, however long: from here on it counts no more attempts.
MOST_FOR_OUTAGES = 8
# A job that hangs is a failed one.
JOB_SECONDS = 55

# Counted before running: a job that kills its worker is parked like one that raises.
CLAIM = f"""
update core.jobs set
  state = case when attempts >= {MAX_ATTEMPTS} then 'parked' else 'running' end,
  attempts = attempts + 1, lease_no = lease_no + 1,
  leased_until = clock_timestamp() + make_interval(secs => $2),
  last_error = case when attempts >= {MAX_ATTEMPTS}
                    then coalesce(last_error, 'its worker died each time') end
where id = $1 and next_at <= clock_timestamp()
  and (state = 'due' or (state = 'running' and leased_until < clock_timestamp()))
returning id, job, lease_no, attempts, business_id, payload, created_at, state = 'parked' as parked
"""  # noqa: S608 - the only value is our own constant
DONE = (
    "update core.jobs set state = 'done', finished_at = clock_timestamp(), leased_until = null"
    " where id = $1 and lease_no = $2 and state = 'running'"
)
AGAIN = (
    "update core.jobs set state = 'due', leased_until = null, attempts = attempts - $3,"
    " next_at = clock_timestamp() + make_interval(secs => $4), last_error = $5"
    " where id = $1 and lease_no = $2 and state = 'running'"
)
RENEW = """
update core.jobs set leased_until = clock_timestamp() + make_interval(secs => $3)
where id in (
  select j.id from core.jobs j
  join unnest($1::uuid[], $2::int[]) h(id, lease_no) on h.id = j.id and h.lease_no = j.lease_no
  where j.state = 'running' for update of j skip locked)
"""
PARK = (
    "update core.jobs set state = 'parked', leased_until = null, last_error = $3"
    " where id = $1 and lease_no = $2 and state = 'running'"
)


async def run(ctx: Ctx, job_id: UUID) -> bool:
    """Run a job if it is due and free; False when there was nothing to do."""
    pool = ctx.pools["worker"]
    try:
        row = await pool.fetchrow(CLAIM, job_id, ctx.settings.lease_seconds)
    except LOST:
        # The database is away; whoever sweeps when it is back finds the job.
        return False
    if row is None or row["parked"]:
        return False
    claimed = dict(row)
    claimed.pop("parked")
    lease = msgspec.convert(claimed, Lease)
    crash.point(ctx.settings, f"claimed.{lease.job}")
    ctx.held[lease.id] = lease.lease_no
    try:
        await _run(ctx, lease)
    finally:
        # Not the next lease of the same job, if this one has been lost meanwhile.
        if ctx.held.get(lease.id) == lease.lease_no:
            del ctx.held[lease.id]
    return True


async def _run(ctx: Ctx, lease: Lease) -> None:
    """The job itself, and what became of it."""
    pool = ctx.pools["worker"]
    try:
        function = JOBS[lease.job]
        async with asyncio.timeout(JOB_SECONDS):
            await function(ctx.under(lease), **arguments(function, lease))
    except Later as later:
        await pool.execute(AGAIN, lease.id, lease.lease_no, 1, later.seconds, None)
    except LeaseLost:
        log.warning("lease lost", job=lease.job, job_id=str(lease.id))
    except Exception as error:
        await _failed(ctx, lease, error)
    else:
        crash.point(ctx.settings, f"effected.{lease.job}")
        await pool.execute(DONE, lease.id, lease.lease_no)


async def renew(ctx: Ctx) -> int:
    """Begin the leases of the jobs that run here anew, so that only the dead lose theirs: how
    many. One whose effect is being written has its row locked and is renewed by that."""
    if not ctx.held:
        return 0
    status = await ctx.pools["worker"].execute(
        RENEW, list(ctx.held), list(ctx.held.values()), ctx.settings.lease_seconds
    )
    return int(status.rpartition(" ")[2])


async def _failed(ctx: Ctx, lease: Lease, error: Exception) -> None:
    """Back off, or park with the reason where an operator sees it."""
    reason = logs.plain(f"{type(error).__name__}: {error}")[:500]
    outside = isinstance(error, OutsideDown | OutcomeUnknown)
    log.warning(
        "job failed",
        job=lease.job,
        job_id=str(lease.id),
        attempt=lease.attempts,
        reason=reason,
        exc_info=None if outside else error,
    )
    pool = ctx.pools["worker"]
    if lease.attempts >= MAX_ATTEMPTS and not outside:
        await pool.execute(PARK, lease.id, lease.lease_no, reason)
    else:
        wait = min(0.5 * 2 ** (lease.attempts - 1), 60) * random.uniform(0.8, 1.2)  # noqa: S311
        free = int(outside and lease.attempts > MOST_FOR_OUTAGES)
        await pool.execute(AGAIN, lease.id, lease.lease_no, free, wait, reason)


@cache
def _hints(function: JobFunction) -> dict[str, Any]:
    return get_type_hints(function)


def arguments(function: JobFunction, lease: Lease) -> dict[str, Any]:
    """The payload as the job's own annotations, so that ids are UUIDs and dates are dates."""
    hints = _hints(function)
    given = {**lease.payload, "business_id": lease.business_id}
    return {
        name: msgspec.convert(value, hints.get(name, Any), strict=False)
        for name, value in given.items()
    }
