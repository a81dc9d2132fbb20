"""Returns computed when a month has ended, sent to the tax platform, and heard of again."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from app.identity import operations as identity
from app.jobs import Ctx, Later
from app.outside.model import Outcome, OutcomeUnknown, OutsideRefused
from app.outside.tax import FiledReturn, NewReturn
from bookkeeping.tax import operations, rules
from bookkeeping.tax.model import Filing

# A call-back usually comes first; asking again is for those that are lost.
ASK_AGAIN_SECONDS = 2
PAGE = 500


async def prepare_returns(ctx: Ctx, *, on: date, **_: object) -> None:
    """On the first of a month: every active firm's returns for the month that has ended."""
    after = UUID(int=0)
    while True:
        async with ctx.begin() as work:
            firms = await identity.businesses(work, state="active", after=after, limit=PAGE)
        for business_id in firms:
            async with ctx.begin(business_id) as work:
                await operations.prepare(work, month_on=rules.month_before(on.replace(day=1)))
        if len(firms) < PAGE:
            return
        after = firms[-1]


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
    outcome = await _outcome(ctx, filing)
    if outcome is None or not outcome.is_final:
        return False
    async with ctx.begin(business_id) as work:
        if outcome.result is not None:
            await operations.take_receipt(
                work, return_id=return_id, receipt_number=outcome.result.receipt_number
            )
        else:
            await operations.take_refusal(work, return_id=return_id, reason=outcome.reason)
    return True


async def _outcome(ctx: Ctx, filing: Filing) -> Outcome[FiledReturn] | None:
    """Ask first; send only what never arrived, word for word again; None while nobody knows."""
    platform = ctx.outside.tax
    known = await platform.return_outcome(filing.reference)
    if known is not None:
        return known
    try:
        return await platform.file_return(_message(filing))
    except OutcomeUnknown:
        return None
    except OutsideRefused as refused:
        known = await platform.return_outcome(filing.reference)
        return known or Outcome(reference=filing.reference, state="refused", reason=refused.reason)


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
