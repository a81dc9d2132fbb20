"""Payment orders over HTTP: read and cancel."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.deposits.routes import READERS
from accounts.payments import operations
from accounts.payments.model import (
    Payment,
    PaymentChanged,
    PaymentNotFound,
    Rejection,
    State,
    WrongState,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

MAKERS = allow("owner", "finance", "maker")


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_payments(
    work: NamedDependency[Work],
    in_state: Annotated[State | None, QueryParameter(name="state")] = None,
    account_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Payment]:
    """The firm's payments, newest first."""
    return await operations.search(
        work, state=in_state, account_id=account_id, after=after, limit=limit
    )


@get("/{payment_id:uuid}", guards=[READERS], responses=problems(PaymentNotFound))
async def read_payment(work: NamedDependency[Work], payment_id: FromPath[UUID]) -> Payment:
    """One payment with its state and, where it did not succeed, the reason."""
    return await operations.get(work, payment_id=payment_id)


@post(
    "/{payment_id:uuid}/cancel",
    status_code=200,
    guards=[MAKERS],
    responses=problems(PaymentNotFound, PaymentChanged, WrongState),
)
@once
async def cancel_payment(
    work: NamedDependency[Work], data: JSONBody[Rejection], payment_id: FromPath[UUID]
) -> Payment:
    """Call a payment off before it leaves the bank."""
    return await operations.cancel(
        work, payment_id=payment_id, version=data.version, reason=data.reason
    )


# Whoever makes payments (the lane) serves these beside it.
HANDLERS = (
    list_payments,
    read_payment,
    cancel_payment,
)
