"""Jobs of confirmations: the text message with the code, and forgetting what is over."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from app import clock
from app.identity.stepups import operations
from app.jobs import Ctx

KEPT = timedelta(days=30)


async def send_code(ctx: Ctx, *, step_up_id: UUID, person_id: UUID, **_: object) -> None:
    """Send the code with what it is for; our id is the gateway's idempotent reference."""
    async with ctx.begin(person_id=person_id) as work:
        message = await operations.message_to_send(work, step_up_id=step_up_id)
    if message is None:
        return
    reference = str(step_up_id)
    await ctx.outside.sms.send(reference=reference, phone=message.phone, text=message.text)
    async with ctx.begin(person_id=person_id) as work:
        await operations.message_was_sent(work, step_up_id=step_up_id)


async def forget_old(ctx: Ctx, **_: object) -> None:
    """Confirmations are kept a month for tracing, then gone; one statement over all people."""
    before = clock.now() - KEPT
    async with ctx.nightly() as connection:
        await connection.fetchval("select identity.forget_step_ups($1)", before)
