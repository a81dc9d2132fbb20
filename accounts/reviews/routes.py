"""A payment that is being checked: what its owner is told, and whether it is theirs."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits.routes import READERS
from accounts.payments.model import PaymentChanged, PaymentNotFound, WrongState
from accounts.payments.routes import MAKERS
from accounts.reviews import operations
from accounts.reviews.model import Check, NewAnswer, NotHeld, ReviewClosed
from app.http import problems
from app.once import once
from app.work import Work


@get("/{payment_id:uuid}/check", guards=[READERS], responses=problems(PaymentNotFound, NotHeld))
async def read_check(work: NamedDependency[Work], payment_id: FromPath[UUID]) -> Check:
    """That the bank is checking a payment, what comes next and by when."""
    return await operations.check(work, payment_id=payment_id)


@post(
    "/{payment_id:uuid}/check/answer",
    status_code=200,
    guards=[MAKERS],
    responses=problems(PaymentNotFound, NotHeld, ReviewClosed, PaymentChanged, WrongState),
)
@once
async def answer_check(
    work: NamedDependency[Work], data: JSONBody[NewAnswer], payment_id: FromPath[UUID]
) -> Check:
    """Say whether it is yours; one that is not is called off at once and its money is free."""
    return await operations.answer(work, payment_id=payment_id, new=data)


router = Router("/v1/payments", route_handlers=[read_check, answer_check], tags=["payments"])
