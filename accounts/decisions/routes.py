"""Agree to payments or refuse them, confirm them, and learn beforehand what one would take."""

from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.decisions import operations
from accounts.decisions.model import Approval, Explained, Rejection, SeenVersion
from accounts.deposits.model import AccountNotFound, CannotPayOnline
from accounts.parties.model import PartyClosed, PartyNotFound
from accounts.payments.model import (
    KEPT,
    NewPayment,
    PayeeAccountUnknown,
    PayeeBankUnknown,
    PayeeIsPayer,
    PayeeMissing,
    PayeeNameMismatch,
    Payment,
    PaymentChanged,
    PaymentNotFound,
    WrongState,
)
from accounts.payments.routes import MAKERS
from app.approvals.model import (
    AlreadyDecided,
    ApprovalNotFound,
    DecidedByYou,
    NotYourPlace,
    SelfApproval,
)
from app.http import allow, problems
from app.identity.sessions.model import TooManyCodes
from app.identity.stepups.model import StepUp, StepUpNeeded
from app.once import once
from app.work import Work

# A stand-in may be any member: as what they answer is decided by the question.
CHECKERS = allow("owner", "finance", "checker", "maker", "accountant")
UNDECIDED = (
    PaymentNotFound,
    PaymentChanged,
    WrongState,
    ApprovalNotFound,
    AlreadyDecided,
    DecidedByYou,
    SelfApproval,
    NotYourPlace,
)


@post(
    "/{payment_id:uuid}/approve",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(*UNDECIDED, StepUpNeeded, *KEPT),
)
@once
async def approve_payment(
    work: NamedDependency[Work], data: JSONBody[Approval], payment_id: FromPath[UUID]
) -> Payment:
    """Agree as another person; the last agreement releases the payment at once."""
    return await operations.approve(
        work, payment_id=payment_id, version=data.version, step_up_id=data.step_up_id
    )


@post(
    "/{payment_id:uuid}/reject",
    status_code=200,
    guards=[CHECKERS],
    responses=problems(*UNDECIDED),
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
    "/{payment_id:uuid}/step-ups",
    guards=[CHECKERS],
    responses=problems(PaymentNotFound, PaymentChanged, WrongState, TooManyCodes),
)
@once
async def ask_for_approval(
    work: NamedDependency[Work], data: JSONBody[SeenVersion], payment_id: FromPath[UUID]
) -> StepUp:
    """Ask for the confirmation with which the last approver releases exactly this version."""
    return await operations.ask_for_approval(work, payment_id=payment_id, version=data.version)


@post(
    "/step-ups",
    guards=[MAKERS],
    responses=problems(PayeeMissing, AccountNotFound, PartyNotFound, PartyClosed, TooManyCodes),
)
@once
async def ask_for_payment(work: NamedDependency[Work], data: JSONBody[NewPayment]) -> StepUp:
    """Ask for the confirmation of exactly this payment: the code's message names it."""
    return await operations.ask_for_payment(work, new=data)


@post(
    "/explain",
    status_code=200,
    guards=[MAKERS],
    responses=problems(
        PayeeMissing,
        AccountNotFound,
        PartyNotFound,
        PartyClosed,
        CannotPayOnline,
        PayeeBankUnknown,
        PayeeAccountUnknown,
        PayeeNameMismatch,
        PayeeIsPayer,
    ),
)
async def explain_payment(work: NamedDependency[Work], data: JSONBody[NewPayment]) -> Explained:
    """What this payment would take if I made it now; nothing is kept."""
    return await operations.explain(work, new=data)


router = Router(
    "/v1/payments",
    route_handlers=[
        approve_payment,
        reject_payment,
        ask_for_approval,
        ask_for_payment,
        explain_payment,
    ],
    tags=["payments"],
)
