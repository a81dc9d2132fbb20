"""The portal's batches: send many, see how far they are, send the refused rows again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.http import problems
from app.identity.clients.model import ScopeMissing
from app.identity.clients.scopes import scoped
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work
from onboarding.batches import operations
from onboarding.batches.model import (
    LARGEST_BODY,
    BatchNotFound,
    BatchReferenceTaken,
    HandoverBatch,
    HandoverBatchRow,
    NewHandoverBatch,
    NothingRefused,
    RowNotRefused,
    RowsAgain,
    RowState,
    RowTwice,
)

SCOPED = scoped("batches")
AFTER_ALL = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")


@get("", guards=[SCOPED], responses=problems(ScopeMissing, BadCursor))
async def list_batches(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[HandoverBatch]:
    """The portal's batches, newest first."""
    before = decode_cursor(after, UUID)[0] if after is not None else AFTER_ALL
    return await operations.batches(work, before=before, limit=limit)


@post(
    "",
    status_code=202,
    guards=[SCOPED],
    request_max_body_size=LARGEST_BODY,
    opt={"largest_body": LARGEST_BODY},
    responses=problems(ScopeMissing, BatchReferenceTaken),
)
@once
async def send_batch(
    work: NamedDependency[Work], data: JSONBody[NewHandoverBatch]
) -> HandoverBatch:
    """Hand over up to 500 applications. Each row is taken or refused by itself; papers are sent
    ahead and named in the rows. The call-back `batch.finished` tells when all have their result."""
    return await operations.take(work, new=data)


@get("/{batch_id:uuid}", guards=[SCOPED], responses=problems(ScopeMissing, BatchNotFound))
async def read_batch(work: NamedDependency[Work], batch_id: FromPath[UUID]) -> HandoverBatch:
    """How far a batch is."""
    return await operations.read(work, batch_id=batch_id)


@get(
    "/{batch_id:uuid}/rows",
    guards=[SCOPED],
    responses=problems(ScopeMissing, BatchNotFound, BadCursor),
)
async def list_rows(
    work: NamedDependency[Work],
    batch_id: FromPath[UUID],
    in_state: Annotated[RowState | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[HandoverBatchRow]:
    """What became of each row; with `state=refused` what is to be corrected."""
    last = decode_cursor(after, int)[0] if after is not None else 0
    return await operations.rows(
        work, batch_id=batch_id, state=in_state or "", after=last, limit=limit
    )


@post(
    "/{batch_id:uuid}/rows",
    status_code=202,
    guards=[SCOPED],
    request_max_body_size=LARGEST_BODY,
    opt={"largest_body": LARGEST_BODY},
    responses=problems(ScopeMissing, BatchNotFound, NothingRefused, RowTwice, RowNotRefused),
)
@once
async def send_rows_again(
    work: NamedDependency[Work], data: JSONBody[RowsAgain], batch_id: FromPath[UUID]
) -> HandoverBatch:
    """Send refused rows again, corrected or as they were; rows that were taken stay as they are."""
    return await operations.send_again(work, batch_id=batch_id, asked=data.rows)


router = Router(
    "/portal/v1/batches",
    route_handlers=[list_batches, send_batch, read_batch, list_rows, send_rows_again],
    tags=["portal"],
)
