"""The owner's door to founding a firm: one form, then watch the offices answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from app.http import allow, problems, progress_stream
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.names.model import NameRefused, NameTaken
from onboarding.registrations import operations
from onboarding.registrations.model import (
    AlreadyFounding,
    EditedRegistration,
    OwnersPart,
    PartConfirmed,
    PartNotOpen,
    Registration,
    RegistrationDraft,
    RegistrationIncomplete,
    RegistrationNotDraft,
    RegistrationNotFound,
    StaleRegistration,
)

OWNER = allow("owner")


@post("", responses=problems(NameRefused, NameTaken, AlreadyFounding))
@once
async def begin_registration(
    work: NamedDependency[Work], data: JSONBody[RegistrationDraft]
) -> Registration:
    """Begin to found a firm: whoever is signed in becomes its owner, the name is reserved."""
    return await operations.create(work, draft=data)


@get("", guards=[OWNER], responses=problems())
async def list_registrations(work: NamedDependency[Work]) -> Page[Registration]:
    """The firm's registrations, newest first: resume on any device."""
    return Page(items=await operations.get_all(work))


@get("/{registration_id:uuid}", guards=[OWNER], responses=problems(RegistrationNotFound))
async def read_registration(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Registration:
    """The form, masked, with the state and the timeline of every office's part."""
    return await operations.get(work, registration_id=registration_id)


@put(
    "/{registration_id:uuid}",
    guards=[OWNER],
    responses=problems(
        RegistrationNotFound, RegistrationNotDraft, StaleRegistration, NameRefused, NameTaken
    ),
)
async def edit_registration(
    work: NamedDependency[Work],
    data: JSONBody[EditedRegistration],
    registration_id: FromPath[UUID],
) -> Registration:
    """Put the whole form again, naming the version it was edited from."""
    return await operations.edit(work, registration_id=registration_id, edited=data)


@post(
    "/{registration_id:uuid}/submit",
    status_code=200,
    guards=[OWNER],
    responses=problems(
        RegistrationNotFound,
        RegistrationNotDraft,
        RegistrationIncomplete,
        NameRefused,
        NameTaken,
    ),
)
@once
async def submit_registration(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Registration:
    """Check the whole form and send it to the registry, which answers by itself."""
    return await operations.submit(work, registration_id=registration_id)


@post(
    "/{registration_id:uuid}/parts/{part:str}/confirm",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, PartNotOpen),
)
@once
async def confirm_part(
    work: NamedDependency[Work],
    data: JSONBody[PartConfirmed],
    registration_id: FromPath[UUID],
    part: FromPath[OwnersPart],
) -> Registration:
    """Record the number that the seal office, social insurance or the housing fund gave."""
    return await operations.confirm_part(
        work, registration_id=registration_id, part=part, number=data.number
    )


@get(
    "/{registration_id:uuid}/progress",
    guards=[OWNER],
    responses=problems(RegistrationNotFound),
    media_type="text/event-stream",
)
async def follow_registration(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    registration_id: FromPath[UUID],
) -> Stream:
    """Server-Sent Events of every part's steps; resumes at `Last-Event-ID`."""
    await operations.get(work, registration_id=registration_id)
    return progress_stream(request, registration_id)


router = Router(
    "/v1/registrations",
    route_handlers=[
        begin_registration,
        list_registrations,
        read_registration,
        edit_registration,
        submit_registration,
        confirm_part,
        follow_registration,
    ],
    tags=["registration"],
)
