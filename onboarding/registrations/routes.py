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
from onboarding.forms.model import RegistrationDraft
from onboarding.names.model import NameNotExtendable, NameRefused, NameTaken
from onboarding.registrations import operations
from onboarding.registrations.model import (
    AlreadyFounding,
    EditedRegistration,
    Registration,
    RegistrationIncomplete,
    RegistrationNotDraft,
    RegistrationNotFound,
    Resumed,
    SignaturesMissing,
    StaleRegistration,
)
from onboarding.signatures.model import SignatureNotFound

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
        SignaturesMissing,
        NameRefused,
        NameTaken,
    ),
)
@once
async def submit_registration(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Registration:
    """Check the whole form and send it as everyone signed it; the registry answers by itself."""
    return await operations.submit(work, registration_id=registration_id)


@post(
    "/{registration_id:uuid}/resume",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, RegistrationNotDraft),
)
@once
async def resume_registration(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Resumed:
    """Go on with the form on another device: all of it in clear, and the version to name."""
    return await operations.resume(work, registration_id=registration_id)


@post(
    "/{registration_id:uuid}/signatures",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, RegistrationNotDraft, RegistrationIncomplete),
)
@once
async def ask_signatures(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Registration:
    """Ask everyone to sign this version; each gets a link of their own by text message."""
    return await operations.ask_signatures(work, registration_id=registration_id)


@post(
    "/{registration_id:uuid}/signatures/{signature_id:uuid}/remind",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, RegistrationNotDraft, SignatureNotFound),
)
@once
async def remind_signatory(
    work: NamedDependency[Work], registration_id: FromPath[UUID], signature_id: FromPath[UUID]
) -> Registration:
    """Send one of them a new link; the one before leads nowhere from now on."""
    return await operations.ask_again(
        work, registration_id=registration_id, signature_id=signature_id
    )


@post(
    "/{registration_id:uuid}/name/extend",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, RegistrationNotDraft, NameNotExtendable),
)
@once
async def extend_name(work: NamedDependency[Work], registration_id: FromPath[UUID]) -> Registration:
    """Keep the reserved name as long again; once, before it lapses."""
    return await operations.extend_name(work, registration_id=registration_id)


@post(
    "/{registration_id:uuid}/withdraw",
    status_code=200,
    guards=[OWNER],
    responses=problems(RegistrationNotFound, RegistrationNotDraft),
)
@once
async def withdraw_registration(
    work: NamedDependency[Work], registration_id: FromPath[UUID]
) -> Registration:
    """Give a draft up: its name is free at once."""
    return await operations.withdraw(work, registration_id=registration_id)


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
        resume_registration,
        ask_signatures,
        remind_signatory,
        extend_name,
        withdraw_registration,
        follow_registration,
    ],
    tags=["registration"],
)
