"""Takes an owner's request, settles the account for the last time, and closes it."""

from datetime import datetime
from uuid import UUID

from accounts.closings import rules
from accounts.closings.model import (
    Closing,
    ClosingNotFound,
    ClosingRequest,
    ClosingState,
    ClosingUnderWay,
    NewClosing,
)
from accounts.deposits import operations as deposits
from accounts.interest import operations as interest
from accounts.ledger import operations as ledger
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def ask(work: Work, *, account_id: UUID, new: NewClosing) -> Closing:
    """The owner asks to close an account. AccountNotFound, RestCannotGoThere, ClosingUnderWay."""
    deposit = await deposits.own(work, account_id=account_id)
    if new.rest_to_account_id is not None:
        other = await deposits.own(work, account_id=new.rest_to_account_id)
        rules.may_take_the_rest(deposit, other)
    closing_id = new_id()
    added = await work.run(
        sql.add,
        id=closing_id,
        account_id=account_id,
        rest_to_account_id=new.rest_to_account_id,
        reason=new.reason,
    )
    if not added:
        raise ClosingUnderWay(account_id=account_id)
    await work.record("closing.asked", object_id=closing_id)
    return await get(work, closing_id=closing_id)


async def get(work: Work, *, closing_id: UUID) -> Closing:
    """One request with what stands in its way, or ClosingNotFound."""
    request = await work.maybe(ClosingRequest, sql.request, id=closing_id)
    if request is None:
        raise ClosingNotFound(closing_id=closing_id)
    return await _shown(work, request)


async def _shown(work: Work, request: ClosingRequest) -> Closing:
    deposit = await deposits.own(work, account_id=request.account_id)
    facts = await deposits.in_the_way(work, account_id=request.account_id)
    stored = {name: getattr(request, name) for name in ClosingRequest.__struct_fields__}
    return Closing(obstacles=rules.obstacles(request, deposit, facts), **stored)


async def of_firm(work: Work) -> list[ClosingRequest]:
    """The firm's requests, newest first."""
    return await work.all(ClosingRequest, sql.of_firm)


async def _lock(work: Work, closing_id: UUID, version: int) -> ClosingRequest:
    request = await work.maybe(ClosingRequest, sql.lock, id=closing_id)
    if request is None:
        raise ClosingNotFound(closing_id=closing_id)
    rules.seen(request, version=version)
    return request


async def withdraw(work: Work, *, closing_id: UUID, version: int) -> Closing:
    """The owner keeps the account after all; it earns interest again."""
    request = await _lock(work, closing_id, version)
    if request.state == "settled":
        await deposits.bear_interest(work, account_id=request.account_id, bears=True)
    return await _finish(work, closing_id, "withdrawn", answer=None)


async def refuse(work: Work, *, closing_id: UUID, version: int, reason: str) -> Closing:
    """The bank does not close the account, and says why."""
    request = await _lock(work, closing_id, version)
    if request.state == "settled":
        await deposits.bear_interest(work, account_id=request.account_id, bears=True)
    return await _finish(work, closing_id, "refused", answer=reason)


async def settle(work: Work, *, closing_id: UUID, version: int) -> Closing:
    """Pay the last interest and let the account earn none from today, so that its owner can take
    everything away before it is closed."""
    request = await _lock(work, closing_id, version)
    await _settle(work, request)
    await work.run(sql.settle, id=closing_id)
    return await get(work, closing_id=closing_id)


async def _settle(work: Work, request: ClosingRequest) -> None:
    await interest.settle_last(work, account_id=request.account_id)
    await deposits.bear_interest(work, account_id=request.account_id, bears=False)


async def close(work: Work, *, closing_id: UUID, version: int) -> Closing:
    """Settle, move what is left where the owner said, and close.

    Raises ClosingNotFound, ClosingChanged, and what `deposits.close` raises.
    """
    request = await _lock(work, closing_id, version)
    if request.state == "requested":
        await _settle(work, request)
    await _move_the_rest(work, request)
    await deposits.close(work, account_id=request.account_id, reason=request.reason)
    return await _finish(work, closing_id, "closed", answer=None)


async def _move_the_rest(work: Work, request: ClosingRequest) -> None:
    if request.rest_to_account_id is None:
        return
    deposit = await deposits.own(work, account_id=request.account_id)
    rules.may_take_the_rest(
        deposit, await deposits.own(work, account_id=request.rest_to_account_id)
    )
    facts = await deposits.in_the_way(work, account_id=request.account_id)
    if facts.balance_fen and not facts.held_fen:
        entry = rules.rest_entry(
            request,
            amount_fen=facts.balance_fen,
            to=request.rest_to_account_id,
            currency=deposit.currency,
        )
        await ledger.post(work, entries=[entry])


async def _finish(
    work: Work, closing_id: UUID, state: ClosingState, *, answer: str | None
) -> Closing:
    await work.run(
        sql.finish, id=closing_id, state=state, answer=answer, staff_id=work.actor.staff_id
    )
    await work.record(f"closing.{state}", object_id=closing_id)
    return await get(work, closing_id=closing_id)


async def enter_firm_of(work: Work, *, closing_id: UUID) -> None:
    """The bank's staff work in the firm whose account it is; ClosingNotFound."""
    business_id = await work.maybe(UUID, sql.firm_of_closing, id=closing_id)
    if business_id is None:
        raise ClosingNotFound(closing_id=closing_id)
    await work.set_business(business_id)


async def queue(work: Work, *, after: str | None, limit: int) -> pages.Page[ClosingRequest]:
    """Open requests of all firms, oldest first, for the desk."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        ClosingRequest, sql.queue, after_at=after_at, after_id=after_id, most=limit
    )
    return pages.page(rows, limit, lambda request: (request.asked_at, request.id))
