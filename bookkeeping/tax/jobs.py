"""Returns computed when a month has ended, sent to the tax platform, and heard of again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.identity.jobs import start_for_active
from app.jobs import Ctx, Later
from app.outside.delivery import deliver
from app.outside.tax import NewReturn
from bookkeeping.tax import operations, rules
from bookkeeping.tax.model import Filing

# A call-back usually comes first; asking again is for those that are lost.
ASK_AGAIN_SECONDS = 2


async def prepare_returns(ctx: Ctx, *, on: date, **_: object) -> None:
    """On the first of a month: every active firm's returns, each in a job of its own."""
    await start_for_active(ctx, prepare, on=on)


async def prepare(ctx: Ctx, *, on: date, business_id: UUID, **_: object) -> None:
    """A firm's returns for the month that has ended."""
    async with ctx.begin(business_id) as work:
        await operations.prepare(work, month_on=rules.month_before(on.replace(day=1)))


async def file(ctx: Ctx, *, return_id: UUID, business_id: UUID, **_: object) -> None:
    """Send a submitted return and follow it until it is taken or refused."""
    if not await _pursue(ctx, business_id, return_id):
        raise Later(ASK_AGAIN_SECONDS)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The tax platform knows more about a return of ours: ask it."""
    ours = rules.read_reference(reference) if system == "tax" else None
    if ours is not None:
        await _pursue(ctx, ours.business_id, ours.return_id)


async def _pursue(ctx: Ctx, business_id: UUID, return_id: UUID) -> bool:
    """One round: ask, send what never arrived, record; whether it is final."""
    async with ctx.begin(business_id) as work:
        filing = await operations.to_file(work, return_id=return_id)
    if filing is None:
        return True
    platform = ctx.outside.tax
    outcome = await deliver(
        _message(filing), ask=platform.return_outcome, send=platform.file_return
    )
    if not outcome.is_final:
        return False
    async with ctx.begin(business_id) as work:
        if outcome.result is not None:
            await operations.take_receipt(
                work, return_id=return_id, receipt_number=outcome.result.receipt_number
            )
        else:
            await operations.take_refusal(work, return_id=return_id, reason=outcome.reason)
    return True


def _message(filing: Filing) -> NewReturn:
    row = filing.row
    assert row.submitted_on is not None, "only submitted returns go out"
    return NewReturn(
        reference=filing.reference,
        uscc=filing.uscc,
        tax=row.tax,
        period_from=row.period_from,
        period_until=row.period_until,
        figures=row.figures,
        payable_fen=row.payable_fen,
        filed_on=row.submitted_on,
    )
