"""Exports over HTTP: order, watch, fetch."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from accounts.deposits.model import AccountNotFound, RangeInvalid
from accounts.deposits.routes import READERS
from accounts.exports import operations
from accounts.exports.model import (
    Export,
    ExportNotFound,
    ExportNotReady,
    ExportTooLong,
    NewExport,
    NothingToPrint,
)
from app.files.routes import attachment
from app.http import problems, progress_stream
from app.media import CSV, PDF, WORKBOOK, XML, ZIP, also_as
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@post(
    "/v1/accounts/{account_id:uuid}/exports",
    status_code=202,
    guards=[READERS],
    responses=problems(AccountNotFound, RangeInvalid, ExportTooLong, NothingToPrint),
)
@once
async def ask_for_export(
    work: NamedDependency[Work], account_id: FromPath[UUID], data: JSONBody[NewExport]
) -> Export:
    """Order a statement (PDF, workbook, CSV, camt.053) or all receipts of a range; it is made in
    the background and kept for thirty days."""
    return await operations.ask(work, account_id=account_id, new=data)


@get("/v1/exports", guards=[READERS], responses=problems(BadCursor))
async def list_exports(
    work: NamedDependency[Work],
    account_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Export]:
    """The firm's exports, newest first."""
    return await operations.search(work, account_id=account_id, after=after, limit=limit)


@get("/v1/exports/{export_id:uuid}", guards=[READERS], responses=problems(ExportNotFound))
async def read_export(work: NamedDependency[Work], export_id: FromPath[UUID]) -> Export:
    """An export and how far it is."""
    return await operations.show(work, export_id=export_id)


@get(
    "/v1/exports/{export_id:uuid}/events",
    guards=[READERS],
    responses=problems(ExportNotFound),
    media_type="text/event-stream",
)
async def follow_export(
    request: Request[Any, Any, Any], work: NamedDependency[Work], export_id: FromPath[UUID]
) -> Stream:
    """How far an export is, live (Server-Sent Events); resume with `Last-Event-ID`."""
    await operations.show(work, export_id=export_id)
    return progress_stream(request, export_id)


@get(
    "/v1/exports/{export_id:uuid}/file",
    guards=[READERS],
    responses=problems(ExportNotFound, ExportNotReady),
    media_type="application/octet-stream",
    operation_class=also_as(CSV, WORKBOOK, XML, PDF, ZIP),
)
async def fetch_export(work: NamedDependency[Work], export_id: FromPath[UUID]) -> Response[bytes]:
    """The finished file."""
    file = await operations.document(work, export_id=export_id)
    return attachment(file, media_type=file.media_type)


router = Router(
    "/",
    route_handlers=[ask_for_export, list_exports, read_export, follow_export, fetch_export],
    tags=["exports"],
)
