"""Takes up what could not be booked, sends back what is to go back, and asks what became of it."""

from uuid import UUID

from accounts.incoming.jobs import as_arrival
from accounts.policies import operations as policies
from accounts.unapplied import operations, rules
from accounts.unapplied.model import Post, Told
from app.jobs import Ctx, Later
from app.outside.clearing_house import Letter
from app.outside.clearing_house import Told as HouseTold
from app.outside.model import Answered, OutcomeUnknown, OutsideRefused


async def take_up(ctx: Ctx, *, reference: str, **_: object) -> None:
    """A credit that was settled for good fits no account: an item for the desk."""
    credit = await ctx.outside.clearing_house.incoming(reference)
    if credit is None or credit.state != "final":
        return
    async with ctx.begin(await _bank(ctx)) as work:
        await operations.take_up(work, arrival=as_arrival(credit))


async def carry_out(ctx: Ctx, *, item_id: UUID, **_: object) -> None:
    """Do what two people agreed on."""
    await _pursue(ctx, item_id)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The clearing house may know what became of a return of ours."""
    if system != "clearing_house":
        return
    async with ctx.begin(await _bank(ctx)) as work:
        item_id = await operations.returning(work, reference=reference)
    if item_id is not None:
        await _pursue(ctx, item_id)


async def watch(ctx: Ctx, **_: object) -> None:
    """Ring for returns whose outcome is overdue, as if they had been called back."""
    async with ctx.begin(await _bank(ctx)) as work:
        for item_id in await operations.take_due(work):
            post = await operations.carry_out(work, item_id=item_id)
            if post is not None:
                await work.emit(Answered(system="clearing_house", reference=post.reference))


async def _bank(ctx: Ctx) -> UUID:
    async with ctx.begin() as work:
        return (await policies.bank(work)).business_id


async def _pursue(ctx: Ctx, item_id: UUID) -> None:
    """Ask first; send only what never arrived, word for word the same."""
    bank_id = await _bank(ctx)
    async with ctx.begin(bank_id) as work:
        post = await operations.carry_out(work, item_id=item_id)
    if post is None:
        return
    house = ctx.outside.clearing_house
    told = await house.given_back(post.reference)
    said = await _sent(ctx, post) if told is None else _said(told)
    async with ctx.begin(bank_id) as work:
        await operations.record(work, item_id=item_id, post=post, told=said)
    if said.state == "unknown":
        raise Later(rules.ASK_AGAIN_SECONDS)


async def _sent(ctx: Ctx, post: Post) -> Told:
    """A message that is not taken proves nothing about an earlier copy, so that is asked too."""
    house = ctx.outside.clearing_house
    try:
        return _said(
            await house.give_back(Letter(reference=post.reference, document=post.document))
        )
    except OutcomeUnknown:
        return Told(state="unknown")
    except OutsideRefused as refused:
        told = await house.given_back(post.reference)
        return Told(state="refused", reason=refused.reason) if told is None else _said(told)


def _said(told: HouseTold) -> Told:
    outcome = told.outcome
    assert outcome.state != "returned", "a return is not returned"
    return Told(
        state=outcome.state,
        reason=outcome.reason,
        settled_on=None if outcome.result is None else outcome.result.settled_on,
        # That nobody can say is no news to keep.
        document="" if outcome.state == "unknown" else told.document,
    )
