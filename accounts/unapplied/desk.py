"""The desk's queue of money that fits no account: propose, agree, turn down."""

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.reconciliation.model import DifferenceNotFound
from accounts.unapplied import operations
from accounts.unapplied.model import (
    Answer,
    NewProposal,
    NewUnapplied,
    NoSuchRightfulAccount,
    NotAnUnknownCredit,
    NothingProposed,
    StepDoesNotFit,
    TurnDown,
    Unapplied,
    UnappliedCase,
    UnappliedChanged,
    UnappliedDone,
    UnappliedNotFound,
    UnappliedUnderWay,
)
from app.approvals.model import SelfApproval
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("operator", "supervisor")
WORKED = (UnappliedChanged, UnappliedDone, UnappliedUnderWay)


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_unapplied(
    work: NamedDependency[Work],
    waiting: Annotated[bool, QueryParameter(name="open")] = True,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Unapplied]:
    """Credits that fit no account and wait (or, `open=false`, are done), oldest first."""
    await operations.enter(work)
    return await operations.queue(work, waiting=waiting, after=after, limit=limit)


@get("/{item_id:uuid}", guards=[STAFF], responses=problems(UnappliedNotFound))
async def read_unapplied(work: NamedDependency[Work], item_id: FromPath[UUID]) -> UnappliedCase:
    """One item with what its sender wrote; that it was read is recorded."""
    await operations.enter(work)
    return await operations.case(work, item_id=item_id)


@post(
    "",
    guards=[STAFF],
    responses=problems(DifferenceNotFound, NotAnUnknownCredit, StepDoesNotFit, *WORKED),
)
@once
async def suspend_difference(
    work: NamedDependency[Work], data: JSONBody[NewUnapplied]
) -> Unapplied:
    """Propose to take into suspense what only the clearing house knows to have come in."""
    await operations.enter(work)
    return await operations.take_from_difference(work, new=data)


@post(
    "/{item_id:uuid}/propose",
    status_code=200,
    guards=[STAFF],
    responses=problems(UnappliedNotFound, StepDoesNotFit, NoSuchRightfulAccount, *WORKED),
)
@once
async def propose_step(
    work: NamedDependency[Work], data: JSONBody[NewProposal], item_id: FromPath[UUID]
) -> Unapplied:
    """Propose the next step: into suspense, back to the sender, or onto the rightful account."""
    await operations.enter(work)
    return await operations.propose(work, item_id=item_id, new=data)


@post(
    "/{item_id:uuid}/agree",
    status_code=200,
    guards=[STAFF],
    responses=problems(UnappliedNotFound, NothingProposed, SelfApproval, *WORKED),
)
@once
async def agree_to_step(
    work: NamedDependency[Work], data: JSONBody[Answer], item_id: FromPath[UUID]
) -> Unapplied:
    """Agree, as another person, to what is proposed: it is carried out at once."""
    await operations.enter(work)
    return await operations.agree(work, item_id=item_id, new=data)


@post(
    "/{item_id:uuid}/turn-down",
    status_code=200,
    guards=[STAFF],
    responses=problems(UnappliedNotFound, NothingProposed, *WORKED),
)
@once
async def turn_step_down(
    work: NamedDependency[Work], data: JSONBody[TurnDown], item_id: FromPath[UUID]
) -> Unapplied:
    """Turn a proposal down, or take one's own back; the item waits for another one."""
    await operations.enter(work)
    return await operations.turn_down(work, item_id=item_id, new=data)


router = Router(
    "/desk/v1/unapplied-credits",
    route_handlers=[
        list_unapplied,
        read_unapplied,
        suspend_difference,
        propose_step,
        agree_to_step,
        turn_step_down,
    ],
    tags=["desk: unapplied credits"],
)
