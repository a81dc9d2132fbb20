"""Asking a settled payment back, for its owner."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits.routes import READERS
from accounts.payments.model import PaymentNotFound
from accounts.payments.routes import MAKERS
from accounts.recalls import operations
from accounts.recalls.model import NewRecall, NothingToRecall, Recall, RecallUnderWay
from app.http import problems
from app.once import once
from app.work import Work


@post(
    "/{payment_id:uuid}/recalls",
    guards=[MAKERS],
    responses=problems(PaymentNotFound, NothingToRecall, RecallUnderWay),
)
@once
async def recall_payment(
    work: NamedDependency[Work], data: JSONBody[NewRecall], payment_id: FromPath[UUID]
) -> Recall:
    """Ask the other bank to give a settled payment back; its customer must agree."""
    return await operations.ask(work, payment_id=payment_id, new=data)


@get("/{payment_id:uuid}/recalls", guards=[READERS], responses=problems(PaymentNotFound))
async def list_recalls(work: NamedDependency[Work], payment_id: FromPath[UUID]) -> list[Recall]:
    """The recalls of a payment with what the other bank answered, oldest first."""
    return await operations.of_payment(work, payment_id=payment_id)


router = Router("/v1/payments", route_handlers=[recall_payment, list_recalls], tags=["payments"])
