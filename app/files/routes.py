"""Files of the firm: hand one in, get it back as an attachment."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, Router, get, post
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath

from app.files import operations, papers, uploads
from app.files.cleaning import Paper
from app.files.model import (
    LARGEST,
    BadForm,
    File,
    FileEmpty,
    FileKindRefused,
    FileNotFound,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    FormNeeded,
    PapersBusy,
    PictureTooLarge,
    StoredFile,
    Upload,
)
from app.http import allow, problems, provide_work
from app.once import KeyMissing, KeyReused, StillRunning, checked_key, once
from app.work import Work

MEMBERS = allow("owner", "finance", "maker", "checker", "accountant")
SMALLEST_PDF = (
    "%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj\n"
    "xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000052 00000 n \n"
    "0000000101 00000 n \ntrailer<</Size 4/Root 1 0 R>>\nstartxref\n162\n%%EOF\n"
)
BODY_LIMIT = LARGEST + uploads.FORM_ROOM


@dataclass
class UploadOperation(Operation):
    """The form of an upload, for the OpenAPI document: it is read as a stream, not as `data`."""

    def __post_init__(self) -> None:
        """Describe the two parts."""
        kind = Schema(
            type=OpenAPIType.STRING, enum=["document", "invoice", "batch"], examples=["document"]
        )
        file = Schema(
            type=OpenAPIType.STRING,
            examples=[SMALLEST_PDF],
            format="binary",  # type: ignore[arg-type]
        )
        form = Schema(
            type=OpenAPIType.OBJECT,
            properties={"kind": kind, "file": file},
            required=["kind", "file"],
        )
        self.request_body = RequestBody(
            content={"multipart/form-data": OpenAPIMediaType(schema=form)}, required=True
        )


@once
async def _keep(*, work: Work, data: Upload, paper: Paper) -> StoredFile:
    return await operations.keep(
        work, kind=data.kind, name=data.name, paper=paper,
        received_sha256=bytes.fromhex(data.sha256),
    )  # fmt: skip


@post(
    "",
    status_code=201,
    guards=[MEMBERS],
    operation_class=UploadOperation,
    request_max_body_size=BODY_LIMIT,
    responses=problems(
        BadForm,
        FormNeeded,
        FileTooLarge,
        FileEmpty,
        FileKindRefused,
        FileUnreadable,
        FileUnsafe,
        PictureTooLarge,
        PapersBusy,
        KeyMissing,
        KeyReused,
        StillRunning,
    ),
)
async def upload_file(request: Request[Any, Any, Any]) -> StoredFile:
    """Hand in a paper (PDF, JPEG, PNG) or an invoice (PDF, XML, OFD) or table (CSV,
    XLSX) of 20 MB at most.

    A picture is drawn anew, upright and without its position; a PDF with a password, a script or
    an attachment is refused. The body is read before the transaction begins: a slow line holds
    nothing. On a shaky line use `POST /v1/uploads`, which goes on where it was cut off.
    """
    checked_key(request.headers.get("idempotency-key"))
    content_type = request.headers.get("content-type", "")
    received = await uploads.receive(content_type, request.stream())
    paper = await papers.clean(received.upload.kind, received.content)
    async with asynccontextmanager(provide_work)(request) as work:
        return await _keep(work=work, data=received.upload, paper=paper)


@get("/{file_id:uuid}/about", guards=[MEMBERS], responses=problems(FileNotFound))
async def describe_file(work: NamedDependency[Work], file_id: FromPath[UUID]) -> StoredFile:
    """What is known of a file, without its content."""
    return await operations.describe(work, file_id=file_id)


@get(
    "/{file_id:uuid}",
    guards=[MEMBERS],
    responses=problems(FileNotFound),
    media_type="application/octet-stream",
)
async def fetch_file(work: NamedDependency[Work], file_id: FromPath[UUID]) -> Response[bytes]:
    """The file as an attachment; a browser never shows it in place."""
    return attachment(await operations.fetch(work, file_id=file_id))


def attachment(file: File, *, media_type: str = "application/octet-stream") -> Response[bytes]:
    """An answer that a browser saves and does not interpret: plain bytes unless we made them, with
    nosniff as on every answer; what they are is told by `/about`."""
    return Response(
        file.content,
        media_type=media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


router = Router(
    "/v1/files", route_handlers=[upload_file, describe_file, fetch_file], tags=["files"]
)
