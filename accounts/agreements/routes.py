"""The payer's door: offer terms, put money in, let milestones go, object, take an offer back."""

from typing import Any
from uuid import UUID

from litestar import Request, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody
from litestar.response import Stream

from accounts.agreements import operations
from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.escrow import operations as escrows
from accounts.escrow.model import (
    Agreement,
    BeneficiaryElsewhere,
    EscrowNotFound,
    EscrowNotOpen,
    EscrowTermsWrong,
    NewAgreement,
    NewEscrow,
    NewFunding,
    NoSuchPart,
    Objection,
    TooMuch,
    Withdrawal,
)
from accounts.guarantees.model import Shown
from accounts.payments.model import KEPT, Payment
from accounts.payments.routes import MAKERS
from app.http import allow, problems, progress_stream
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

DECIDERS = allow("owner", "finance")


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_escrows(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Shown]:
    """The agreements that this firm pays under, newest first."""
    return await escrows.search(work, after=after, limit=limit)


@get("/{escrow_id:uuid}", guards=[READERS], responses=problems(EscrowNotFound))
async def read_escrow(work: NamedDependency[Work], escrow_id: FromPath[UUID]) -> Agreement:
    """One agreement with its milestones, figures and history."""
    return await escrows.get(work, escrow_id=escrow_id)


@get(
    "/{escrow_id:uuid}/progress",
    guards=[READERS],
    responses=problems(EscrowNotFound),
    media_type="text/event-stream",
)
async def follow_escrow(
    work: NamedDependency[Work], request: Request[Any, Any, Any], escrow_id: FromPath[UUID]
) -> Stream:
    """What happens to the agreement, as Server-Sent Events."""
    await escrows.get(work, escrow_id=escrow_id)
    return progress_stream(request, escrow_id)


@post(
    "",
    guards=[DECIDERS],
    responses=problems(AccountNotFound, EscrowTermsWrong, BeneficiaryElsewhere, *KEPT),
)
@once
async def propose_escrow(work: NamedDependency[Work], data: JSONBody[NewEscrow]) -> Agreement:
    """Offer terms to a beneficiary in this bank; a guarantee is funded at once."""
    return await operations.propose(work, new=data)


@post(
    "/{escrow_id:uuid}/fund",
    guards=[MAKERS],
    responses=problems(EscrowNotFound, EscrowNotOpen, TooMuch, *KEPT),
)
@once
async def fund_escrow(
    work: NamedDependency[Work], data: JSONBody[NewFunding], escrow_id: FromPath[UUID]
) -> Payment:
    """Put money in by an ordinary payment order; it may need another person's word."""
    return await operations.fund(work, escrow_id=escrow_id, new=data)


@post(
    "/{escrow_id:uuid}/release",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(EscrowNotFound, EscrowNotOpen, NoSuchPart, TooMuch),
)
@once
async def release_milestone(
    work: NamedDependency[Work], data: JSONBody[NewAgreement], escrow_id: FromPath[UUID]
) -> Agreement:
    """Let a milestone go, whole or in part; what the beneficiary has delivered is paid at once."""
    return await operations.agree(work, escrow_id=escrow_id, new=data)


@post(
    "/{escrow_id:uuid}/object",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(EscrowNotFound, EscrowNotOpen, NoSuchPart),
)
@once
async def object_as_payer(
    work: NamedDependency[Work], data: JSONBody[Objection], escrow_id: FromPath[UUID]
) -> Agreement:
    """Object: nothing more is released until the bank has decided."""
    return await operations.dispute(work, escrow_id=escrow_id, new=data)


@post(
    "/{escrow_id:uuid}/withdraw",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(EscrowNotFound, EscrowNotOpen),
)
@once
async def withdraw_escrow(
    work: NamedDependency[Work], data: JSONBody[Withdrawal], escrow_id: FromPath[UUID]
) -> Agreement:
    """Take back an offer that nobody has accepted; what was put in returns."""
    return await operations.withdraw(work, escrow_id=escrow_id, reason=data.reason)


router = Router(
    "/v1/escrows",
    route_handlers=[
        list_escrows,
        read_escrow,
        follow_escrow,
        propose_escrow,
        fund_escrow,
        release_milestone,
        object_as_payer,
        withdraw_escrow,
    ],
    tags=["escrow"],
)
