"""Programs of others at the desk: the bank's operators register and stop them."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.identity.clients import operations
from app.identity.clients.model import (
    ClientNotFound,
    KeyUnusable,
    NewClient,
    RegisteredClient,
)
from app.once import once
from app.work import Work

OPERATOR = allow("operator")


class Clients(msgspec.Struct, frozen=True):
    """The registered programs, oldest first."""

    items: list[RegisteredClient]


@get("", guards=[OPERATOR])
async def list_clients(work: NamedDependency[Work]) -> Clients:
    """Which programs of others may call."""
    return Clients(await operations.registered(work))


@post("", guards=[OPERATOR], responses=problems(KeyUnusable))
@once
async def register_client(
    work: NamedDependency[Work], data: JSONBody[NewClient]
) -> RegisteredClient:
    """Register a program with its public keys; its private keys stay with its owner."""
    return await operations.add(work, new=data)


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
    route_handlers=[list_clients, register_client, suspend_client],
    tags=["desk"],
)
