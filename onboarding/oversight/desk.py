"""The supervisors' door: assign, see what was late, count."""

from __future__ import annotations

from datetime import date

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work
from onboarding.oversight import operations
from onboarding.oversight.model import (
    Assignment,
    BadPeriod,
    Escalation,
    EverybodyAway,
    NewAssignment,
    NotAReviewer,
    Statistics,
)

REVIEWERS = allow("reviewer", "supervisor")
SUPERVISORS = allow("supervisor")


@post(
    "/assign",
    status_code=200,
    guards=[SUPERVISORS],
    responses=problems(NotAReviewer, EverybodyAway),
)
@once
async def assign_reviews(work: NamedDependency[Work], data: JSONBody[NewAssignment]) -> Assignment:
    """Lay up to 200 cases on one reviewer's desk; each is answered for itself."""
    return await operations.assign(work, new=data)


@get("/escalations", guards=[REVIEWERS], responses=problems(BadCursor))
async def list_escalations(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Escalation]:
    """What was late, each once, the latest first."""
    return await operations.escalations(work, after=after, limit=limit)


@get("/statistics", guards=[REVIEWERS], responses=problems(BadPeriod))
async def count_reviews(
    work: NamedDependency[Work],
    from_on: FromQuery[date | None] = None,
    until_on: FromQuery[date | None] = None,
) -> Statistics:
    """The queue now and what was decided in a period (the last thirty days)."""
    return await operations.statistics(work, from_on=from_on, until_on=until_on)


router = Router(
    "/desk/v1/reviews",
    route_handlers=[assign_reviews, list_escalations, count_reviews],
    tags=["desk: reviews"],
)
