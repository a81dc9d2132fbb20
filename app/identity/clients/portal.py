"""A program's own account at the portal's door: who it is, and its keys."""

from __future__ import annotations

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import problems
from app.identity.clients import operations
from app.identity.clients.model import ClientMe, ClientRefused, KeySet, KeyUnusable
from app.work import Work


@get("/me", responses=problems(ClientRefused))
async def read_client_me(work: NamedDependency[Work]) -> ClientMe:
    """Which program is calling, what it may do, and the names of its keys."""
    return await operations.me(work)


@put("/keys", responses=problems(ClientRefused, KeyUnusable))
async def replace_client_keys(work: NamedDependency[Work], data: JSONBody[KeySet]) -> ClientMe:
    """Replace the program's public keys; the request is signed by one of the present ones."""
    return await operations.replace_keys(work, new=data)


router = Router("/portal/v1", route_handlers=[read_client_me, replace_client_keys], tags=["portal"])
