"""Money of the owner's that waits at the bank."""

from litestar import Router, get
from litestar.di import NamedDependency

from accounts.deposits.routes import READERS
from accounts.suspense import operations
from accounts.suspense.model import Item
from app.work import Work


@get("", guards=[READERS])
async def list_own_suspense(work: NamedDependency[Work]) -> list[Item]:
    """Money that could not be booked on its account, and what became of it."""
    return await operations.of_firm(work)


router = Router("/v1/suspense", route_handlers=[list_own_suspense], tags=["accounts"])
