"""Red letters over HTTP: take an invoice back, read what was taken back."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.files.model import FileNotFound
from app.http import allow, problems
from app.once import once
from app.pages import MAX_LIMIT, BadCursor, Cursor, Page
from app.work import Work
from invoicing.invoices.model import InvoiceNotFound
from invoicing.invoices.routes import saved
from invoicing.red_letters import operations
from invoicing.red_letters.model import (
    MustBeWhole,
    NewRedLetter,
    NotReversible,
    RedAmountTooLarge,
    RedLetter,
    RedLetterNotFound,
    RedNotIssued,
)

PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT)]
ISSUERS = allow("owner", "finance")
READERS = allow("owner", "finance", "maker", "checker", "accountant")


@post(
    "",
    status_code=201,
    guards=[ISSUERS],
    responses=problems(InvoiceNotFound, NotReversible, RedAmountTooLarge, MustBeWhole),
)
@once
async def issue_red_letter(work: NamedDependency[Work], data: JSONBody[NewRedLetter]) -> RedLetter:
    """Take an issued invoice back, wholly or in part; the tax platform gives the number."""
    return await operations.issue(work, new=data)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_red_letters(
    work: NamedDependency[Work],
    invoice_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: PageSize = 50,
) -> Page[RedLetter]:
    """Red letters, newest first."""
    return await operations.search(work, invoice_id=invoice_id, after=after, limit=limit)


@get("/{red_letter_id:uuid}", guards=[READERS], responses=problems(RedLetterNotFound))
async def read_red_letter(work: NamedDependency[Work], red_letter_id: FromPath[UUID]) -> RedLetter:
    """One red letter with its lines."""
    return await operations.get(work, red_letter_id=red_letter_id)


@get(
    "/{red_letter_id:uuid}/pdf",
    guards=[READERS],
    responses=problems(RedLetterNotFound, RedNotIssued, FileNotFound),
    media_type="application/pdf",
)
async def read_red_pdf(
    work: NamedDependency[Work], red_letter_id: FromPath[UUID]
) -> Response[bytes]:
    """The red letter as people read it."""
    file = await operations.document(work, red_letter_id=red_letter_id, form="pdf")
    return saved(file)


@get(
    "/{red_letter_id:uuid}/xml",
    guards=[READERS],
    responses=problems(RedLetterNotFound, RedNotIssued, FileNotFound),
    media_type="application/xml",
)
async def read_red_xml(
    work: NamedDependency[Work], red_letter_id: FromPath[UUID]
) -> Response[bytes]:
    """The red letter as accounting programs read it."""
    file = await operations.document(work, red_letter_id=red_letter_id, form="xml")
    return saved(file)


router = Router(
    "/v1/red-letters",
    route_handlers=[
        issue_red_letter,
        list_red_letters,
        read_red_letter,
        read_red_pdf,
        read_red_xml,
    ],
    tags=["red letters"],
)
