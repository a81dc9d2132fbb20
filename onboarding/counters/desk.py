"""The teller's door: who comes today, check in, call the next, the case, confirm and open."""

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
from onboarding.counters import operations
from onboarding.counters.model import (
    BadCheckInCode,
    Calling,
    Confirmed,
    DayVisit,
    NobodyWaits,
    NotConfirmed,
    OtherBranch,
    Presented,
    StillServing,
    VisitCase,
)
from onboarding.visits.model import StaleVisit, Visit, VisitNotFound, VisitNotOpen

TELLERS = allow("teller", "supervisor")


@get("", guards=[TELLERS], responses=problems(OtherBranch))
async def list_day(
    work: NamedDependency[Work], branch: FromQuery[BranchCode], on: FromQuery[date]
) -> Page[DayVisit]:
    """Who comes to a branch on a day."""
    return Page(items=await operations.day(work, code=branch, on=on))


@post(
    "/check-in",
    status_code=200,
    guards=[TELLERS],
    responses=problems(BadCheckInCode, VisitNotFound, ApplicationNotOpen),
)
@once
async def present_code(work: NamedDependency[Work], data: JSONBody[Presented]) -> Visit:
    """The customer's phone shows its code: they get their number; a code works once."""
    return await operations.present(work, presented=data)


@post(
    "/next",
    status_code=200,
    guards=[TELLERS],
    responses=problems(OtherBranch, StillServing, NobodyWaits),
)
@once
async def call_next(
    work: NamedDependency[Work], data: JSONBody[Calling], branch: FromQuery[BranchCode]
) -> VisitCase:
    """A window is free: call the first in the queue, and see their case."""
    return await operations.call_next(work, branch=branch, calling=data)


@get("/{visit_id:uuid}", guards=[TELLERS], responses=problems(VisitNotFound))
async def read_case(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> VisitCase:
    """The teller's case: who comes, for what, what they bring, and what is next."""
    return await operations.read(work, visit_id=visit_id)


@post(
    "/{visit_id:uuid}/check-in",
    status_code=200,
    guards=[TELLERS],
    responses=problems(VisitNotFound, VisitNotOpen, ApplicationNotOpen),
)
@once
async def check_in_visit(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> Visit:
    """Somebody has arrived with their ticket; the application must have been approved."""
    return await operations.check_in(work, visit_id=visit_id)


@post(
    "/{visit_id:uuid}/leave",
    status_code=200,
    guards=[TELLERS],
    responses=problems(VisitNotFound, VisitNotOpen),
)
@once
async def leave_visit(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> Visit:
    """Called, and nobody was there: they may book again."""
    return await operations.leave(work, visit_id=visit_id)


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
    """Identity, will, papers and seals are confirmed: the account is opened in this minute."""
    return await operations.complete(work, visit_id=visit_id, confirmed=data)


router = Router(
    "/desk/v1/visits",
    route_handlers=[
        list_day,
        present_code,
        call_next,
        read_case,
        check_in_visit,
        leave_visit,
        complete_visit,
    ],
    tags=["desk: visits"],
)
