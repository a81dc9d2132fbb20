"""Accounts for the bank's staff: what they hold, and their restrictions."""

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits import operations
from accounts.deposits.model import (
    Account,
    AccountChanged,
    AccountNotFound,
    NewState,
    NotYoursToSet,
    StateNotAllowed,
    TermWrong,
    VerifyAgain,
)
from app.http import allow, problems
from app.once import once
from app.work import Work

STAFF = allow("operator", "supervisor")


@get("/{account_id:uuid}", guards=[STAFF], responses=problems(AccountNotFound))
async def read_any_account(work: NamedDependency[Work], account_id: FromPath[UUID]) -> Account:
    """An account of any firm with its money and state."""
    await operations.enter_firm_of(work, account_id=account_id)
    return await operations.get(work, account_id=account_id)


@post(
    "/{account_id:uuid}/state",
    status_code=200,
    guards=[STAFF],
    responses=problems(
        AccountNotFound, AccountChanged, StateNotAllowed, NotYoursToSet, TermWrong, VerifyAgain
    ),
)
@once
async def set_account_state(
    work: NamedDependency[Work], data: JSONBody[NewState], account_id: FromPath[UUID]
) -> Account:
    """Put an account into a state, or lift one, for the bank or its owner."""
    await operations.enter_firm_of(work, account_id=account_id)
    return await operations.set_state(work, account_id=account_id, new=data)


router = Router(
    "/desk/v1/accounts", route_handlers=[read_any_account, set_account_state], tags=["accounts"]
)
