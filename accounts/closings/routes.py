"""The owner's requests to close an account."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.closings import operations
from accounts.closings.model import (
    Closing,
    ClosingChanged,
    ClosingNotFound,
    ClosingRequest,
    ClosingUnderWay,
    NewClosing,
    RestCannotGoThere,
    Seen,
)
from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from app.http import allow, problems
from app.once import once
from app.work import Work

OWNER = allow("owner")


@post(
    "/accounts/{account_id:uuid}/closing",
    guards=[OWNER],
    responses=problems(AccountNotFound, RestCannotGoThere, ClosingUnderWay),
)
@once
async def ask_to_close(
    work: NamedDependency[Work], data: JSONBody[NewClosing], account_id: FromPath[UUID]
) -> Closing:
    """Ask the bank to close an account; the answer names what is to be done before."""
    return await operations.ask(work, account_id=account_id, new=data)


@get("/closings", guards=[READERS])
async def list_closings(work: NamedDependency[Work]) -> list[ClosingRequest]:
    """The firm's requests, newest first."""
    return await operations.of_firm(work)


@get("/closings/{closing_id:uuid}", guards=[READERS], responses=problems(ClosingNotFound))
async def read_closing(work: NamedDependency[Work], closing_id: FromPath[UUID]) -> Closing:
    """One request with what stands in its way."""
    return await operations.get(work, closing_id=closing_id)


@post(
    "/closings/{closing_id:uuid}/withdraw",
    status_code=200,
    guards=[OWNER],
    responses=problems(ClosingNotFound, ClosingChanged),
)
@once
async def withdraw_closing(
    work: NamedDependency[Work], data: JSONBody[Seen], closing_id: FromPath[UUID]
) -> Closing:
    """Keep the account after all."""
    return await operations.withdraw(work, closing_id=closing_id, version=data.version)


router = Router(
    "/v1",
    route_handlers=[ask_to_close, list_closings, read_closing, withdraw_closing],
    tags=["accounts"],
)
