"""States of accounts for the bank's staff: stops, freezes, closing."""

from uuid import UUID

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits import operations
from accounts.deposits.model import (
    Account,
    AccountChanged,
    AccountNotFound,
    MoneyLeft,
    NewState,
    NotYoursToSet,
    OtherAccountsOpen,
    StateNotAllowed,
    TermWrong,
)
from app.http import allow, problems
from app.once import once
from app.work import Work


@post(
    "/{account_id:uuid}/state",
    status_code=200,
    guards=[allow("operator", "supervisor")],
    responses=problems(
        AccountNotFound,
        AccountChanged,
        StateNotAllowed,
        NotYoursToSet,
        TermWrong,
        MoneyLeft,
        OtherAccountsOpen,
    ),
)
@once
async def set_account_state(
    work: NamedDependency[Work], data: JSONBody[NewState], account_id: FromPath[UUID]
) -> Account:
    """Put an account into a state, or lift one, on somebody's order."""
    await operations.enter_firm_of(work, account_id=account_id)
    return await operations.set_state(work, account_id=account_id, new=data)


router = Router("/desk/v1/accounts", route_handlers=[set_account_state], tags=["accounts"])
