"""The books as a file over HTTP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema
from litestar.params import QueryParameter

from app.http import allow, problems
from app.work import Work
from bookkeeping.exports import operations
from bookkeeping.exports.model import Format, TooMuchToExport

READERS = allow("owner", "finance", "accountant")


@dataclass
class ExportOperation(Operation):
    """The forms of the answer, for the OpenAPI document: one for each format."""

    def __post_init__(self) -> None:
        """Describe each media type as a file."""
        assert self.responses is not None
        answer = self.responses["200"]
        assert isinstance(answer, OpenAPIResponse)
        file = Schema(type=OpenAPIType.STRING, format="binary")  # type: ignore[arg-type]
        answer.content = {name: OpenAPIMediaType(schema=file) for name in operations.MEDIA_TYPES}


@get(
    "/export",
    guards=[READERS],
    operation_class=ExportOperation,
    responses=problems(TooMuchToExport),
    media_type="application/octet-stream",
)
async def export_books(
    work: NamedDependency[Work], form: Annotated[Format, QueryParameter(name="format")]
) -> Response[bytes]:
    """The whole books for another program: plain-text accounting, spreadsheets, GB/T 24589.1."""
    file = await operations.export(work, form=form)
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


router = Router("/v1/books", route_handlers=[export_books], tags=["books"])
