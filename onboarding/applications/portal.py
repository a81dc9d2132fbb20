"""The government portal's door: hand in an application, follow it, take it back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.connection import ASGIConnection
from litestar.di import NamedDependency
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from litestar.response import Stream

from accounts.numbers.model import BranchNotFound
from app.errors import Forbidden
from app.http import door_of, problems, progress_stream
from app.once import once
from app.work import Work
from onboarding.applications import operations
from onboarding.applications.model import (
    ApplicationIncomplete,
    ApplicationNotFound,
    ApplicationNotOpen,
    HandedIn,
    HandedInApplication,
    IdentifierInvalid,
    NewApplication,
)
from onboarding.classes.model import ClassRefused


class ScopeMissing(Forbidden):
    """This program was not given the scope for that."""

    zh = "该应用未获授权调用此接口"


async def scoped(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """A guard: only programs with the scope `applications`."""
    actor, _role = door_of(connection)
    if "applications" not in actor.scopes:
        raise ScopeMissing(scope="applications")


@post(
    "",
    guards=[scoped],
    responses=problems(
        ScopeMissing, ApplicationIncomplete, IdentifierInvalid, ClassRefused, BranchNotFound
    ),
)
@once
async def hand_in_application(
    work: NamedDependency[Work], data: JSONBody[HandedIn]
) -> HandedInApplication:
    """Hand in a firm's application for its basic account; the checks begin at once."""
    new = NewApplication(
        branch=data.branch,
        purpose=data.purpose,
        expected_monthly_fen=data.expected_monthly_fen,
        licence=data.licence,
        legal_representative=data.legal_representative,
    )
    application_id = await operations.hand_in(work, new=new, client_reference=data.client_reference)
    await operations.submit(work, application_id=application_id)
    return await operations.handed_in(work, application_id=application_id)


@get(
    "/{application_id:uuid}",
    guards=[scoped],
    responses=problems(ScopeMissing, ApplicationNotFound),
)
async def read_handed_in(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Where an application stands: its timeline, and whose turn it is until when."""
    return await operations.handed_in(work, application_id=application_id)


@get(
    "/{application_id:uuid}/progress",
    guards=[scoped],
    responses=problems(ScopeMissing, ApplicationNotFound),
    media_type="text/event-stream",
)
async def follow_handed_in(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    application_id: FromPath[UUID],
) -> Stream:
    """Server-Sent Events of every step; resumes at `Last-Event-ID`."""
    await operations.handed_in(work, application_id=application_id)
    return progress_stream(request, application_id, business_id=work.business_id)


@post(
    "/{application_id:uuid}/cancel",
    status_code=200,
    guards=[scoped],
    responses=problems(ScopeMissing, ApplicationNotFound, ApplicationNotOpen),
)
@once
async def cancel_handed_in(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Take it back, as long as the account is not open."""
    await operations.enter(work, application_id=application_id)
    await operations.cancel(work, application_id=application_id)
    return await operations.handed_in(work, application_id=application_id)


router = Router(
    "/portal/v1/applications",
    route_handlers=[hand_in_application, read_handed_in, follow_handed_in, cancel_handed_in],
    tags=["portal"],
)
