"""The owner's door to the branch: which, when, and the appointment."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.numbers.model import BranchCode, BranchNotFound
from app.http import allow, problems
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.applications.model import ApplicationNotFound, ApplicationNotOpen
from onboarding.visits import operations
from onboarding.visits.model import (
    AlreadyBooked,
    BranchShown,
    CheckInCode,
    MovedVisit,
    NewVisit,
    NotToday,
    Slot,
    SlotFull,
    SlotUnknown,
    StaleVisit,
    Visit,
    VisitNotFound,
    VisitNotOpen,
    WrongBranch,
)

OWNER = allow("owner", "finance")


@get("", responses=problems())
async def list_branches(work: NamedDependency[Work]) -> Page[BranchShown]:
    """The branches one may visit."""
    return Page(items=await operations.branches(work))


@get("/{code:str}/slots", responses=problems(BranchNotFound))
async def list_slots(
    work: NamedDependency[Work], code: FromPath[BranchCode], on: FromQuery[date]
) -> Page[Slot]:
    """The slots of a day and how many may still come; none when the branch is closed."""
    return Page(items=await operations.slots(work, code=code, on=on))


@post(
    "",
    guards=[OWNER],
    responses=problems(
        ApplicationNotFound, ApplicationNotOpen, SlotUnknown, SlotFull, WrongBranch, AlreadyBooked
    ),
)
@once
async def book_visit(work: NamedDependency[Work], data: JSONBody[NewVisit]) -> Visit:
    """Book a slot for an application; no slot is ever overbooked."""
    return await operations.book(work, new=data)


@get("", guards=[OWNER], responses=problems())
async def list_visits(work: NamedDependency[Work]) -> Page[Visit]:
    """The firm's appointments, newest first."""
    return Page(items=await operations.get_all(work))


@get("/{visit_id:uuid}", guards=[OWNER], responses=problems(VisitNotFound))
async def read_visit(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> Visit:
    """One appointment: what to bring, the ticket, and at the branch one's place in the queue."""
    return await operations.get(work, visit_id=visit_id)


@get(
    "/{visit_id:uuid}/check-in-code",
    guards=[OWNER],
    responses=problems(VisitNotFound, VisitNotOpen, NotToday),
)
async def show_check_in_code(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> CheckInCode:
    """The code to show at the branch on the day: as text and as a picture, for two minutes."""
    return await operations.check_in_code(work, visit_id=visit_id)


@put(
    "/{visit_id:uuid}",
    guards=[OWNER],
    responses=problems(VisitNotFound, VisitNotOpen, StaleVisit, SlotUnknown, SlotFull, WrongBranch),
)
async def reschedule_visit(
    work: NamedDependency[Work], data: JSONBody[MovedVisit], visit_id: FromPath[UUID]
) -> Visit:
    """Come at another time, naming the version seen."""
    return await operations.reschedule(work, visit_id=visit_id, moved=data)


@post(
    "/{visit_id:uuid}/cancel",
    status_code=200,
    guards=[OWNER],
    responses=problems(VisitNotFound, VisitNotOpen),
)
@once
async def cancel_visit(work: NamedDependency[Work], visit_id: FromPath[UUID]) -> Visit:
    """Do not come; the slot is free for others."""
    return await operations.cancel(work, visit_id=visit_id)


branches = Router("/branches", route_handlers=[list_branches, list_slots])
visits = Router(
    "/visits",
    route_handlers=[
        book_visit,
        list_visits,
        read_visit,
        show_check_in_code,
        reschedule_visit,
        cancel_visit,
    ],
)
router = Router("/v1", route_handlers=[branches, visits], tags=["branch visits"])
