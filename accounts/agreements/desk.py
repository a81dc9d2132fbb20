"""Disputes about escrow at the bank's desk: the queue, the case, the decision."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.agreements import operations
from accounts.escrow import operations as escrows
from accounts.escrow.model import (
    Agreement,
    Dispute,
    EscrowChangedSince,
    EscrowDecision,
    EscrowNotFound,
    EscrowNotOpen,
    EscrowProposal,
    EscrowSeen,
    NoDecisionProposed,
    NoSuchPart,
    TooMuch,
)
from app.approvals.model import SelfApproval
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("operator", "supervisor")


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_disputes(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Dispute]:
    """Agreements in dispute, the oldest first."""
    return await escrows.disputes(work, after=after, limit=limit)


@get("/{escrow_id:uuid}", guards=[STAFF], responses=problems(EscrowNotFound))
async def read_disputed(work: NamedDependency[Work], escrow_id: FromPath[UUID]) -> Agreement:
    """One agreement with its milestones, figures and history."""
    await escrows.enter_firm_of(work, escrow_id=escrow_id)
    return await escrows.get(work, escrow_id=escrow_id)


@post(
    "/{escrow_id:uuid}/decide",
    status_code=200,
    guards=[STAFF],
    responses=problems(EscrowNotFound, EscrowNotOpen, EscrowChangedSince, NoSuchPart, TooMuch),
)
@once
async def decide_dispute(
    work: NamedDependency[Work], data: JSONBody[EscrowDecision], escrow_id: FromPath[UUID]
) -> EscrowProposal:
    """Propose each payee's share, the rest back to the payer; or that the agreement go on."""
    await escrows.enter_firm_of(work, escrow_id=escrow_id)
    return await operations.propose_decision(work, escrow_id=escrow_id, new=data)


@get(
    "/{escrow_id:uuid}/decision",
    guards=[STAFF],
    responses=problems(EscrowNotFound, NoDecisionProposed),
)
async def read_decision(work: NamedDependency[Work], escrow_id: FromPath[UUID]) -> EscrowProposal:
    """The decision that waits for another person's word."""
    await escrows.enter_firm_of(work, escrow_id=escrow_id)
    return await operations.proposal(work, escrow_id=escrow_id)


@post(
    "/{escrow_id:uuid}/decision/agree",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        EscrowNotFound,
        EscrowNotOpen,
        EscrowChangedSince,
        NoSuchPart,
        TooMuch,
        NoDecisionProposed,
        SelfApproval,
    ),
)
@once
async def agree_to_decision(
    work: NamedDependency[Work], data: JSONBody[EscrowSeen], escrow_id: FromPath[UUID]
) -> Agreement:
    """Agree as another person: the decision holds, and the money moves at once."""
    await escrows.enter_firm_of(work, escrow_id=escrow_id)
    return await operations.agree_to_decision(work, escrow_id=escrow_id, version=data.version)


router = Router(
    "/desk/v1/escrows",
    route_handlers=[
        list_disputes,
        read_disputed,
        decide_dispute,
        read_decision,
        agree_to_decision,
    ],
    tags=["escrow"],
)
