"""Receipts over HTTP: the firm fetches them, anyone who holds a code checks them."""

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath

from accounts.deposits.routes import READERS
from accounts.incoming.model import CreditNotFound
from accounts.receipts import operations
from accounts.receipts.model import Asked, ReceiptCheck, ReceiptNotFound
from app.errors import TooMany
from app.files.routes import attachment
from app.http import problems
from app.once import once
from app.work import Work

PDF = "application/pdf"
# Codes have 80 bits; the limit keeps guessing from costing us anything.
CHECKS = RateLimitConfig(rate_limit=("minute", 60))


@get(
    "/v1/payments/{payment_id:uuid}/receipt",
    guards=[READERS],
    responses=problems(ReceiptNotFound),
    media_type=PDF,
)
async def read_payment_receipt(
    work: NamedDependency[Work], payment_id: FromPath[UUID]
) -> Response[bytes]:
    """The receipt of a settled payment (电子回单) as PDF."""
    file = await operations.document(work, source="payment", source_id=payment_id)
    return attachment(file, media_type=PDF)


@post(
    "/v1/credits/{credit_id:uuid}/receipt",
    status_code=202,
    guards=[READERS],
    responses=problems(CreditNotFound),
)
@once
async def ask_for_credit_receipt(work: NamedDependency[Work], credit_id: FromPath[UUID]) -> Asked:
    """Have the receipt of incoming money made; fetch it a moment later."""
    return await operations.ask(work, credit_id=credit_id)


@get(
    "/v1/credits/{credit_id:uuid}/receipt",
    guards=[READERS],
    responses=problems(ReceiptNotFound),
    media_type=PDF,
)
async def read_credit_receipt(
    work: NamedDependency[Work], credit_id: FromPath[UUID]
) -> Response[bytes]:
    """The receipt of money that came in (电子回单) as PDF, once it has been asked for."""
    file = await operations.document(work, source="credit", source_id=credit_id)
    return attachment(file, media_type=PDF)


@get(
    "/receipts/{code:str}",
    opt={"public": True},
    middleware=[CHECKS.middleware],
    responses=problems(ReceiptNotFound, TooMany),
)
async def check_receipt(work: NamedDependency[Work], code: FromPath[str]) -> ReceiptCheck:
    """Check a receipt by the code printed on it, without sign-in."""
    return await operations.check(work, code=code)


router = Router(
    "/",
    route_handlers=[
        read_payment_receipt,
        ask_for_credit_receipt,
        read_credit_receipt,
        check_receipt,
    ],
    tags=["receipts"],
)
