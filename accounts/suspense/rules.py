"""What goes into suspense and what comes out, as entries."""

from uuid import UUID

from msgspec.structs import replace

from accounts.ledger.model import Leg, NewEntry
from accounts.suspense.model import Item, ItemDone, NotToBeAssigned


def parked(entry: NewEntry, *, account_id: UUID, suspense_id: UUID) -> NewEntry:
    """The same entry, with the money on the bank's side instead of on the account."""
    legs = [
        replace(leg, account_id=suspense_id) if leg.account_id == account_id else leg
        for leg in entry.legs
    ]
    assert legs != entry.legs, "the entry does not move this account"
    return replace(entry, legs=legs)


def may_be_assigned(item: Item, *, version: int) -> None:
    """Raise ItemDone or NotToBeAssigned."""
    if item.state != "open" or item.version != version:
        raise ItemDone(state=item.state, version=item.version)
    if item.source == "deduction":
        raise NotToBeAssigned()


def assigned_entry(item: Item, *, to_account_id: UUID, suspense_id: UUID) -> NewEntry:
    """The money comes home, once per item."""
    return NewEntry(
        kind="suspense_assigned",
        business_key=str(item.id),
        memo=item.reason,
        legs=[
            Leg(account_id=suspense_id, amount_fen=-item.amount_fen),
            Leg(account_id=to_account_id, amount_fen=item.amount_fen),
        ],
    )
