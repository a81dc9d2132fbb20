"""The owner's door to opening an account: apply, attach, submit, follow, cancel."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post, put
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from accounts.numbers.model import BranchNotFound, HoldExpired, NumberDoesNotFit
from app.http import allow, door_of, problems, progress_stream
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.applications import operations
from onboarding.applications.model import (
    AlreadyApplied,
    Application,
    ApplicationIncomplete,
    ApplicationNotFound,
    ApplicationNotOpen,
    AttachedDocument,
    EditedApplication,
    FileUnknown,
    IdentifierInvalid,
    LicenceOfAnotherFirm,
    NewApplication,
    StaleApplication,
)
from onboarding.classes.model import ClassRefused

OWNER = allow("owner", "finance")


async def owner_or_newcomer(
    connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler
) -> None:
    """A guard: an owner, or somebody whose firm is not with us yet."""
    actor, _ = door_of(connection)
    if actor.business_id is not None:
        await OWNER(connection, handler)


@post(
    "",
    guards=[owner_or_newcomer],
    responses=problems(
        ApplicationIncomplete,
        IdentifierInvalid,
        LicenceOfAnotherFirm,
        ClassRefused,
        AlreadyApplied,
        BranchNotFound,
        NumberDoesNotFit,
    ),
)
@once
async def begin_application(
    work: NamedDependency[Work], data: JSONBody[NewApplication]
) -> Application:
    """Apply for an account. A firm founded here leaves licence and representative out; one from
    elsewhere gives them, and whoever is signed in becomes its owner."""
    return await operations.create(work, new=data)


@get("", guards=[OWNER], responses=problems())
async def list_applications(work: NamedDependency[Work]) -> Page[Application]:
    """The firm's applications, newest first."""
    return Page(items=await operations.get_all(work))


@get("/{application_id:uuid}", guards=[OWNER], responses=problems(ApplicationNotFound))
async def read_application(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> Application:
    """The application with its timeline: who acts next, and by when."""
    return await operations.get(work, application_id=application_id)


@put(
    "/{application_id:uuid}",
    guards=[OWNER],
    responses=problems(
        ApplicationNotFound,
        ApplicationNotOpen,
        StaleApplication,
        ApplicationIncomplete,
        IdentifierInvalid,
        LicenceOfAnotherFirm,
        ClassRefused,
        BranchNotFound,
        NumberDoesNotFit,
    ),
)
async def edit_application(
    work: NamedDependency[Work],
    data: JSONBody[EditedApplication],
    application_id: FromPath[UUID],
) -> Application:
    """Put the application again while it is a draft or was returned, naming the version seen."""
    return await operations.edit(work, application_id=application_id, edited=data)


@post(
    "/{application_id:uuid}/documents",
    guards=[OWNER],
    responses=problems(ApplicationNotFound, ApplicationNotOpen, FileUnknown),
)
@once
async def attach_document(
    work: NamedDependency[Work],
    data: JSONBody[AttachedDocument],
    application_id: FromPath[UUID],
) -> Application:
    """Attach a stored file as a document; the same kind again replaces it."""
    return await operations.attach(work, application_id=application_id, document=data)


@post(
    "/{application_id:uuid}/submit",
    status_code=200,
    guards=[OWNER],
    responses=problems(ApplicationNotFound, ApplicationNotOpen, ApplicationIncomplete, HoldExpired),
)
@once
async def submit_application(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> Application:
    """Send it in: the number is kept for it, and the checks begin by themselves."""
    return await operations.submit(work, application_id=application_id)


@post(
    "/{application_id:uuid}/cancel",
    status_code=200,
    guards=[OWNER],
    responses=problems(ApplicationNotFound, ApplicationNotOpen),
)
@once
async def cancel_application(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> Application:
    """Give it up; the number and the appointment are free for others."""
    return await operations.cancel(work, application_id=application_id)


@get(
    "/{application_id:uuid}/progress",
    guards=[OWNER],
    responses=problems(ApplicationNotFound),
    media_type="text/event-stream",
)
async def follow_application(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    application_id: FromPath[UUID],
) -> Stream:
    """Server-Sent Events of every step; resumes at `Last-Event-ID`."""
    await operations.row(work, application_id=application_id)
    return progress_stream(request, application_id)


router = Router(
    "/v1/applications",
    route_handlers=[
        begin_application,
        list_applications,
        read_application,
        edit_application,
        attach_document,
        submit_application,
        cancel_application,
        follow_application,
    ],
    tags=["account opening"],
)
