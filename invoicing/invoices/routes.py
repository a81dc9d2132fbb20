"""Invoices over HTTP: the calculator for everyone; drafting, issuing and reading for the firm."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.files.model import File, FileNotFound
from app.http import allow, problems
from app.once import once
from app.pages import MAX_LIMIT, BadCursor, Cursor, Page
from app.work import Work
from invoicing.invoices import operations
from invoicing.invoices.model import (
    AlreadyIssued,
    AmountTooLarge,
    BuyerNotEligible,
    ChangedInvoice,
    DiscountTooLarge,
    Invoice,
    InvoiceHead,
    InvoiceNotFound,
    InvoiceQuote,
    MonthQuota,
    NewInvoice,
    NewInvoiceQuote,
    NothingToInvoice,
    NotIssued,
    QuotaExceeded,
    RateNotInForce,
    SellerNotRegistered,
    StaleInvoice,
    State,
)

# Litestar checks what stands in QueryParameter, not what stands in the type.
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT)]
WRITERS = allow("owner", "finance", "accountant")
ISSUERS = allow("owner", "finance")
READERS = allow("owner", "finance", "maker", "checker", "accountant")
BAD_TEXT = (
    AmountTooLarge,
    BuyerNotEligible,
    DiscountTooLarge,
    NothingToInvoice,
    RateNotInForce,
)


@post(
    "/invoice",
    status_code=200,
    opt={"public": True},
    responses=problems(AmountTooLarge, DiscountTooLarge),
)
async def quote_invoice(
    work: NamedDependency[Work], data: JSONBody[NewInvoiceQuote]
) -> InvoiceQuote:
    """Compute the amounts of an invoice, with the total in words."""
    return await operations.quote(work, new=data)


@post("", status_code=201, guards=[WRITERS], responses=problems(SellerNotRegistered, *BAD_TEXT))
@once
async def draft_invoice(work: NamedDependency[Work], data: JSONBody[NewInvoice]) -> Invoice:
    """Draft an invoice; nothing is issued yet."""
    return await operations.add(work, new=data)


@put(
    "/{invoice_id:uuid}",
    guards=[WRITERS],
    responses=problems(InvoiceNotFound, AlreadyIssued, StaleInvoice, *BAD_TEXT),
)
async def change_invoice(
    work: NamedDependency[Work], data: JSONBody[ChangedInvoice], invoice_id: FromPath[UUID]
) -> Invoice:
    """Change a draft, naming the version that was seen."""
    return await operations.change(work, invoice_id=invoice_id, new=data)


@post(
    "/{invoice_id:uuid}/issue",
    status_code=200,
    guards=[ISSUERS],
    responses=problems(InvoiceNotFound, AlreadyIssued, QuotaExceeded, RateNotInForce),
)
@once
async def issue_invoice(work: NamedDependency[Work], invoice_id: FromPath[UUID]) -> Invoice:
    """Issue the invoice: its text is frozen, the tax platform gives the number in a moment."""
    return await operations.issue(work, invoice_id=invoice_id)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_invoices(
    work: NamedDependency[Work],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: PageSize = 50,
) -> Page[InvoiceHead]:
    """The firm's invoices, newest first."""
    return await operations.search(work, state=in_state, after=after, limit=limit)


@get("/quota", guards=[READERS])
async def read_quota(work: NamedDependency[Work]) -> MonthQuota:
    """This month's 发票总额度: the limit, what is used, what is left."""
    return await operations.month_quota(work)


@post("/quota/refresh", status_code=202, guards=[ISSUERS])
@once
async def refresh_quota(work: NamedDependency[Work]) -> MonthQuota:
    """Have the limit asked anew at the tax platform, for example after it was raised."""
    return await operations.ask_quota(work)


@get("/{invoice_id:uuid}", guards=[READERS], responses=problems(InvoiceNotFound))
async def read_invoice(work: NamedDependency[Work], invoice_id: FromPath[UUID]) -> Invoice:
    """One invoice with its lines."""
    return await operations.get(work, invoice_id=invoice_id)


@get(
    "/{invoice_id:uuid}/pdf",
    guards=[READERS],
    responses=problems(InvoiceNotFound, NotIssued, FileNotFound),
    media_type="application/pdf",
)
async def read_pdf(work: NamedDependency[Work], invoice_id: FromPath[UUID]) -> Response[bytes]:
    """The invoice as people read it."""
    return saved(await operations.document(work, invoice_id=invoice_id, form="pdf"))


@get(
    "/{invoice_id:uuid}/xml",
    guards=[READERS],
    responses=problems(InvoiceNotFound, NotIssued, FileNotFound),
    media_type="application/xml",
)
async def read_xml(work: NamedDependency[Work], invoice_id: FromPath[UUID]) -> Response[bytes]:
    """The invoice as accounting programs read it: the accounting original."""
    return saved(await operations.document(work, invoice_id=invoice_id, form="xml"))


def saved(file: File) -> Response[bytes]:
    """A document of ours that a browser saves; its name is the invoice's number."""
    return Response(
        file.content,
        media_type=file.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{file.name}"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "Cache-Control": "private, no-store",
        },
    )


router = Router(
    "/v1",
    route_handlers=[
        Router("/quotes", route_handlers=[quote_invoice], tags=["quotes"]),
        Router(
            "/invoices",
            route_handlers=[
                draft_invoice,
                change_invoice,
                issue_invoice,
                list_invoices,
                read_quota,
                refresh_quota,
                read_invoice,
                read_pdf,
                read_xml,
            ],
            tags=["invoices"],
        ),
    ],
)
