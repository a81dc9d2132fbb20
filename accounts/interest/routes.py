"""Interest for the owner, as a reckoning that can be checked."""

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.interest import operations
from accounts.interest.model import Interest
from app.http import problems
from app.work import Work


@get("/{account_id:uuid}/interest", guards=[READERS], responses=problems(AccountNotFound))
async def read_interest(work: NamedDependency[Work], account_id: FromPath[UUID]) -> Interest:
    """What the account has earned since the last settlement, and every settlement with its days,
    balances and rates."""
    return await operations.of_account(work, account_id=account_id)


router = Router("/v1/accounts", route_handlers=[read_interest], tags=["accounts"])
