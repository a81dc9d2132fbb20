"""The bank's door to the watch lists."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.screening import operations
from accounts.screening.model import (
    ChangedEntry,
    Entry,
    EntryChanged,
    HitDecided,
    HitDecision,
    HitNotFound,
    ListedForNoDay,
    NewEntry,
    StoredHit,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work

STAFF = allow("reviewer", "supervisor")


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


@put("/{entry_id:uuid}", guards=[STAFF], responses=problems(EntryChanged))
async def change_entry(
    work: NamedDependency[Work], data: JSONBody[ChangedEntry], entry_id: FromPath[UUID]
) -> Entry:
    """Change an entry as it was seen; known names are looked at again."""
    return await operations.change(work, entry_id=entry_id, new=data)


@get("/hits", guards=[STAFF], responses=problems(BadCursor))
async def list_hits(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[StoredHit]:
    """Hits that wait to be decided, the oldest first, each explained."""
    return await operations.queue(work, after=after, limit=limit)


@post(
    "/hits/{business_id:uuid}/{hit_id:uuid}/decide",
    status_code=200,
    guards=[STAFF],
    responses=problems(HitNotFound, HitDecided),
)
@once
async def decide_hit(
    work: NamedDependency[Work],
    data: JSONBody[HitDecision],
    business_id: FromPath[UUID],
    hit_id: FromPath[UUID],
) -> StoredHit:
    """Whether the hit means this payee; remembered for this entry as it stands."""
    return await operations.decide(work, business_id=business_id, hit_id=hit_id, new=data)


router = Router(
    "/desk/v1/watch-list",
    route_handlers=[add_entry, list_entries, change_entry, list_hits, decide_hit],
    tags=["desk: watch lists"],
)
