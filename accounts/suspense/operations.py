"""Parks money that an account cannot take, and books it home when the desk says where."""

from datetime import datetime
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.ledger import operations as ledger
from accounts.ledger.model import NewEntry
from accounts.suspense import rules
from accounts.suspense.model import (
    Assignment,
    Item,
    ItemNotFound,
    MoneyAssigned,
    MoneyParked,
    Source,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def park(
    work: Work, *, entry: NewEntry, account_id: UUID, source: Source, reason: str
) -> UUID:
    """Book `entry` with the account's money on the bank's side instead; the item's id.

    The entry keeps its kind and key, so that it is booked once, here or there.
    """
    suspense_id = await ledger.bank_side(work, kind="suspense")
    moved = rules.parked(entry, account_id=account_id, suspense_id=suspense_id)
    amount_fen = sum(leg.amount_fen for leg in moved.legs if leg.account_id == suspense_id)
    await ledger.post(work, entries=[moved])
    item_id = new_id()
    await note(
        work,
        item_id=item_id,
        source=source,
        source_key=entry.business_key,
        account_id=account_id,
        amount_fen=amount_fen,
        reason=reason,
    )
    await work.emit(MoneyParked(item_id=item_id, account_id=account_id, amount_fen=amount_fen))
    return item_id


async def note(
    work: Work,
    *,
    item_id: UUID,
    source: Source,
    source_key: str,
    account_id: UUID,
    amount_fen: int,
    reason: str,
) -> None:
    """The item of money that has just been booked into suspense."""
    await work.run(
        sql.add,
        id=item_id,
        source=source,
        source_key=source_key,
        account_id=account_id,
        amount_fen=amount_fen,
        reason=reason,
    )


async def assign(work: Work, *, item_id: UUID, new: Assignment) -> Item:
    """Book an item on an account of its firm.

    Raises ItemNotFound, ItemDone, NotToBeAssigned, AccountNotFound, AccountRefusesPosting.
    """
    item = await work.maybe(Item, sql.item, id=item_id)
    if item is None:
        raise ItemNotFound(item_id=item_id)
    rules.may_be_assigned(item, version=new.version)
    await deposits.own(work, account_id=new.to_account_id)
    suspense_id = await ledger.bank_side(work, kind="suspense")
    entry = rules.assigned_entry(item, to_account_id=new.to_account_id, suspense_id=suspense_id)
    await ledger.post(work, entries=[entry])
    await work.run(
        sql.assign, id=item_id, to_account_id=new.to_account_id, staff_id=work.actor.staff_id
    )
    await work.record("suspense.assigned", object_id=item_id)
    await work.emit(
        MoneyAssigned(item_id=item_id, account_id=new.to_account_id, amount_fen=item.amount_fen)
    )
    return await work.one(Item, sql.item, id=item_id)


async def get(work: Work, *, item_id: UUID) -> Item:
    """One item under its lock; ItemNotFound."""
    item = await work.maybe(Item, sql.item, id=item_id)
    if item is None:
        raise ItemNotFound(item_id=item_id)
    return item


async def handed_over(work: Work, *, item_id: UUID) -> None:
    """What an authority had taken is on the authority's account."""
    await work.run(sql.hand_over, id=item_id)


async def enter_firm_of(work: Work, *, item_id: UUID) -> None:
    """The bank's staff work in the firm whose money it is; ItemNotFound."""
    business_id = await work.maybe(UUID, sql.firm_of_item, id=item_id)
    if business_id is None:
        raise ItemNotFound(item_id=item_id)
    await work.set_business(business_id)


async def of_firm(work: Work) -> list[Item]:
    """What waits for a firm, and what did, newest first."""
    return await work.all(Item, sql.items_of_firm)


async def queue(work: Work, *, after: str | None, limit: int) -> pages.Page[Item]:
    """What waits in all firms, oldest first, for the desk."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(Item, sql.open_items, after_at=after_at, after_id=after_id, most=limit)
    return pages.page(rows, limit, lambda item: (item.came_at, item.id))
