"""Personal limits over HTTP."""

from uuid import UUID

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.limits import operations
from accounts.limits.model import (
    LimitChanged,
    LimitsContradict,
    NewLimit,
    NoSuchMember,
    PersonLimit,
)
from app.http import allow, problems
from app.work import Work


@get("", guards=[allow("owner", "finance", "checker")])
async def list_limits(work: NamedDependency[Work]) -> list[PersonLimit]:
    """The limits set in this firm; a member without one is under the bank's policy."""
    return await operations.of_firm(work)


@get(
    "/{person_id:uuid}",
    guards=[allow("owner", "finance", "checker")],
    responses=problems(NoSuchMember),
)
async def read_limit(work: NamedDependency[Work], person_id: FromPath[UUID]) -> PersonLimit:
    """A member's limits and what is used of the day."""
    return await operations.of(work, person=person_id)


@put(
    "/{person_id:uuid}",
    guards=[allow("owner")],
    responses=problems(NoSuchMember, LimitChanged, LimitsContradict),
)
async def set_limit(
    work: NamedDependency[Work], data: JSONBody[NewLimit], person_id: FromPath[UUID]
) -> PersonLimit:
    """Set what a member may pay at once and in one day."""
    return await operations.set_limit(work, person=person_id, new=data)


router = Router("/v1/limits", route_handlers=[list_limits, read_limit, set_limit], tags=["limits"])
