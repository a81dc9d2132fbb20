"""The bank's door to the watch lists."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from accounts.screening import operations
from accounts.screening.model import Entry, ListedForNoDay, NewEntry
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work


@post("/", guards=[allow("reviewer", "supervisor")], responses=problems(ListedForNoDay))
@once
async def add_entry(work: NamedDependency[Work], data: JSONBody[NewEntry]) -> Entry:
    """Put a person or a firm on a list, with the reason and its source."""
    return await operations.add(work, new=data)


@get("/", guards=[allow("reviewer", "supervisor")], responses=problems(BadCursor))
async def list_entries(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Entry]:
    """The lists, newest entries first."""
    before = decode_cursor(after, UUID)[0] if after else None
    return await operations.entries(work, before=before, limit=limit)


router = Router(
    "/desk/v1/watch-list", route_handlers=[add_entry, list_entries], tags=["desk: watch lists"]
)
