"""Payment requests over HTTP: ask, show the code, pay by it, hear of it."""

from typing import Annotated, Any
from uuid import UUID

from litestar import Request as HttpRequest
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream
from msgspec import Meta

from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.payments.model import KEPT, Payment
from accounts.payments.routes import MAKERS
from accounts.requests import operations
from accounts.requests.model import (
    Asked,
    Landing,
    NewRequest,
    PayerUnknown,
    PayRequest,
    Receipt,
    Request,
    RequestAmountMissing,
    RequestAmountWrong,
    RequestEnded,
    RequestNotFound,
    RequestPaid,
)
from app.errors import TooMany
from app.http import begin, problems, progress_stream
from app.identity.stepups.model import StepUpNeeded
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

SVG = "image/svg+xml"
# Codes have 80 bits; the limit keeps guessing from costing us anything.
LOOKS = RateLimitConfig(rate_limit=("minute", 60))
Code = Annotated[str, Meta(pattern="^[0-9A-Z]{16}$", examples=["0123456789ABCDEF"])]


@post(
    "/v1/payment-requests",
    guards=[MAKERS],
    responses=problems(AccountNotFound, RequestAmountMissing, PayerUnknown),
)
@once
async def make_request(work: NamedDependency[Work], data: JSONBody[NewRequest]) -> Request:
    """Ask to be paid, by a link and a code."""
    return await operations.make(work, new=data)


@get("/v1/payment-requests", guards=[READERS], responses=problems(BadCursor))
async def list_requests(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Request]:
    """The firm's requests, newest first."""
    return await operations.search(work, after=after, limit=limit)


@get("/v1/payment-requests/received", guards=[READERS])
async def list_received(work: NamedDependency[Work]) -> list[Asked]:
    """What other firms ask this one to pay."""
    return await operations.received(work)


@get(
    "/v1/payment-requests/{request_id:uuid}", guards=[READERS], responses=problems(RequestNotFound)
)
async def read_request(work: NamedDependency[Work], request_id: FromPath[UUID]) -> Request:
    """One request with what was paid on it."""
    return await operations.get(work, request_id=request_id)


@get(
    "/v1/payment-requests/{request_id:uuid}/receipts",
    guards=[READERS],
    responses=problems(RequestNotFound),
)
async def list_receipts(work: NamedDependency[Work], request_id: FromPath[UUID]) -> list[Receipt]:
    """The payments that reached this firm by a request, newest first."""
    return await operations.receipts(work, request_id=request_id)


@get(
    "/v1/payment-requests/{request_id:uuid}/qr",
    guards=[READERS],
    responses=problems(RequestNotFound),
    media_type=SVG,
)
async def read_picture(work: NamedDependency[Work], request_id: FromPath[UUID]) -> Response[bytes]:
    """The code's picture, to be printed or shown."""
    return Response(
        await operations.picture(work, request_id=request_id),
        media_type=SVG,
        headers={
            "Content-Disposition": 'attachment; filename="code.svg"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
        },
    )


@get(
    "/v1/payment-requests/{request_id:uuid}/progress",
    guards=[READERS],
    responses=problems(RequestNotFound),
    media_type="text/event-stream",
)
async def follow_request(request: HttpRequest[Any, Any, Any], request_id: FromPath[UUID]) -> Stream:
    """Each payment the moment it is settled, as Server-Sent Events."""
    async with begin(request) as work:
        await operations.get(work, request_id=request_id)
    return progress_stream(request, request_id)


@post(
    "/v1/payment-requests/{request_id:uuid}/cancel",
    status_code=200,
    guards=[MAKERS],
    responses=problems(RequestNotFound, RequestEnded),
)
@once
async def cancel_request(work: NamedDependency[Work], request_id: FromPath[UUID]) -> Request:
    """Take a request back; what was paid stays paid."""
    return await operations.cancel(work, request_id=request_id)


@get("/v1/requested/{code:str}", guards=[READERS], responses=problems(RequestNotFound))
async def read_asked(work: NamedDependency[Work], code: FromPath[Code]) -> Asked:
    """What a code asks for, payee, amount and purpose filled in."""
    return await operations.asked(work, code=code)


@post(
    "/v1/requested/{code:str}/pay",
    guards=[MAKERS],
    responses=problems(
        AccountNotFound,
        RequestNotFound,
        RequestEnded,
        RequestPaid,
        RequestAmountWrong,
        StepUpNeeded,
        *KEPT,
    ),
)
@once
async def pay_asked(
    work: NamedDependency[Work], data: JSONBody[PayRequest], code: FromPath[Code]
) -> Payment:
    """Pay what a code asks for, in one step."""
    return await operations.pay(work, code=code, new=data)


@get(
    "/pay/{code:str}",
    opt={"public": True},
    middleware=[LOOKS.middleware],
    responses=problems(RequestNotFound, TooMany),
)
async def read_landing(work: NamedDependency[Work], code: FromPath[Code]) -> Landing:
    """Who asks for how much, without sign-in: what anybody who holds the code may see."""
    return await operations.landing(work, code=code)


router = Router(
    "/",
    route_handlers=[
        make_request,
        list_requests,
        list_received,
        read_request,
        list_receipts,
        read_picture,
        follow_request,
        cancel_request,
        read_asked,
        pay_asked,
        read_landing,
    ],
    tags=["payment requests"],
)
