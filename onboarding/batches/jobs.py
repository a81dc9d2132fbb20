"""Work through a portal's batch: a transaction per row, so that each row stands by itself."""

from __future__ import annotations

import time
from uuid import UUID

from app.jobs import Ctx, Later
from onboarding.batches import operations
from onboarding.callbacks import operations as callbacks
from onboarding.portals.operations import act_for

# A job may take this long; the rest goes on in its next run.
SECONDS = 30.0


async def work_through(ctx: Ctx, *, client_id: UUID, batch_id: UUID, **_: object) -> None:
    """Every row that waits; a repeat goes on where the last run stopped."""
    begun = time.monotonic()
    while time.monotonic() - begun < SECONDS:
        async with ctx.begin() as work:
            await act_for(work, client_id=client_id)
            if not await operations.next_row(work, batch_id=batch_id):
                await operations.finish(work, batch_id=batch_id)
                return
    raise Later(0)


async def tell_finished(ctx: Ctx, *, client_id: UUID, batch_id: UUID, **_: object) -> None:
    """The portal's endpoints are owed the result of a batch, once a round."""
    async with ctx.begin() as work:
        await act_for(work, client_id=client_id)
        batch = await operations.read(work, batch_id=batch_id)
        data = {
            "batch_id": batch_id, "batch_reference": batch.batch_reference, "round": batch.round,
            "taken": batch.taken, "known": batch.known, "refused": batch.refused,
        }  # fmt: skip
        await callbacks.owe(
            work, subject_id=operations.round_id(batch), kind="batch.finished", about=None,
            at=batch.finished_at or work.now, data=data,
        )  # fmt: skip
