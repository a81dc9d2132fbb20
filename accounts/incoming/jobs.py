"""Money that comes in: fetched from the clearing house by reference, booked once, answered."""

from uuid import UUID

from accounts.incoming import operations
from accounts.incoming.model import Arrival, CreditUnapplied, Decision
from accounts.ledger.model import AccountRefusesPosting
from app.jobs import Ctx
from app.outside.clearing_house import IncomingCredit
from app.outside.model import Answered


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """Something waits for us at the clearing house under a reference that is not our own."""
    if system != "clearing_house":
        return
    async with ctx.begin() as work:
        if not await operations.concerns_us(work, reference=reference):
            return
    credit = await ctx.outside.clearing_house.incoming(reference)
    if credit is None or credit.state not in ("waiting", "final"):
        return
    arrival = as_arrival(credit)
    if arrival.final:
        await _book_final(ctx, arrival)
        return
    decision = await _decide(ctx, arrival)
    await ctx.outside.clearing_house.confirm_incoming(
        reference=reference,
        accepted=decision.accepted,
        on=decision.decided_on,
        reason=decision.reason,
    )
    async with ctx.begin() as work:
        await operations.confirmed(work, reference=reference)


async def _book_final(ctx: Ctx, arrival: Arrival) -> None:
    """Money that nobody can refuse: on its account, or before the eyes of the desk."""
    async with ctx.begin() as work:
        if await operations.decided(work, reference=arrival.reference):
            return
        holder = await operations.holder_of(work, arrival=arrival)
    if holder is not None:
        try:
            async with ctx.begin(holder.business_id) as work:
                await operations.accept(work, arrival=arrival, account_id=holder.account_id)
            return
        except AccountRefusesPosting:
            pass
    async with ctx.begin() as work:
        await work.emit(CreditUnapplied(reference=arrival.reference))


async def _decide(ctx: Ctx, arrival: Arrival) -> Decision:
    async with ctx.begin() as work:
        holder = await operations.holder_of(work, arrival=arrival)
        if holder is None:
            return await operations.refuse(work, arrival=arrival)
    async with ctx.begin(holder.business_id) as work:
        return await operations.accept(work, arrival=arrival, account_id=holder.account_id)


def as_arrival(credit: IncomingCredit) -> Arrival:
    """What the clearing house tells of a credit."""
    return Arrival(
        source="outside",
        reference=credit.reference,
        amount_fen=credit.amount_fen,
        payer_name=credit.payer_name,
        payer_account=credit.payer_account,
        payer_bank_code=credit.payer_bank,
        payee_account=credit.payee_account,
        payee_name=credit.payee_name,
        remark=credit.purpose,
        sent_on=credit.sent_on,
        final=credit.state == "final",
    )


async def watch(ctx: Ctx, **_: object) -> None:
    """Ring for credits that wait although nobody called back about them."""
    waiting = await ctx.outside.clearing_house.waiting()
    references = [credit.reference for credit in waiting]
    async with ctx.begin() as work:
        for reference in await operations.to_ring_for(work, references=references):
            await work.emit(Answered(system="clearing_house", reference=reference))


async def receive_in_bank(
    ctx: Ctx, *, payment_id: UUID, rail: str, business_id: UUID, **_: object
) -> None:
    """Tell the payee's firm of a payment from another firm of this bank."""
    if rail != "in_bank":
        return
    async with ctx.begin(business_id) as work:
        found = await operations.from_payment(work, payment_id=payment_id)
    if found is None:
        return
    payee_business_id, account_id, arrival = found
    async with ctx.begin(payee_business_id) as work:
        await operations.note(work, arrival=arrival, account_id=account_id)
