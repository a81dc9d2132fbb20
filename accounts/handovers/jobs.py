"""Hand-overs at the clearing house: asked about first, sent word for word, never under two ids."""

from uuid import UUID

from accounts.handovers import operations
from accounts.handovers.model import Step, Told
from app.jobs import Ctx, Later
from app.outside.clearing_house import Letter
from app.outside.clearing_house import Told as HouseTold
from app.outside.model import Answered, OutcomeUnknown, OutsideRefused


async def carry_out(ctx: Ctx, *, item_id: UUID, business_id: UUID, **_: object) -> None:
    """Do what two people agreed on."""
    seconds = await _pursue(ctx, business_id=business_id, item_id=item_id)
    if seconds:
        raise Later(seconds)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The clearing house may know what became of a hand-over."""
    if system != "clearing_house":
        return
    async with ctx.begin() as work:
        found = await operations.named(work, reference=reference)
    if found is not None:
        await _pursue(ctx, business_id=found.business_id, item_id=found.item_id)


async def watch(ctx: Ctx, **_: object) -> None:
    """Ring for hand-overs whose outcome is overdue, as if they had been called back."""
    async with ctx.begin() as work:
        for reference in await operations.take_due(work):
            await work.emit(Answered(system="clearing_house", reference=reference))


async def _pursue(ctx: Ctx, *, business_id: UUID, item_id: UUID) -> int:
    """One round: decide, ask or send between transactions, record; seconds until the window."""
    async with ctx.begin(business_id) as work:
        step = await operations.next_step(work, item_id=item_id)
    if not step.reference:
        return step.wait_seconds
    told = await ctx.outside.clearing_house.told(step.reference)
    said = await _sent(ctx, step) if told is None else _said(told)
    async with ctx.begin(business_id) as work:
        await operations.record(work, item_id=item_id, reference=step.reference, told=said)
    return 0


async def _sent(ctx: Ctx, step: Step) -> Told:
    """A message that is not taken proves nothing about an earlier copy, so that is asked too."""
    house = ctx.outside.clearing_house
    try:
        return _said(
            await house.send_letter(Letter(reference=step.reference, document=step.document))
        )
    except OutcomeUnknown:
        return Told(state="unknown")
    except OutsideRefused as refused:
        told = await house.told(step.reference)
        return Told(state="refused", reason=refused.reason) if told is None else _said(told)


def _said(told: HouseTold) -> Told:
    outcome = told.outcome
    return Told(
        state=outcome.state,
        reason=outcome.reason,
        settled_on=None if outcome.result is None else outcome.result.settled_on,
        document="" if outcome.state == "unknown" else told.document,
    )
