"""Batches over HTTP: hand in, look, agree, pause, take the result, retry."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter
from litestar.response import Stream

from accounts.batches import operations
from accounts.batches.model import (
    AlreadyRetried,
    Batch,
    BatchChanged,
    BatchFileNotATable,
    BatchNotFound,
    BatchRow,
    BatchRowsWrong,
    BatchStateForbids,
    NewBatch,
    NotFromAMessage,
    NothingToPay,
    Outcome,
    Preview,
    Seen,
    SeenAndWhy,
    SeenContent,
)
from accounts.decisions.routes import CHECKERS
from accounts.deposits.model import AccountNotFound, CannotPayOnline
from accounts.deposits.routes import READERS
from accounts.ledger.model import InsufficientFunds
from accounts.payments.routes import MAKERS
from accounts.spreadsheets.model import Form
from accounts.spreadsheets.operations import MEDIA_TYPES
from app.approvals.model import (
    AlreadyDecided,
    ApprovalNotFound,
    DecidedByYou,
    NotYourPlace,
    SelfApproval,
)
from app.files.model import FileNotFound
from app.http import allow, begin, problems, progress_stream
from app.identity.sessions.model import TooManyCodes
from app.identity.stepups.model import StepUp, StepUpNeeded
from app.media import CSV, WORKBOOK, also_as
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

CHANGES = (BatchNotFound, BatchChanged, BatchStateForbids)
RELEASES = (InsufficientFunds, CannotPayOnline)
ANSWERS = (ApprovalNotFound, AlreadyDecided, DecidedByYou, SelfApproval, NotYourPlace)
BINARY, XML = "application/octet-stream", "application/xml"
TABLES = also_as(CSV, WORKBOOK)


@post(
    "",
    status_code=202,
    guards=[MAKERS],
    responses=problems(AccountNotFound, FileNotFound, BatchFileNotATable),
)
@once
async def make_batch(work: NamedDependency[Work], data: JSONBody[NewBatch]) -> Batch:
    """Have a file's rows read and checked; follow it by its progress."""
    return await operations.make(work, new=data)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_batches(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Batch]:
    """The firm's batches, newest first."""
    return await operations.search(work, after=after, limit=limit)


def _table(content: bytes, name: str, form: Form) -> Response[bytes]:
    """A table as an attachment that no browser shows in place."""
    return Response(
        content,
        media_type=MEDIA_TYPES[form],
        headers={
            "Content-Disposition": f'attachment; filename="{name}.{form}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


@get("/template", guards=[READERS], media_type=BINARY, operation_class=TABLES)
async def read_template(
    form: Annotated[Form, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """An empty file to fill in, with one line that shows how."""
    return _table(await operations.template(form=form), "batch-template", form)


@get("/{batch_id:uuid}", guards=[READERS], responses=problems(BatchNotFound))
async def read_batch(work: NamedDependency[Work], batch_id: FromPath[UUID]) -> Preview:
    """One batch in sum: what came of its rows, and whether the money suffices."""
    return await operations.preview(work, batch_id=batch_id)


@get("/{batch_id:uuid}/rows", guards=[READERS], responses=problems(BatchNotFound, BadCursor))
async def list_rows(
    work: NamedDependency[Work],
    batch_id: FromPath[UUID],
    outcome: FromQuery[Outcome | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[BatchRow]:
    """Rows with what is wrong with them or came of them, in the order of the file."""
    return await operations.rows_of(
        work, batch_id=batch_id, outcome=outcome, after=after, limit=limit
    )


@post(
    "/{batch_id:uuid}/submit/step-up",
    status_code=201,
    guards=[allow("owner", "finance", "maker", "checker")],
    responses=problems(BatchNotFound, BatchRowsWrong, NothingToPay, TooManyCodes),
)
@once
async def ask_step_up(work: NamedDependency[Work], batch_id: FromPath[UUID]) -> StepUp:
    """Ask for the confirmation that a mandate wants for this batch, to its last row."""
    return await operations.ask_to_submit(work, batch_id=batch_id)


@post(
    "/{batch_id:uuid}/submit",
    status_code=200,
    guards=[MAKERS],
    responses=problems(*CHANGES, *RELEASES, BatchRowsWrong, NothingToPay, StepUpNeeded),
)
@once
async def submit_batch(
    work: NamedDependency[Work], data: JSONBody[SeenContent], batch_id: FromPath[UUID]
) -> Batch:
    """Put the batch to those whose word it needs, or have it paid where nobody's is."""
    return await operations.submit(
        work,
        batch_id=batch_id,
        version=data.version,
        content=data.content_hash,
        step_up_id=data.step_up_id,
    )


@post(
    "/{batch_id:uuid}/approve",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(*CHANGES, *RELEASES, *ANSWERS, StepUpNeeded),
)
@once
async def approve_batch(
    work: NamedDependency[Work], data: JSONBody[SeenContent], batch_id: FromPath[UUID]
) -> Batch:
    """Agree to exactly these rows; the last agreement has them paid."""
    return await operations.approve(
        work,
        batch_id=batch_id,
        version=data.version,
        content=data.content_hash,
        step_up_id=data.step_up_id,
    )


@post(
    "/{batch_id:uuid}/reject",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(*CHANGES, *ANSWERS),
)
@once
async def reject_batch(
    work: NamedDependency[Work], data: JSONBody[SeenAndWhy], batch_id: FromPath[UUID]
) -> Batch:
    """Refuse the whole batch, with the reason."""
    return await operations.reject(
        work, batch_id=batch_id, version=data.version, reason=data.reason
    )


@post("/{batch_id:uuid}/pause", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def pause_batch(
    work: NamedDependency[Work], data: JSONBody[Seen], batch_id: FromPath[UUID]
) -> Batch:
    """Pay no further row until the batch goes on."""
    return await operations.pause(work, batch_id=batch_id, version=data.version)


@post(
    "/{batch_id:uuid}/resume",
    status_code=200,
    guards=[MAKERS],
    responses=problems(*CHANGES, *RELEASES),
)
@once
async def resume_batch(
    work: NamedDependency[Work], data: JSONBody[Seen], batch_id: FromPath[UUID]
) -> Batch:
    """Go on paying after a pause."""
    return await operations.resume(work, batch_id=batch_id, version=data.version)


@post("/{batch_id:uuid}/cancel", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def cancel_batch(
    work: NamedDependency[Work], data: JSONBody[SeenAndWhy], batch_id: FromPath[UUID]
) -> Batch:
    """Pay nothing more of it; what is paid stays paid."""
    return await operations.cancel(
        work, batch_id=batch_id, version=data.version, reason=data.reason
    )


@post(
    "/{batch_id:uuid}/retry",
    status_code=202,
    guards=[MAKERS],
    responses=problems(*CHANGES, AlreadyRetried, NothingToPay),
)
@once
async def retry_batch(
    work: NamedDependency[Work], data: JSONBody[Seen], batch_id: FromPath[UUID]
) -> Batch:
    """Put the rows that did not reach their payees into a new batch, linked to this one."""
    return await operations.retry(work, batch_id=batch_id, version=data.version)


@get(
    "/{batch_id:uuid}/result",
    guards=[READERS],
    responses=problems(BatchNotFound),
    media_type=BINARY,
    operation_class=TABLES,
)
async def read_result(
    work: NamedDependency[Work],
    batch_id: FromPath[UUID],
    form: Annotated[Form, QueryParameter(name="format")] = "xlsx",
) -> Response[bytes]:
    """The file handed in, and behind every row what came of it, why, and what to do."""
    content = await operations.result(work, batch_id=batch_id, form=form)
    return _table(content, "batch-result", form)


@get(
    "/{batch_id:uuid}/status-report",
    guards=[READERS],
    responses=problems(BatchNotFound, NotFromAMessage),
    media_type=XML,
    operation_class=also_as(XML),
)
async def read_status_report(
    work: NamedDependency[Work], batch_id: FromPath[UUID]
) -> Response[str]:
    """What became of every credit of a pain.001 so far, as the pain.002 that answers it."""
    content = await operations.status_report(work, batch_id=batch_id)
    return Response(
        content,
        media_type=XML,
        headers={
            "Content-Disposition": 'attachment; filename="pain.002.xml"',
            "Cache-Control": "private, no-store",
        },
    )


@get(
    "/{batch_id:uuid}/progress",
    guards=[READERS],
    responses=problems(BatchNotFound),
    media_type="text/event-stream",
)
async def follow_batch(request: Request[Any, Any, Any], batch_id: FromPath[UUID]) -> Stream:
    """Live progress of a batch as Server-Sent Events."""
    async with begin(request) as work:
        await operations.get(work, batch_id=batch_id)
    return progress_stream(request, batch_id)


router = Router(
    "/v1/batches",
    route_handlers=[
        make_batch,
        list_batches,
        read_template,
        read_batch,
        list_rows,
        ask_step_up,
        submit_batch,
        approve_batch,
        reject_batch,
        pause_batch,
        resume_batch,
        cancel_batch,
        retry_batch,
        read_result,
        read_status_report,
        follow_batch,
    ],
    tags=["batches"],
)
