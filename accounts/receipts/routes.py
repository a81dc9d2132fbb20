"""Receipts over HTTP: the firm prints and fetches them, anyone who holds a code checks them."""

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, JSONBody, QueryParameter

from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.incoming.model import CreditNotFound
from accounts.lines.model import LineNotFound
from accounts.payments.model import PaymentNotFound
from accounts.receipts import operations
from accounts.receipts.model import NewReceipt, ReceiptCheck, ReceiptNotFound, ReceiptShown
from app.errors import TooMany
from app.files.routes import attachment
from app.http import problems
from app.once import once
from app.web.screens import screen
from app.work import Work

PDF = "application/pdf"
PAGE = "accounts/receipts/pages/check.html"
# Codes have 80 bits; the limit keeps guessing from costing us anything.
CHECKS = RateLimitConfig(rate_limit=("minute", 60))


@post(
    "/v1/accounts/{account_id:uuid}/receipts",
    status_code=202,
    guards=[READERS],
    responses=problems(AccountNotFound, LineNotFound),
)
@once
async def print_receipt(
    work: NamedDependency[Work], account_id: FromPath[UUID], data: JSONBody[NewReceipt]
) -> ReceiptShown:
    """Print the receipt (电子回单) of any booked line; each call counts as one print."""
    return await operations.print_one(
        work, account_id=account_id, booked_on=data.booked_on, seq=data.seq
    )


@get("/v1/receipts/{receipt_id:uuid}", guards=[READERS], responses=problems(ReceiptNotFound))
async def read_receipt(work: NamedDependency[Work], receipt_id: FromPath[UUID]) -> ReceiptShown:
    """A receipt: number, check code, prints, and whether it has been drawn."""
    return await operations.show(work, receipt_id=receipt_id)


@get(
    "/v1/receipts/{receipt_id:uuid}/pdf",
    guards=[READERS],
    responses=problems(ReceiptNotFound),
    media_type=PDF,
)
async def fetch_receipt(work: NamedDependency[Work], receipt_id: FromPath[UUID]) -> Response[bytes]:
    """The receipt as PDF, once it has been drawn."""
    return attachment(await operations.document(work, receipt_id=receipt_id), media_type=PDF)


@post(
    "/v1/payments/{payment_id:uuid}/receipt",
    status_code=202,
    guards=[READERS],
    responses=problems(PaymentNotFound, LineNotFound),
)
@once
async def print_payment_receipt(
    work: NamedDependency[Work], payment_id: FromPath[UUID]
) -> ReceiptShown:
    """Print the receipt of a payment that has been booked; fetch it a moment later."""
    account_id, key = await operations.line_of_payment(work, payment_id=payment_id)
    return await operations.print_one(
        work, account_id=account_id, booked_on=key.booked_on, seq=key.seq
    )


@get(
    "/v1/payments/{payment_id:uuid}/receipt",
    guards=[READERS],
    responses=problems(PaymentNotFound, LineNotFound, ReceiptNotFound),
    media_type=PDF,
)
async def read_payment_receipt(
    work: NamedDependency[Work], payment_id: FromPath[UUID]
) -> Response[bytes]:
    """The receipt of a payment as PDF, once it has been printed and drawn."""
    account_id, key = await operations.line_of_payment(work, payment_id=payment_id)
    file = await operations.document_of_line(work, account_id=account_id, key=key)
    return attachment(file, media_type=PDF)


@post(
    "/v1/credits/{credit_id:uuid}/receipt",
    status_code=202,
    guards=[READERS],
    responses=problems(CreditNotFound, LineNotFound),
)
@once
async def print_credit_receipt(
    work: NamedDependency[Work], credit_id: FromPath[UUID]
) -> ReceiptShown:
    """Print the receipt of money that came in; fetch it a moment later."""
    account_id, key = await operations.line_of_credit(work, credit_id=credit_id)
    return await operations.print_one(
        work, account_id=account_id, booked_on=key.booked_on, seq=key.seq
    )


@get(
    "/v1/credits/{credit_id:uuid}/receipt",
    guards=[READERS],
    responses=problems(CreditNotFound, LineNotFound, ReceiptNotFound),
    media_type=PDF,
)
async def read_credit_receipt(
    work: NamedDependency[Work], credit_id: FromPath[UUID]
) -> Response[bytes]:
    """The receipt of money that came in as PDF, once it has been printed and drawn."""
    account_id, key = await operations.line_of_credit(work, credit_id=credit_id)
    file = await operations.document_of_line(work, account_id=account_id, key=key)
    return attachment(file, media_type=PDF)


@get(
    "/receipts/{code:str}",
    opt={"public": True},
    middleware=[CHECKS.middleware],
    responses=problems(ReceiptNotFound, TooMany),
)
async def check_receipt(work: NamedDependency[Work], code: FromPath[str]) -> ReceiptCheck:
    """Check a receipt by the code printed on it, without sign-in; for people: /check/{code}."""
    return await operations.check(work, code=code)


@get(
    ["/check", "/check/{path_code:str}"],
    opt={"public": True},
    middleware=[CHECKS.middleware],
    include_in_schema=False,
)
async def check_page(
    work: NamedDependency[Work],
    path_code: FromPath[str] = "",
    code: Annotated[str, QueryParameter(max_length=80)] = "",
) -> Response[str]:
    """The same for a person with a phone: what the QR code on a receipt opens."""
    given = path_code or code
    page, status = await operations.check_page(work, code=given)
    return screen(PAGE, page, status=status)


router = Router(
    "/",
    route_handlers=[
        print_receipt,
        read_receipt,
        fetch_receipt,
        print_payment_receipt,
        read_payment_receipt,
        print_credit_receipt,
        read_credit_receipt,
        check_receipt,
        check_page,
    ],
    tags=["receipts"],
)
