"""A program's own account at the portal's door: who it is, and its keys."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any

from litestar import Request, Router, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import problems, provide_work, services
from app.identity.clients import fetching, operations
from app.identity.clients.model import (
    ClientMe,
    ClientRefused,
    KeySet,
    KeysNotFound,
    KeyUnusable,
)
from app.work import Work


@get("/me", responses=problems(ClientRefused))
async def read_client_me(work: NamedDependency[Work]) -> ClientMe:
    """Which program is calling, what it may do and how often, and the names of its keys."""
    return await operations.me(work)


@put("/keys", responses=problems(ClientRefused, KeyUnusable, KeysNotFound))
async def replace_client_keys(request: Request[Any, Any, Any], data: JSONBody[KeySet]) -> ClientMe:
    """Replace the program's public keys, or name the address where it publishes them from now on;
    the request is signed by one of the present keys.

    Published keys are looked at again every ten minutes, and at once when a new key is used: the
    old key counts for as long as it stands there.
    """
    settings = services(request.app.state).settings
    keys = await fetching.given_or_published(settings, data.keys, data.jwks_uri)
    async with asynccontextmanager(provide_work)(request) as work:
        return await operations.replace_keys(work, keys=keys, jwks_uri=data.jwks_uri)


router = Router("/portal/v1", route_handlers=[read_client_me, replace_client_keys], tags=["portal"])
