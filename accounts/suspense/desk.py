"""The desk's queue of money that cannot be booked home."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.deposits.desk import STAFF
from accounts.deposits.model import AccountNotFound
from accounts.ledger.model import AccountRefusesPosting
from accounts.suspense import operations
from accounts.suspense.model import Assignment, Item, ItemDone, ItemNotFound, NotToBeAssigned
from app.http import problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_suspense(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Item]:
    """What waits in all firms, oldest first."""
    return await operations.queue(work, after=after, limit=limit)


@post(
    "/{item_id:uuid}/assign",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        ItemNotFound, ItemDone, NotToBeAssigned, AccountNotFound, AccountRefusesPosting
    ),
)
@once
async def assign_item(
    work: NamedDependency[Work], data: JSONBody[Assignment], item_id: FromPath[UUID]
) -> Item:
    """Book an item on an account of the same firm."""
    await operations.enter_firm_of(work, item_id=item_id)
    return await operations.assign(work, item_id=item_id, new=data)


router = Router(
    "/desk/v1/suspense", route_handlers=[list_suspense, assign_item], tags=["desk: suspense"]
)
