"""Orders of authorities on the owner's accounts."""

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.freezes import operations
from accounts.freezes.model import Freeze
from app.http import problems
from app.work import Work


@get("/{account_id:uuid}/freezes", guards=[READERS], responses=problems(AccountNotFound))
async def list_freezes(work: NamedDependency[Work], account_id: FromPath[UUID]) -> list[Freeze]:
    """Who has frozen what on the account, by which order, until when."""
    return await operations.of_account(work, account_id=account_id)


router = Router("/v1/accounts", route_handlers=[list_freezes], tags=["accounts"])
