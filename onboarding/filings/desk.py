"""The bank's door to filings: what the account management system did not take, and once more."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work
from onboarding.filings import operations
from onboarding.filings.model import (
    AskedAgain,
    Filing,
    FilingNotFound,
    FilingNotRefused,
    OpenState,
)

STAFF = allow("operator", "supervisor", "reviewer")


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_filings(
    work: NamedDependency[Work],
    which: FromQuery[OpenState] = "refused",
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Filing]:
    """Filings that are refused, or that still wait for an answer, the earliest term first."""
    return await operations.queue(work, state=which, after=after, limit=limit)


@post(
    "/{filing_id:uuid}/again",
    status_code=200,
    guards=[STAFF],
    responses=problems(FilingNotFound, FilingNotRefused),
)
@once
async def file_again(
    work: NamedDependency[Work], data: JSONBody[AskedAgain], filing_id: FromPath[UUID]
) -> Filing:
    """What was at fault is mended: send it again, under a reference of its own."""
    return await operations.file_again(work, filing_id=filing_id, again=data)


router = Router("/desk/v1/filings", route_handlers=[list_filings, file_again], tags=["filings"])
