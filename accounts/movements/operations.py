"""Notes what moved, in the transaction that learns of it, and adds a day up."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.movements.model import DIRECTIONS, Movement, OurTotal
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


async def totals(work: Work, *, on: date) -> list[OurTotal]:
    """Count and sum of every direction on a date, all as of one moment."""
    return await work.all(OurTotal, sql.totals, on=on, directions=list(DIRECTIONS))
