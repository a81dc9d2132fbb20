"""Dead letters at the desk: what portals could not be told, and sending it again."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work
from onboarding.callbacks import operations
from onboarding.callbacks.model import CallbackNotFound, CallbackStillWaiting, DeadRow

OPERATOR = allow("operator", "supervisor")


@get("", guards=[OPERATOR], responses=problems(BadCursor))
async def list_dead_letters(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[DeadRow]:
    """Call-backs that were given up after three days, of all portals, oldest first."""
    last = decode_cursor(after, UUID)[0] if after is not None else UUID(int=0)
    return await operations.dead_letters(work, after=last, limit=limit)


@post(
    "/{callback_id:uuid}/redeliver",
    status_code=200,
    guards=[OPERATOR],
    responses=problems(CallbackNotFound, CallbackStillWaiting),
)
@once
async def redeliver_dead_letter(
    work: NamedDependency[Work], callback_id: FromPath[UUID]
) -> DeadRow:
    """Send it once more, from the first wait on."""
    return await operations.desk_sends_again(work, callback_id=callback_id)


router = Router(
    "/desk/v1/callbacks", route_handlers=[list_dead_letters, redeliver_dead_letter], tags=["desk"]
)
