"""The government portal's door: hand applications over with papers, follow them, take them back."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream
from msgspec import Meta

from accounts.numbers.model import BranchNotFound
from app.files import papers, uploads
from app.files.cleaning import Paper as CleanPaper
from app.files.model import (
    BadForm,
    FileEmpty,
    FileKindRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    FormNeeded,
    PapersBusy,
    PictureTooLarge,
    Upload,
)
from app.files.routes import BODY_LIMIT, UploadOperation
from app.http import problems, progress_stream, provide_work
from app.identity.clients.model import ScopeMissing
from app.identity.clients.scopes import scoped
from app.once import KeyMissing, KeyReused, StillRunning, checked_key, once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import (
    ApplicationIncomplete,
    ApplicationNotFound,
    ApplicationNotOpen,
    ApplicationState,
    ClientReference,
    HandedInApplication,
    IdentifierInvalid,
    StaleApplication,
)
from onboarding.classes.model import ClassRefused
from onboarding.portals import operations
from onboarding.portals.model import (
    Correction,
    HandedPaper,
    HandedRow,
    Handover,
    PaperNotFound,
    PaperTwice,
    PortalPaper,
    ReferenceTaken,
)

WRITES = scoped("applications")
READS = scoped("applications", "applications.read")
AFTER_ALL = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")
State = Annotated[ApplicationState, Meta(examples=["reviewing"])]


@get("", guards=[READS], responses=problems(ScopeMissing, BadCursor))
async def list_handed_over(
    work: NamedDependency[Work],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    client_reference: FromQuery[ClientReference | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[HandedRow]:
    """The portal's applications, newest first; by state, or the one under a reference."""
    before = decode_cursor(after, UUID)[0] if after is not None else AFTER_ALL
    return await operations.handed_over(
        work, state=in_state or "", client_reference=client_reference or "", before=before,
        limit=limit,
    )  # fmt: skip


@post(
    "",
    guards=[WRITES],
    responses=problems(
        ScopeMissing,
        ReferenceTaken,
        PaperNotFound,
        PaperTwice,
        ApplicationIncomplete,
        IdentifierInvalid,
        ClassRefused,
        BranchNotFound,
    ),
)
@once
async def hand_over(work: NamedDependency[Work], data: JSONBody[Handover]) -> HandedInApplication:
    """Hand over a firm's application for its basic account, with papers that were sent ahead; the
    checks begin at once. A reference that is used again is answered with the application that it
    stands for."""
    return await operations.hand_over(work, new=data)


@get(
    "/{application_id:uuid}", guards=[READS], responses=problems(ScopeMissing, ApplicationNotFound)
)
async def read_handed_in(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Where an application stands: its timeline, and whose turn it is until when."""
    return await applications.handed_in(work, application_id=application_id)


@get(
    "/{application_id:uuid}/progress",
    guards=[READS],
    responses=problems(ScopeMissing, ApplicationNotFound),
    media_type="text/event-stream",
)
async def follow_handed_in(
    request: Request[Any, Any, Any],
    work: NamedDependency[Work],
    application_id: FromPath[UUID],
) -> Stream:
    """Server-Sent Events of every step; resumes at `Last-Event-ID`."""
    await applications.handed_in(work, application_id=application_id)
    return progress_stream(request, application_id, business_id=work.business_id)


@put(
    "/{application_id:uuid}",
    guards=[WRITES],
    responses=problems(
        ScopeMissing,
        ApplicationNotFound,
        ApplicationNotOpen,
        StaleApplication,
        ApplicationIncomplete,
        IdentifierInvalid,
        ClassRefused,
        BranchNotFound,
    ),
)
async def correct_handed_in(
    work: NamedDependency[Work], data: JSONBody[Correction], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Correct an application that the bank returned; send it again afterwards."""
    return await operations.correct(work, application_id=application_id, new=data)


@put(
    "/{application_id:uuid}/documents",
    guards=[WRITES],
    responses=problems(ScopeMissing, ApplicationNotFound, ApplicationNotOpen, PaperNotFound),
)
async def attach_paper(
    work: NamedDependency[Work], data: JSONBody[HandedPaper], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Attach a paper to an application that the bank returned; the same kind replaces it."""
    return await operations.attach(work, application_id=application_id, paper=data)


@post(
    "/{application_id:uuid}/submit",
    status_code=200,
    guards=[WRITES],
    responses=problems(
        ScopeMissing, ApplicationNotFound, ApplicationNotOpen, ApplicationIncomplete
    ),
)
@once
async def send_again(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Send a returned application again; the checks begin anew."""
    return await operations.send_again(work, application_id=application_id)


@post(
    "/{application_id:uuid}/cancel",
    status_code=200,
    guards=[WRITES],
    responses=problems(ScopeMissing, ApplicationNotFound, ApplicationNotOpen),
)
@once
async def cancel_handed_in(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> HandedInApplication:
    """Take it back, as long as the account is not open."""
    return await operations.take_back(work, application_id=application_id)


@once
async def _keep(*, work: Work, data: Upload, paper: CleanPaper) -> PortalPaper:
    return await operations.keep_paper(
        work, name=data.name, paper=paper, received_sha256=bytes.fromhex(data.sha256)
    )


@post(
    "",
    status_code=201,
    guards=[WRITES],
    operation_class=UploadOperation,
    request_max_body_size=BODY_LIMIT,
    opt={"largest_body": BODY_LIMIT, "keyed": True},
    responses=problems(
        ScopeMissing, BadForm, FormNeeded, FileTooLarge, FileEmpty, FileKindRefused,
        FileUnreadable, FileUnsafe, PictureTooLarge, PapersBusy, KeyMissing, KeyReused,
        StillRunning,
    ),
)  # fmt: skip
async def send_paper(request: Request[Any, Any, Any]) -> PortalPaper:
    """Send a paper ahead (PDF, JPEG, PNG, 20 MB at most); name its id when handing over. What no
    application takes over within seven days is destroyed."""
    checked_key(request.headers.get("idempotency-key"))
    content_type = request.headers.get("content-type", "")
    received = await uploads.receive(content_type, request.stream())
    if received.upload.kind != "document":
        raise FileKindRefused(kind=received.upload.kind)
    paper = await papers.clean("document", received.content)
    async with asynccontextmanager(provide_work)(request) as work:
        return await _keep(work=work, data=received.upload, paper=paper)


@get("/{document_id:uuid}", guards=[READS], responses=problems(ScopeMissing, PaperNotFound))
async def read_paper(work: NamedDependency[Work], document_id: FromPath[UUID]) -> PortalPaper:
    """What is known of a paper that was sent ahead."""
    return await operations.paper_sent(work, paper_id=document_id)


router = Router(
    "/portal/v1/applications",
    route_handlers=[
        list_handed_over,
        hand_over,
        read_handed_in,
        follow_handed_in,
        correct_handed_in,
        attach_paper,
        send_again,
        cancel_handed_in,
    ],
    tags=["portal"],
)
drawer = Router("/portal/v1/documents", route_handlers=[send_paper, read_paper], tags=["portal"])
