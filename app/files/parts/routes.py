"""The door for uploads in parts: announce, send, ask how far, finish."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIType, Operation, RequestBody, Schema
from litestar.params import FromPath, JSONBody

from app.errors import XiaoweiError
from app.files import papers
from app.files.model import (
    FileEmpty,
    FileKindRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
    PapersBusy,
    PictureTooLarge,
    StoredFile,
)
from app.files.parts import operations
from app.files.parts.model import (
    PART_BYTES,
    BadFileName,
    ContentDiffers,
    NewUpload,
    PartHasWrongSize,
    PartNumber,
    PartsAreBytes,
    PartsMissing,
    PartTooEarly,
    TooManyUploads,
    UploadInParts,
    UploadNotFound,
    UploadNotOpen,
)
from app.files.routes import MEMBERS
from app.http import problems, provide_work
from app.names import forbidden_character
from app.once import once
from app.work import Work

OCTETS = "application/octet-stream"


@dataclass
class PartOperation(Operation):
    """The body of a part, for the OpenAPI document: it is read as a stream, not as `data`."""

    def __post_init__(self) -> None:
        """Describe the bytes."""
        schema = Schema(
            type=OpenAPIType.STRING,
            examples=["bytes"],
            format="binary",  # type: ignore[arg-type]
        )
        self.request_body = RequestBody(
            content={OCTETS: OpenAPIMediaType(schema=schema)}, required=True
        )


@post("", guards=[MEMBERS], responses=problems(BadFileName, TooManyUploads))
@once
async def begin_upload(work: NamedDependency[Work], data: JSONBody[NewUpload]) -> UploadInParts:
    """Announce a file of 20 MB at most; its parts follow, in order, within a day."""
    if forbidden_character(data.name):
        raise BadFileName()
    return await operations.begin(work, new=data)


@get("/{upload_id:uuid}", guards=[MEMBERS], responses=problems(UploadNotFound))
async def read_upload(work: NamedDependency[Work], upload_id: FromPath[UUID]) -> UploadInParts:
    """How far it is: a phone that lost its line asks here and goes on with `next_part`."""
    return await operations.get(work, upload_id=upload_id)


@put(
    "/{upload_id:uuid}/parts/{number:int}",
    guards=[MEMBERS],
    operation_class=PartOperation,
    request_max_body_size=PART_BYTES,
    responses=problems(
        UploadNotFound, UploadNotOpen, PartTooEarly, PartHasWrongSize, PartsAreBytes, FileTooLarge
    ),
)
async def send_part(
    request: Request[Any, Any, Any], upload_id: FromPath[UUID], number: FromPath[PartNumber]
) -> UploadInParts:
    """Send one part; sending it again changes nothing.

    The body is read before the transaction begins: a slow line holds nothing.
    """
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != OCTETS:
        raise PartsAreBytes()
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > PART_BYTES:
            raise FileTooLarge(largest_bytes=PART_BYTES)
    async with asynccontextmanager(provide_work)(request) as work:
        return await operations.take(
            work, upload_id=upload_id, number=number, content=bytes(content)
        )


@put(
    "/{upload_id:uuid}/file",
    guards=[MEMBERS],
    responses=problems(
        UploadNotFound, UploadNotOpen, PartsMissing, ContentDiffers, FileEmpty, FileKindRefused,
        FileTooLarge, FileUnreadable, FileUnsafe, PictureTooLarge, PapersBusy,
    ),
)  # fmt: skip
async def finish_upload(request: Request[Any, Any, Any], upload_id: FromPath[UUID]) -> StoredFile:
    """All parts are there: check and clean the file, and keep it. Calling it again gives the same
    file.

    The paper is read between two transactions, in a process of its own.
    """
    begin = asynccontextmanager(provide_work)
    async with begin(request) as work:
        found = await operations.whole(work, upload_id=upload_id)
        if found is None:
            return await operations.finished(work, upload_id=upload_id)
    try:
        if not operations.is_as_announced(found):
            raise ContentDiffers()
        paper = await papers.clean(found.kind, found.content)
    except PapersBusy:
        raise
    except XiaoweiError as refusal:
        async with begin(request) as work:
            await operations.refuse(
                work, upload_id=upload_id, refused_with=type(refusal).__name__
            )  # fmt: skip
        await _forget(request, upload_id, found.parts)
        raise
    async with begin(request) as work:
        kept = await operations.finish(work, upload_id=upload_id, found=found, paper=paper)
    await _forget(request, upload_id, found.parts)
    return kept


async def _forget(request: Request[Any, Any, Any], upload_id: UUID, parts: int) -> None:
    settings = request.app.state["settings"]
    await asyncio.to_thread(operations.forget, settings, upload_id, parts)


router = Router(
    "/v1/uploads",
    route_handlers=[begin_upload, read_upload, send_part, finish_upload],
    tags=["files"],
)
