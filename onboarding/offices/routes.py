"""The owner's hand in the offices' parts: record a number, ask an office again."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.work import Work
from onboarding.offices import operations
from onboarding.offices.model import (
    OwnersPart,
    PartConfirmed,
    PartNotFailed,
    PartNotFound,
    PartNotOpen,
    Parts,
)

OWNER = allow("owner")


@post(
    "/confirm",
    status_code=200,
    guards=[OWNER],
    responses=problems(PartNotFound, PartNotOpen),
)
@once
async def confirm_part(
    work: NamedDependency[Work],
    data: JSONBody[PartConfirmed],
    registration_id: FromPath[UUID],
    part: FromPath[OwnersPart],
) -> Parts:
    """Record the number that the seal office, social insurance or the housing fund gave."""
    return await operations.confirm(
        work, registration_id=registration_id, part=part, number=data.number
    )


@post(
    "/retry",
    status_code=200,
    guards=[OWNER],
    responses=problems(PartNotFound, PartNotFailed),
)
@once
async def retry_part(
    work: NamedDependency[Work], registration_id: FromPath[UUID], part: FromPath[OwnersPart]
) -> Parts:
    """Ask an office that refused once more; the other parts go on meanwhile."""
    return await operations.retry(work, registration_id=registration_id, part=part)


router = Router(
    "/v1/registrations/{registration_id:uuid}/parts/{part:str}",
    route_handlers=[confirm_part, retry_part],
    tags=["registration"],
)
