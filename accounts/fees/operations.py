"""Quotes fees, charges them with their payments, and runs the month over all firms."""

from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from accounts.deposits.model import Place
from accounts.fees import rules
from accounts.fees.model import (
    Cause,
    Fee,
    FeeCharged,
    FeeRefunded,
    NewTerms,
    Prices,
    Quotes,
    Reserved,
    Taken,
    Tariff,
    Terms,
    TermsChanged,
)
from accounts.ledger import operations as ledger
from accounts.ledger.model import AccountRefusesPosting
from accounts.policies import operations as policies
from accounts.suspense import operations as suspense
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def prices(work: Work) -> Prices:
    """The price list of the business date."""
    return await policies.value(work, kind="fees.prices", shape=Prices)


async def terms(work: Work, *, usual: Prices) -> Terms:
    """How large the firm is, as usual (version 0) unless the bank found otherwise."""
    found = await work.maybe(Terms, sql.terms)
    return found or Terms(firm_size=usual.usual_size, version=0)


async def tariff(work: Work) -> Tariff:
    """What the firm acted for is charged today."""
    listed = await prices(work)
    return Tariff(prices=listed, size=(await terms(work, usual=listed)).firm_size)


async def keep_reserved(work: Work, *, account_id: UUID, reserved: Sequence[Reserved]) -> None:
    """Keep the fees of many payments whose holds are placed in this transaction, all at once."""
    if reserved:
        await work.run(
            sql.add_held_many,
            account_id=account_id,
            ids=[one.fee_id for one in reserved],
            causes=[str(one.payment_id) for one in reserved],
            rails=[one.rail for one in reserved],
            amounts=[one.amount_fen for one in reserved],
        )


async def quotes(work: Work, *, amount_fen: int) -> Quotes:
    """What a payment of this amount to another bank costs the firm today, rail by rail."""
    listed = await prices(work)
    size = (await terms(work, usual=listed)).firm_size
    return Quotes(
        firm_size=size,
        items=[
            rules.quote(listed, rail=rail, amount_fen=amount_fen, size=size)
            for rail in sorted(listed.rails)
        ],
    )


async def reserve(work: Work, *, cause: Cause) -> None:
    """Set the fee of a released payment aside with its money; InsufficientFunds."""
    listed = await tariff(work)
    fee_fen = rules.fee_fen(listed, rail=cause.rail, amount_fen=cause.amount_fen)
    if not fee_fen:
        return
    fee_id = new_id()
    hold = rules.place(fee_id, account_id=cause.account_id, amount_fen=fee_fen)
    await ledger.post(work, entries=[], holds=[hold])
    await work.run(
        sql.add_held,
        id=fee_id,
        account_id=cause.account_id,
        cause=str(cause.payment_id),
        rail=cause.rail,
        amount_fen=fee_fen,
    )


async def take(work: Work, *, cause: Cause) -> None:
    """The payment has just left the account in this transaction: so does its fee."""
    fee = await _of_payment(work, cause)
    if fee is None or fee.state != "held":
        return
    income_id = await ledger.bank_side(work, kind="fee_income")
    await ledger.post(
        work,
        entries=[rules.payment_entry(fee, income_id=income_id)],
        holds=[rules.capture(fee)],
    )
    await work.run(sql.charged, id=fee.id)
    await work.emit(
        FeeCharged(
            fee_id=fee.id,
            account_id=fee.account_id,
            amount_fen=fee.amount_fen,
            charged_on=work.today,
        )
    )


async def release(work: Work, *, cause: Cause) -> None:
    """The payment was called off before it left: its fee is free again."""
    fee = await _of_payment(work, cause)
    if fee is None or fee.state != "held":
        return
    await ledger.post(work, entries=[], holds=[rules.release(fee)])
    await work.run(sql.released, id=fee.id)


async def refund(work: Work, *, cause: Cause, because: Literal["failed", "returned"]) -> None:
    """Give a fee back where the price list does so for what became of its payment."""
    fee = await _of_payment(work, cause)
    if fee is None or fee.state != "charged":
        return
    listed = await prices(work)
    if not (listed.refund_failed if because == "failed" else listed.refund_returned):
        return
    entry = rules.refund_entry(fee, income_id=await ledger.bank_side(work, kind="fee_income"))
    try:
        await ledger.post(work, entries=[entry])
    except AccountRefusesPosting:
        await suspense.park(
            work, entry=entry, account_id=fee.account_id, source="fee_refund", reason=entry.memo
        )
    await work.run(sql.refunded, id=fee.id)
    await work.emit(
        FeeRefunded(fee_id=fee.id, account_id=fee.account_id, amount_fen=fee.amount_fen)
    )


async def _of_payment(work: Work, cause: Cause) -> Fee | None:
    return await work.maybe(
        Fee, sql.of_payment, account_id=cause.account_id, cause=str(cause.payment_id)
    )


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Fee]:
    """The firm's fees, newest first."""
    after_on, after_id = pages.decode_cursor(after, date, UUID) if after else (None, None)
    rows = await work.all(Fee, sql.fees_page, after_on=after_on, after_id=after_id, limit=limit)
    return pages.page(rows, limit, lambda fee: (fee.made_on, fee.id))


async def set_terms(work: Work, *, new: NewTerms) -> Terms:
    """How large the firm is, found by the bank; TermsChanged where another version stands."""
    if new.version == 0:
        changed = await work.run(sql.begin_terms, firm_size=new.firm_size)
    else:
        changed = await work.run(sql.change_terms, firm_size=new.firm_size, version=new.version)
    found = await terms(work, usual=await prices(work))
    if not changed:
        raise TermsChanged(version=found.version)
    await work.record("fees.terms", firm_size=new.firm_size, version=found.version)
    return found


async def make_monthly(
    work: Work, *, month: date, listed: Prices, after: Place, most: int
) -> list[Place]:
    """Over all firms, as `nightly`: the month's fees of the next accounts."""
    return await work.all(
        Place,
        sql.make_monthly,
        month=month,
        amount_fen=listed.monthly_fen,
        usual_size=listed.usual_size,
        free_sizes=listed.free_sizes,
        after_business=after.business_id,
        after=after.account_id,
        most=most,
    )


async def take_due(work: Work, *, most: int) -> int:
    """Over all firms, as `nightly`: charge what is due and can be paid, in one posting."""
    taken = await work.all(Taken, sql.take_due, most=most)
    if taken:
        incomes = await ledger.bank_sides(
            work, businesses=sorted({fee.business_id for fee in taken}), kind="fee_income"
        )
        await ledger.post(
            work,
            entries=[rules.monthly_entry(fee, income_id=incomes[fee.business_id]) for fee in taken],
        )
    return len(taken)
