"""Payment orders over HTTP: read, approve, reject, cancel."""

from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.deposits.routes import READERS
from accounts.ledger.model import HoldNotOpen, HoldTooSmall
from accounts.payments import operations
from accounts.payments.model import (
    KEPT,
    Approval,
    Payment,
    PaymentChanged,
    PaymentNotFound,
    Rejection,
    State,
    WrongState,
)
from app.approvals.model import AlreadyDecided, ApprovalNotFound, DecidedByYou, SelfApproval
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

MAKERS = allow("owner", "finance", "maker")
CHECKERS = allow("owner", "finance", "checker")


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
    "/{payment_id:uuid}/approve",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(
        PaymentNotFound,
        PaymentChanged,
        WrongState,
        ApprovalNotFound,
        AlreadyDecided,
        DecidedByYou,
        SelfApproval,
        HoldNotOpen,
        HoldTooSmall,
        *KEPT,
    ),
)
@once
async def approve_payment(
    work: NamedDependency[Work], data: JSONBody[Approval], payment_id: FromPath[UUID]
) -> Payment:
    """Agree as another person; the last agreement releases the payment at once."""
    return await operations.approve(work, payment_id=payment_id, version=data.version)


@post(
    "/{payment_id:uuid}/reject",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(
        PaymentNotFound,
        PaymentChanged,
        WrongState,
        ApprovalNotFound,
        AlreadyDecided,
        DecidedByYou,
        SelfApproval,
    ),
)
@once
async def reject_payment(
    work: NamedDependency[Work], data: JSONBody[Rejection], payment_id: FromPath[UUID]
) -> Payment:
    """Refuse as another person, with the reason."""
    return await operations.reject(
        work, payment_id=payment_id, version=data.version, reason=data.reason
    )


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
    approve_payment,
    reject_payment,
    cancel_payment,
)
