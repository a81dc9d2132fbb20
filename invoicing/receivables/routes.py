"""Receivables over HTTP: what is owed, what came in without a name, and the owner's word on it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.http import allow, problems
from app.once import once
from app.pages import MAX_LIMIT, BadCursor, Cursor, Page
from app.work import Work
from invoicing.receivables import operations
from invoicing.receivables.model import (
    AllocationTooLarge,
    AlreadyAllocated,
    Incoming,
    NewAllocation,
    ReceiptNotFound,
    Receivable,
    ReceivableNotFound,
)

# Litestar checks what stands in QueryParameter, not what stands in the type.
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT)]
READERS = allow("owner", "finance", "maker", "checker", "accountant")
WRITERS = allow("owner", "finance", "accountant")


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_receivables(
    work: NamedDependency[Work],
    in_state: Annotated[Literal["open", "settled"] | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: PageSize = 50,
) -> Page[Receivable]:
    """What buyers owe, newest first."""
    return await operations.search(work, state=in_state, after=after, limit=limit)


@get("/unallocated", guards=[READERS])
async def list_unallocated(work: NamedDependency[Work]) -> list[Incoming]:
    """Money that came in and has not wholly found its invoices, with what it may be for."""
    return await operations.unallocated(work)


@get("/{receivable_id:uuid}", guards=[READERS], responses=problems(ReceivableNotFound))
async def read_receivable(work: NamedDependency[Work], receivable_id: FromPath[UUID]) -> Receivable:
    """One receivable."""
    return await operations.get(work, receivable_id=receivable_id)


@post(
    "/{receivable_id:uuid}/allocate",
    status_code=200,
    guards=[WRITERS],
    responses=problems(ReceivableNotFound, ReceiptNotFound, AllocationTooLarge, AlreadyAllocated),
)
@once
async def allocate_receipt(
    work: NamedDependency[Work], data: JSONBody[NewAllocation], receivable_id: FromPath[UUID]
) -> Receivable:
    """Say what a receipt was for."""
    return await operations.allocate(work, receivable_id=receivable_id, new=data)


router = Router(
    "/v1/receivables",
    route_handlers=[list_receivables, list_unallocated, read_receivable, allocate_receipt],
    tags=["receivables"],
)
