"""Payments at the clearing house: send, ask, hear, watch; and the nightly sweep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from accounts.clearing import operations
from accounts.clearing.model import Answer, Home, Step
from accounts.policies import operations as policies
from app import crash
from app.actor import SYSTEM
from app.jobs import Ctx, Later
from app.outside.clearing_house import Letter, Told
from app.outside.model import Answered, OutcomeUnknown, OutsideRefused
from app.work import Work


async def send(ctx: Ctx, *, payment_id: UUID, business_id: UUID, **_: object) -> None:
    """Send a released payment and follow it until the clearing house has decided."""
    seconds = await _pursue(ctx, payment_id=payment_id, business_id=business_id, heard=False)
    if seconds:
        raise Later(seconds)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The clearing house knows more about a payment of ours: ask it."""
    if system != "clearing_house":
        return
    async with ctx.begin() as work:
        known = await operations.firm_of(work, reference=reference)
    if known is not None:
        await _pursue(ctx, payment_id=known.payment_id, business_id=known.business_id, heard=True)


async def watch(ctx: Ctx, **_: object) -> None:
    """Ring for payments whose outcome is overdue, as if they had been called back."""
    async with ctx.begin() as work:
        for reference in await operations.take_due(work):
            await work.emit(Answered(system="clearing_house", reference=reference))


async def _pursue(ctx: Ctx, *, payment_id: UUID, business_id: UUID, heard: bool) -> int:
    """One round: decide, ask or send between transactions, record; seconds until the next."""
    async with ctx.begin(business_id) as work:
        step = await operations.next_step(work, payment_id=payment_id, heard=heard)
    if step.do in ("wait", "nothing"):
        return step.wait_seconds
    answer = await _asked(ctx, step) if step.do == "ask" else None
    if answer is None:
        answer = await _sent(ctx, step, payment_id=payment_id, business_id=business_id)
    crash.point(ctx.settings, "answered.clearing")
    async with ctx.begin(business_id) as work:
        return await operations.record_answer(work, payment_id=payment_id, answer=answer)


async def _asked(ctx: Ctx, step: Step) -> Answer | None:
    """What became of it, or None: it never arrived."""
    told = await ctx.outside.clearing_house.told(step.reference)
    return None if told is None else _as_answer(told)


async def _sent(ctx: Ctx, step: Step, *, payment_id: UUID, business_id: UUID) -> Answer:
    """Send what never arrived, word for word again.

    A message that is not taken proves nothing about an earlier copy, so that is asked too.
    """
    document = step.document
    if not document:
        async with ctx.begin(business_id) as work:
            document = await operations.message(work, payment_id=payment_id)
    letter = Letter(reference=step.reference, document=document)
    house = ctx.outside.clearing_house
    try:
        return _as_answer(await house.send_letter(letter))
    except OutcomeUnknown:
        return Answer(state="unknown")
    except OutsideRefused as refused:
        return await _asked(ctx, step) or Answer(state="refused", reason=refused.reason)


def _as_answer(told: Told) -> Answer:
    outcome = told.outcome
    result = outcome.result
    return Answer(
        state=outcome.state,
        reason=outcome.reason,
        settled_on=None if result is None else result.settled_on,
        returned_on=None if result is None else result.returned_on,
        # That nobody can say is no news to keep.
        document="" if outcome.state == "unknown" else told.document,
    )


async def sweep(ctx: Ctx, **_: object) -> None:
    """Sweep what is in transit to the bank itself, over all firms at once."""
    async with sweeping(ctx) as (work, home):
        await operations.sweep(work, home=home)


@asynccontextmanager
async def sweeping(ctx: Ctx) -> AsyncIterator[tuple[Work, Home]]:
    """Work over all firms at once, through functions only, and where swept money goes."""
    async with ctx.begin() as work:
        bank = await policies.bank(work)
        now = work.now
    async with ctx.begin(bank.business_id) as work:
        home = await operations.home(work)
    async with ctx.nightly() as connection:
        yield (
            Work(connection, actor=SYSTEM, now=now, settings=ctx.settings, vault=ctx.vault),
            home,
        )
