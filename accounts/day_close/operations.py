"""The bank's figures of a business date, from sealed rows only."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from accounts.day_close.model import BankDay, Closing, Missing, Totals
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work

sql = load(__name__)
NOBODY = UUID(int=0)


async def bank_day(work: Work, *, on: date) -> BankDay:
    """What the bank held and moved on a date, as far as it is sealed."""
    closing = await work.one(Closing, sql.closing)
    return BankDay(
        on=on,
        closed=on <= closing.closed_until,
        sealed=on <= closing.sealed_until,
        totals=await work.all(Totals, sql.bank_totals, on=on),
    )


async def missing(work: Work, *, on: date, after: str | None, limit: int) -> Page[Missing]:
    """The firms whose day is not sealed; BadCursor."""
    place = decode_cursor(after, UUID)[0] if after else NOBODY
    rows = await work.all(Missing, sql.missing, on=on, after=place, most=limit + 1)
    return page(rows, limit, lambda firm: (firm.business_id,))
