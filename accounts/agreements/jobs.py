"""Carries a beneficiary's word to the payer's firm, which holds the agreement."""

from __future__ import annotations

from uuid import UUID

from accounts.agreements import operations
from accounts.guarantees import operations as guarantees
from app.jobs import Ctx


async def hear(
    ctx: Ctx, *, word_id: UUID, escrow_id: UUID, payer_business_id: UUID, business_id: UUID,
    **_: object,
) -> None:  # fmt: skip
    """What a beneficiary said is heard in the payer's firm, once."""
    async with ctx.begin(business_id) as work:
        said = await guarantees.heard(work, word_id=word_id)
    async with ctx.begin(payer_business_id) as work:
        await operations.hear(work, escrow_id=escrow_id, said=said)
