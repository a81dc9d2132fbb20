"""The reviewers' door to their own matters: relatives, firms that are too near, absences."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.work import Work
from onboarding.colleagues import operations
from onboarding.colleagues.model import (
    Absence,
    AbsenceNotFound,
    BadAbsence,
    Colleague,
    IdNumberInvalid,
    Interest,
    NewAbsence,
    NewInterest,
    NewRelative,
    Relative,
)

REVIEWERS = allow("reviewer", "supervisor")


@get("/reviewers", guards=[REVIEWERS])
async def list_reviewers(work: NamedDependency[Work]) -> list[Colleague]:
    """Who reviews the cases that I see, what lies with each, and who is away."""
    return await operations.reviewers(work)


@post("/reviews/interests", guards=[REVIEWERS], responses=problems())
@once
async def declare_interest(work: NamedDependency[Work], data: JSONBody[NewInterest]) -> Interest:
    """Declare a firm of one's own or a relative's: from now on others review it."""
    return await operations.declare_interest(work, new=data)


@get("/reviews/interests", guards=[REVIEWERS])
async def list_interests(work: NamedDependency[Work]) -> list[Interest]:
    """The firms that I have declared."""
    return await operations.interests(work)


@post("/relatives", guards=[REVIEWERS], responses=problems(IdNumberInvalid))
@once
async def declare_relative(work: NamedDependency[Work], data: JSONBody[NewRelative]) -> Relative:
    """Declare a relative by number: firms whose people carry it are reviewed by others."""
    return await operations.declare_relative(work, new=data)


@get("/relatives", guards=[REVIEWERS])
async def list_relatives(work: NamedDependency[Work]) -> list[Relative]:
    """How many relatives I have declared, and as what; their numbers are not kept."""
    return await operations.relatives(work)


@post("/absences", guards=[REVIEWERS], responses=problems(BadAbsence))
@once
async def declare_absence(work: NamedDependency[Work], data: JSONBody[NewAbsence]) -> Absence:
    """Say that I am away; what is assigned to me goes to my stand-in meanwhile."""
    return await operations.declare_absence(work, new=data)


@get("/absences", guards=[REVIEWERS])
async def list_absences(work: NamedDependency[Work]) -> list[Absence]:
    """Who is or will be away."""
    return await operations.absences(work)


@post(
    "/absences/{absence_id:uuid}/end",
    status_code=200,
    guards=[REVIEWERS],
    responses=problems(AbsenceNotFound),
)
@once
async def end_absence(work: NamedDependency[Work], absence_id: FromPath[UUID]) -> None:
    """I am back."""
    await operations.end_absence(work, absence_id=absence_id)


router = Router(
    "/desk/v1",
    route_handlers=[
        list_reviewers,
        declare_interest,
        list_interests,
        declare_relative,
        list_relatives,
        declare_absence,
        list_absences,
        end_absence,
    ],
    tags=["desk: reviewers"],
)
