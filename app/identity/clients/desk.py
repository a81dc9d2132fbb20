"""Programs of others at the desk: the bank's operators register and stop them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems, provide_work, services
from app.identity.clients import fetching, operations
from app.identity.clients.model import (
    ClientNotFound,
    KeysNotFound,
    KeyUnusable,
    NewClient,
    Quota,
    RegisteredClient,
)
from app.once import KeyMissing, KeyReused, StillRunning, checked_key, once
from app.work import Work

OPERATOR = allow("operator")


class Clients(msgspec.Struct, frozen=True):
    """The registered programs, oldest first."""

    items: list[RegisteredClient]


@get("", guards=[OPERATOR])
async def list_clients(work: NamedDependency[Work]) -> Clients:
    """Which programs of others may call."""
    return Clients(await operations.registered(work))


@once
async def _register(*, work: Work, data: NewClient, keys: list[dict[str, Any]]) -> RegisteredClient:
    return await operations.add(work, new=data, keys=keys)


@post(
    "",
    guards=[OPERATOR],
    opt={"keyed": True},
    responses=problems(KeyUnusable, KeysNotFound, KeyMissing, KeyReused, StillRunning),
)
async def register_client(
    request: Request[Any, Any, Any], data: JSONBody[NewClient]
) -> RegisteredClient:
    """Register a program with its public keys, or with the address where it publishes them, which
    is asked at once; its private keys stay with its owner."""
    checked_key(request.headers.get("idempotency-key"))
    settings = services(request.app.state).settings
    keys = await fetching.given_or_published(settings, data.keys, data.jwks_uri)
    async with asynccontextmanager(provide_work)(request) as work:
        return await _register(work=work, data=data, keys=keys)


@put("/{client_id:uuid}/quota", guards=[OPERATOR], responses=problems(ClientNotFound))
async def set_client_quota(
    work: NamedDependency[Work], data: JSONBody[Quota], client_id: FromPath[UUID]
) -> RegisteredClient:
    """How often the program may call from now on."""
    return await operations.set_quota(work, client_id=client_id, quota=data)


@post(
    "/{client_id:uuid}/suspend",
    status_code=200,
    guards=[OPERATOR],
    opt={"revokes": True},
    responses=problems(ClientNotFound),
)
@once
async def suspend_client(
    work: NamedDependency[Work], client_id: FromPath[UUID]
) -> RegisteredClient:
    """Stop a program; its tokens are refused everywhere within a second."""
    return await operations.stop(work, client_id=client_id)


router = Router(
    "/desk/v1/clients",
    route_handlers=[list_clients, register_client, set_client_quota, suspend_client],
    tags=["desk"],
)
