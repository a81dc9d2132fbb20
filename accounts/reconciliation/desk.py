"""Comparisons with the clearing house at the desk, and the work on what differs."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.reconciliation import operations
from accounts.reconciliation.model import (
    ClaimedByAnother,
    Difference,
    DifferenceChanged,
    DifferenceNotFound,
    DifferenceResolved,
    Explanation,
    NotClaimed,
    Reconciliation,
    Seen,
    State,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("operator", "supervisor")
WORKED = (DifferenceNotFound, DifferenceChanged, DifferenceResolved, ClaimedByAnother)


@get("/comparisons", guards=[STAFF], responses=problems(BadCursor))
async def list_comparisons(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Reconciliation]:
    """Each date's comparisons with both sides' figures and the seal, the latest date first."""
    return await operations.comparisons(work, after=after, limit=limit)


@get("/differences", guards=[STAFF], responses=problems(BadCursor))
async def list_differences(
    work: NamedDependency[Work],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Difference]:
    """What the two sides have otherwise, newest first."""
    return await operations.differences(work, state=in_state, after=after, limit=limit)


@post(
    "/differences/{difference_id:uuid}/claim",
    status_code=200,
    guards=[STAFF],
    responses=problems(*WORKED),
)
@once
async def claim_difference(
    work: NamedDependency[Work], data: JSONBody[Seen], difference_id: FromPath[UUID]
) -> Difference:
    """Take a difference to work on."""
    return await operations.claim(work, difference_id=difference_id, version=data.version)


@post(
    "/differences/{difference_id:uuid}/ask",
    status_code=200,
    guards=[STAFF],
    responses=problems(*WORKED),
)
@once
async def ask_about_difference(
    work: NamedDependency[Work], data: JSONBody[Seen], difference_id: FromPath[UUID]
) -> Difference:
    """Ask the clearing house about it again; what it answers is booked, and the date compared."""
    return await operations.ask_again(work, difference_id=difference_id, version=data.version)


@post(
    "/differences/{difference_id:uuid}/explain",
    status_code=200,
    guards=[STAFF],
    responses=problems(*WORKED, NotClaimed),
)
@once
async def explain_difference(
    work: NamedDependency[Work], data: JSONBody[Explanation], difference_id: FromPath[UUID]
) -> Difference:
    """Resolve a claimed difference, saying why the two sides may differ."""
    return await operations.explain(
        work,
        difference_id=difference_id,
        version=data.version,
        explanation=data.explanation,
    )


router = Router(
    "/desk/v1/reconciliation",
    route_handlers=[
        list_comparisons,
        list_differences,
        claim_difference,
        ask_about_difference,
        explain_difference,
    ],
    tags=["desk: reconciliation"],
)
