"""The desk's hand-overs: where deducted money goes, proposed by one and agreed by another."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.deposits.desk import STAFF
from accounts.handovers import operations
from accounts.handovers.model import (
    Handover,
    HandoverChanged,
    HandoverNotFound,
    HandoverSeen,
    NewHandover,
    NotADeduction,
)
from accounts.suspense import operations as suspense
from accounts.suspense.model import ItemNotFound
from app.approvals.model import SelfApproval
from app.http import problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@get("/handovers", guards=[STAFF], responses=problems(BadCursor))
async def list_handovers(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Handover]:
    """Deducted money that is not with its authority yet, in all firms, oldest first."""
    return await operations.queue(work, after=after, limit=limit)


@post(
    "/suspense/{item_id:uuid}/handover",
    status_code=200,
    guards=[STAFF],
    responses=problems(ItemNotFound, NotADeduction, HandoverChanged),
)
@once
async def propose_handover(
    work: NamedDependency[Work], data: JSONBody[NewHandover], item_id: FromPath[UUID]
) -> Handover:
    """Say to which account of the authority deducted money goes, as its order names it."""
    await suspense.enter_firm_of(work, item_id=item_id)
    return await operations.propose(work, item_id=item_id, new=data)


@post(
    "/suspense/{item_id:uuid}/handover/agree",
    status_code=200,
    guards=[STAFF],
    responses=problems(ItemNotFound, HandoverNotFound, HandoverChanged, SelfApproval),
)
@once
async def agree_to_handover(
    work: NamedDependency[Work], data: JSONBody[HandoverSeen], item_id: FromPath[UUID]
) -> Handover:
    """Agree as another person: the money leaves by the payment system that takes it."""
    await suspense.enter_firm_of(work, item_id=item_id)
    return await operations.agree(work, item_id=item_id, new=data)


router = Router(
    "/desk/v1",
    route_handlers=[list_handovers, propose_handover, agree_to_handover],
    tags=["desk: suspense"],
)
