"""The day close for the bank's staff: the bank's totals of a date, and which firms are missing."""

from __future__ import annotations

from datetime import date

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from accounts.day_close import operations
from accounts.day_close.model import BankDay, Missing
from app.http import allow, problems
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("operator", "supervisor", "reviewer")


@get("/", guards=[STAFF])
async def read_bank_day(work: NamedDependency[Work], on: FromQuery[date]) -> BankDay:
    """The whole bank on a business date, from sealed rows only."""
    return await operations.bank_day(work, on=on)


@get("/missing", guards=[STAFF], responses=problems(BadCursor))
async def list_missing(
    work: NamedDependency[Work],
    on: FromQuery[date],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Missing]:
    """Firms whose day is not sealed yet."""
    return await operations.missing(work, on=on, after=after, limit=limit)


router = Router(
    "/desk/v1/day-closes",
    route_handlers=[read_bank_day, list_missing],
    tags=["desk: day close"],
)
