"""Payments at the clearing house: send, ask, hear, watch; and the nightly sweep."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

from accounts.clearing import operations
from accounts.clearing.model import Answer, Home, Message, Step
from accounts.policies import operations as policies
from app import crash
from app.actor import SYSTEM
from app.jobs import Ctx, Later
from app.outside.clearing_house import Channel, NewCredit, Settlement
from app.outside.model import Answered, Outcome, OutcomeUnknown, OutsideRefused
from app.work import Work

CHANNELS: dict[str, Channel] = {"hvps": "HVPS", "beps": "BEPS", "ibps": "IBPS"}


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
    if step.message is None:
        return step.wait_seconds
    answer = await _answer(ctx, step, step.message)
    crash.point(ctx.settings, "answered.clearing")
    async with ctx.begin(business_id) as work:
        return await operations.record_answer(work, payment_id=payment_id, answer=answer)


async def _answer(ctx: Ctx, step: Step, message: Message) -> Answer:
    """Ask first where it may have been sent; send only what never arrived, word for word again.

    A message that is not taken proves nothing about an earlier copy, so that is asked too.
    """
    house = ctx.outside.clearing_house
    if step.do == "ask" and (found := await house.outcome(message.reference)) is not None:
        return _as_answer(found)
    try:
        return _as_answer(await house.send(_credit(message)))
    except OutcomeUnknown:
        return Answer(state="unknown")
    except OutsideRefused as refused:
        found = await house.outcome(message.reference)
        if found is not None:
            return _as_answer(found)
        return Answer(state="refused", reason=refused.reason)


def _credit(message: Message) -> NewCredit:
    return NewCredit(
        reference=message.reference,
        payer_account=message.payer_account,
        payer_name=message.payer_name,
        payee_bank=message.payee_bank_code,
        payee_account=message.payee_account,
        payee_name=message.payee_name,
        amount_fen=message.amount_fen,
        channel=CHANNELS[message.rail],
        purpose=message.memo,
        sent_on=message.sent_on,
    )


def _as_answer(outcome: Outcome[Settlement]) -> Answer:
    return Answer(state=outcome.state, reason=outcome.reason)


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
