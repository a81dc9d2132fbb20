"""Moves the bank's income and expense of a date out of every firm into the bank's own."""

from datetime import date
from uuid import UUID

from accounts.ledger import operations as ledger
from accounts.ledger.model import BankSide
from accounts.sweeps import rules
from accounts.sweeps.model import Held
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def homes(work: Work) -> dict[BankSide, UUID]:
    """The bank's own accounts of each kind; `work` acts in its firm."""
    return {kind: await ledger.bank_side(work, kind=kind) for kind in rules.KINDS}


async def sweep(work: Work, *, on: date, kind: BankSide, home: UUID, home_id: UUID) -> int:
    """Over all firms, as `nightly`: the next accounts of a kind for a date that has ended.

    How many were swept: fewer than a slice is the end. Again for the same date: none.
    """
    transfer_id = new_id()
    held = await work.all(
        Held,
        sql.mark,
        on=on,
        kind=kind,
        home=home,
        transfer_id=transfer_id,
        most=rules.SLICE,
    )
    if held:
        entries = rules.entries(
            held, kind=kind, on=on, home_business_id=home, home_id=home_id, transfer_id=transfer_id
        )
        await ledger.post(work, entries=entries)
    return len(held)
