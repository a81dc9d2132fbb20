"""Personal limits over HTTP."""

from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.limits import operations
from accounts.limits.model import (
    AboveCeiling,
    DeviceLimit,
    LimitChanged,
    LimitsContradict,
    NewLimit,
    NoSuchMember,
    ShownLimit,
)
from app.http import allow, problems
from app.identity.sessions.model import TooManyCodes
from app.identity.stepups.model import StepUp, StepUpNeeded
from app.once import once
from app.work import Work

READ = allow("owner", "finance", "checker")
OWNER = allow("owner")


@get("", guards=[READ])
async def list_limits(work: NamedDependency[Work]) -> list[ShownLimit]:
    """The limits set in this firm; a member without one is under the bank's policy."""
    return await operations.of_firm(work)


@get("/mine")
async def read_my_limit(work: NamedDependency[Work]) -> ShownLimit:
    """My own limits and what is left of today's."""
    assert work.actor.person_id is not None
    return await operations.shown(work, person=work.actor.person_id)


@get("/{person_id:uuid}", guards=[READ], responses=problems(NoSuchMember))
async def read_limit(work: NamedDependency[Work], person_id: FromPath[UUID]) -> ShownLimit:
    """A member's limits, what is used of the day and what is left."""
    return await operations.shown(work, person=person_id)


@put(
    "/{person_id:uuid}",
    guards=[OWNER],
    responses=problems(NoSuchMember, LimitChanged, LimitsContradict, AboveCeiling, StepUpNeeded),
)
async def set_limit(
    work: NamedDependency[Work], data: JSONBody[NewLimit], person_id: FromPath[UUID]
) -> ShownLimit:
    """Set what a member may pay at once and in one day; to raise it takes a step-up."""
    return await operations.set_limit(work, person=person_id, new=data)


@post("/{person_id:uuid}/step-ups", guards=[OWNER], responses=problems(NoSuchMember, TooManyCodes))
@once
async def ask_to_raise(
    work: NamedDependency[Work], data: JSONBody[NewLimit], person_id: FromPath[UUID]
) -> StepUp:
    """Ask for the confirmation that raising a member's limits to exactly this takes."""
    return await operations.ask_to_raise(work, person=person_id, new=data)


@get("/{person_id:uuid}/devices", guards=[READ], responses=problems(NoSuchMember))
async def list_device_limits(
    work: NamedDependency[Work], person_id: FromPath[UUID]
) -> list[DeviceLimit]:
    """What a member may pay through single devices (sign-ins), where that is limited."""
    return await operations.of_devices(work, person=person_id)


@put(
    "/{person_id:uuid}/devices/{device_id:uuid}",
    guards=[OWNER],
    responses=problems(NoSuchMember, LimitChanged, LimitsContradict, StepUpNeeded),
)
async def set_device_limit(
    work: NamedDependency[Work],
    data: JSONBody[NewLimit],
    person_id: FromPath[UUID],
    device_id: FromPath[UUID],
) -> DeviceLimit:
    """Limit what a member pays through one device; to raise it takes a step-up."""
    return await operations.set_device_limit(work, person=person_id, session_id=device_id, new=data)


@post(
    "/{person_id:uuid}/devices/{device_id:uuid}/step-ups",
    guards=[OWNER],
    responses=problems(NoSuchMember, TooManyCodes),
)
@once
async def ask_to_raise_device(
    work: NamedDependency[Work],
    data: JSONBody[NewLimit],
    person_id: FromPath[UUID],
    device_id: FromPath[UUID],
) -> StepUp:
    """Ask for the confirmation that raising a device's limits to exactly this takes."""
    return await operations.ask_to_raise(work, person=person_id, new=data, session_id=device_id)


router = Router(
    "/v1/limits",
    route_handlers=[
        list_limits,
        read_my_limit,
        read_limit,
        set_limit,
        ask_to_raise,
        list_device_limits,
        set_device_limit,
        ask_to_raise_device,
    ],
    tags=["limits"],
)
