"""Notes what moved, in the transaction that learns of it, and adds a day up."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.movements.model import Item, Movement, Total
from app.queries import load
from app.work import Work

sql = load(__name__)


async def note(work: Work, *, moved: Sequence[Movement], firm: UUID | None = None) -> None:
    """Note movements once each, of this firm; None: of no firm (money that went straight back)."""
    await work.run(
        sql.note,
        firm=firm,
        directions=[one.direction for one in moved],
        references=[one.reference for one in moved],
        lines=[one.line_no for one in moved],
        days=[one.moved_on for one in moved],
        amounts=[one.amount_fen for one in moved],
    )


async def totals(work: Work, *, on: date) -> list[Total]:
    """Count and sum of each direction that moved on a date."""
    return await work.all(Total, sql.totals, on=on)


async def items(work: Work, *, on: date) -> list[Item]:
    """Every movement of a date, in the order of their keys."""
    return await work.all(Item, sql.items, on=on)
