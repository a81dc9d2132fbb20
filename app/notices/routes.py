"""The app's inbox: what its user was told, live."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody
from litestar.response import Stream

from app.http import allow, problems, progress_stream
from app.notices import operations
from app.notices.model import Inbox, SeenUntil
from app.pages import BadCursor, Cursor, Limit, decode_cursor
from app.work import Work

MEMBERS = allow("owner", "finance", "maker", "checker", "accountant", "employee")


@get("", guards=[MEMBERS], responses=problems(BadCursor))
async def read_inbox(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Inbox:
    """What one was told, newest first; `unread` counts what one has not seen."""
    before = None
    if after is not None:
        at, notice_id = decode_cursor(after, datetime, UUID)
        before = (at, notice_id)
    return await operations.inbox(work, before=before, limit=limit)


@put("/seen", guards=[MEMBERS], responses=problems())
async def mark_seen(work: NamedDependency[Work], data: JSONBody[SeenUntil]) -> Inbox:
    """Everything up to a moment has been seen, on every device."""
    return await operations.see(work, until=data.until)


@get("/live", guards=[MEMBERS], responses=problems(), media_type="text/event-stream")
async def follow_inbox(request: Request[Any, Any, Any], work: NamedDependency[Work]) -> Stream:
    """Server-Sent Events: that there is something new; resumes at `Last-Event-ID`."""
    return progress_stream(request, work.business_id)


router = Router(
    "/v1/notices", route_handlers=[read_inbox, mark_seen, follow_inbox], tags=["notices"]
)
