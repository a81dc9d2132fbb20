"""Forgets what the queue has done and answers that are no longer repeated."""

from __future__ import annotations

from app.jobs import Ctx
from app.queries import Query

BATCH = 5_000

# Parked jobs and events not yet relayed stay, however old. An event is younger than its jobs.
FORGET = (
    Query(
        "forget_jobs",
        "Done is done: an event's jobs are not made again, because it has been relayed.",
        "delete from core.jobs where id in (select id from core.jobs where state = 'done'"
        " and created_at < clock_timestamp() - interval '3 days' limit $1)",
        ("batch",),
    ),
    Query(
        "forget_events",
        "Relayed events live on in what they caused.",
        "delete from core.outbox where id in (select id from core.outbox"
        " where relayed_at is not null"
        " and created_at < clock_timestamp() - interval '3 days' limit $1)",
        ("batch",),
    ),
    Query(
        "forget_answers",
        "Keys are promised for a week; what must happen once for ever has its own key.",
        "delete from core.idempotency where (business_id, principal, route, key) in"
        " (select business_id, principal, route, key from core.idempotency"
        " where created_at < clock_timestamp() - interval '7 days' limit $1)",
        ("batch",),
    ),
)


async def forget(ctx: Ctx, **_: object) -> None:
    """Once a day, by real time: a transaction per few thousand rows until none is left."""
    for query in FORGET:
        full = True
        while full:
            async with ctx.begin() as work:
                full = await work.run(query, batch=BATCH) == BATCH
