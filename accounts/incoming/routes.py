"""Incoming money over HTTP."""

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from accounts.deposits.routes import READERS
from accounts.incoming import operations
from accounts.incoming.model import CreditNotFound, IncomingCredit
from app.http import problems
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_credits(
    work: NamedDependency[Work],
    account_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[IncomingCredit]:
    """Money that came in, newest first, with who paid it."""
    return await operations.search(work, account_id=account_id, after=after, limit=limit)


@get("/{credit_id:uuid}", guards=[READERS], responses=problems(CreditNotFound))
async def read_credit(work: NamedDependency[Work], credit_id: FromPath[UUID]) -> IncomingCredit:
    """One incoming payment."""
    return await operations.get(work, credit_id=credit_id)


router = Router("/v1/credits", route_handlers=[list_credits, read_credit], tags=["incoming"])
