"""The teller's door: who comes today, check in, confirm and open the account."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.numbers.model import BranchCode
from app.http import allow, problems
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.applications.model import ApplicationNotOpen
from onboarding.visits import operations
from onboarding.visits.model import (
    Confirmed,
    DayVisit,
    NotConfirmed,
    OtherBranch,
    StaleVisit,
    Visit,
    VisitNotFound,
    VisitNotOpen,
)

TELLERS = allow("teller", "supervisor")


@get("", guards=[TELLERS], responses=problems(OtherBranch))
async def list_day(
    work: NamedDependency[Work], branch: FromQuery[BranchCode], on: FromQuery[date]
) -> Page[DayVisit]:
    """Who comes to a branch on a day."""
    return Page(items=await operations.day(work, code=branch, on=on))


@post(
    "/{visit_id:uuid}/check-in",
    status_code=200,
    guards=[TELLERS],
    responses=problems(VisitNotFound, VisitNotOpen, ApplicationNotOpen),
)
@once
async def check_in_visit(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> Visit:
    """Somebody has arrived; the application must have been approved."""
    return await operations.check_in(work, visit_id=visit_id)


@post(
    "/{visit_id:uuid}/complete",
    status_code=200,
    guards=[TELLERS],
    responses=problems(VisitNotFound, VisitNotOpen, StaleVisit, NotConfirmed),
)
@once
async def complete_visit(
    work: NamedDependency[Work], data: JSONBody[Confirmed], visit_id: FromPath[UUID]
) -> Visit:
    """Identity, will and seals are confirmed: the account is opened in this minute."""
    return await operations.complete(work, visit_id=visit_id, confirmed=data)


router = Router(
    "/desk/v1/visits",
    route_handlers=[list_day, check_in_visit, complete_visit],
    tags=["desk: visits"],
)
