"""Files of customers at the desk: what a reviewer has to look at."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.files import operations
from app.files.model import FileNotFound, StoredFile
from app.files.routes import attachment
from app.http import allow, problems
from app.work import Work

STAFF = allow("reviewer", "teller", "supervisor")


@get(
    "/{business_id:uuid}/{file_id:uuid}",
    guards=[STAFF],
    responses=problems(FileNotFound),
    media_type="application/octet-stream",
)
async def fetch_customer_file(
    work: NamedDependency[Work], business_id: FromPath[UUID], file_id: FromPath[UUID]
) -> Response[bytes]:
    """A customer's file as an attachment; that it was looked at is recorded."""
    file = await operations.fetch(work, file_id=file_id, business_id=business_id)
    await work.record("file_read_at_desk", object_id=file_id, business_id=str(business_id))
    return attachment(file)


@get("/{business_id:uuid}/{file_id:uuid}/about", guards=[STAFF], responses=problems(FileNotFound))
async def describe_customer_file(
    work: NamedDependency[Work], business_id: FromPath[UUID], file_id: FromPath[UUID]
) -> StoredFile:
    """What is known of a customer's file."""
    return await operations.describe(work, file_id=file_id, business_id=business_id)


router = Router(
    "/desk/v1/files",
    route_handlers=[fetch_customer_file, describe_customer_file],
    tags=["desk"],
)
