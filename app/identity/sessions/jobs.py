"""Jobs of sign-in: the text message with the code, and forgetting what has expired."""

from __future__ import annotations

from uuid import UUID

from app.identity.sessions import operations
from app.jobs import Ctx


async def send_code(ctx: Ctx, *, code_id: UUID, **_: object) -> None:
    """Send the code by text message; our code id is the gateway's idempotent reference."""
    async with ctx.begin() as work:
        message = await operations.code_to_send(work, code_id=code_id)
    if message is None:
        return
    text = f"【小微】验证码{message.code}，5分钟内有效。请勿向任何人透露。"
    await ctx.outside.sms.send(reference=str(code_id), phone=message.phone, text=text)
    async with ctx.begin() as work:
        await operations.code_was_sent(work, code_id=code_id)


async def forget_expired(ctx: Ctx, **_: object) -> None:
    """Delete codes, counters and marks that nobody needs any more."""
    async with ctx.begin() as work:
        await operations.forget_expired(work)
