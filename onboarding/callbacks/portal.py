"""The portal's own call-backs: endpoints with secrets, the log of every attempt, sending again."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.http import problems, provide_work, services
from app.identity.clients.model import ScopeMissing
from app.identity.clients.scopes import scoped
from app.once import KeyMissing, KeyReused, StillRunning, checked_key, once
from app.outside.strangers import AddressRefused, Strangers
from app.pages import BadCursor, Cursor, Limit, Page, decode_cursor
from app.work import Work
from onboarding.callbacks import operations
from onboarding.callbacks.model import (
    CallbackEndpoint,
    CallbackNotFound,
    CallbackRow,
    CallbackState,
    CallbackStillWaiting,
    EndpointChange,
    EndpointNotActive,
    EndpointNotFound,
    EndpointRefused,
    EndpointWithSecret,
    NewEndpoint,
    PortalCallback,
    Recovered,
    Recovery,
    TooManyEndpoints,
)

SCOPED = scoped("callbacks")
AFTER_ALL = UUID("ffffffff-ffff-ffff-ffff-ffffffffffff")


class Endpoints(msgspec.Struct, frozen=True):
    """The portal's endpoints, oldest first."""

    items: list[CallbackEndpoint]


@get("", guards=[SCOPED], responses=problems(ScopeMissing))
async def list_endpoints(work: NamedDependency[Work]) -> Endpoints:
    """Where the portal is told, and whether its endpoints answer."""
    return Endpoints(await operations.endpoints(work))


@once
async def _add(*, work: Work, data: NewEndpoint) -> EndpointWithSecret:
    return await operations.add_endpoint(work, new=data)


@post(
    "",
    guards=[SCOPED],
    opt={"keyed": True},
    responses=problems(
        ScopeMissing, EndpointRefused, TooManyEndpoints, KeyMissing, KeyReused, StillRunning
    ),
)
async def add_endpoint(
    request: Request[Any, Any, Any], data: JSONBody[NewEndpoint]
) -> EndpointWithSecret:
    """Be told at an address: https at a public one, looked at now and again at each call. The
    secret that verifies our signatures is shown this once."""
    checked_key(request.headers.get("idempotency-key"))
    settings = services(request.app.state).settings
    try:
        await Strangers(development=settings.development).look(data.url)
    except AddressRefused as error:
        raise EndpointRefused(reason=error.reason) from error
    async with asynccontextmanager(provide_work)(request) as work:
        return await _add(work=work, data=data)


@put("/{endpoint_id:uuid}", guards=[SCOPED], responses=problems(ScopeMissing, EndpointNotFound))
async def change_endpoint(
    work: NamedDependency[Work], data: JSONBody[EndpointChange], endpoint_id: FromPath[UUID]
) -> CallbackEndpoint:
    """Let an endpoint rest, use it again, remove it; choose what it is told."""
    return await operations.change_endpoint(work, endpoint_id=endpoint_id, new=data)


@post(
    "/{endpoint_id:uuid}/rotate-secret",
    status_code=200,
    guards=[SCOPED],
    responses=problems(ScopeMissing, EndpointNotFound),
)
@once
async def rotate_secret(
    work: NamedDependency[Work], endpoint_id: FromPath[UUID]
) -> EndpointWithSecret:
    """A new secret; for a day call-backs are signed with the new and the old one."""
    return await operations.rotate_secret(work, endpoint_id=endpoint_id)


@post(
    "/{endpoint_id:uuid}/test",
    guards=[SCOPED],
    responses=problems(ScopeMissing, EndpointNotFound, EndpointNotActive),
)
@once
async def test_endpoint(work: NamedDependency[Work], endpoint_id: FromPath[UUID]) -> CallbackRow:
    """Send a call-back about nothing, to see whether it arrives."""
    return await operations.test_endpoint(work, endpoint_id=endpoint_id)


@post(
    "/{endpoint_id:uuid}/recover",
    status_code=200,
    guards=[SCOPED],
    responses=problems(ScopeMissing, EndpointNotFound, EndpointNotActive),
)
@once
async def recover_endpoint(
    work: NamedDependency[Work], data: JSONBody[Recovery], endpoint_id: FromPath[UUID]
) -> Recovered:
    """After a long outage: everything that was given up since then is sent again."""
    return await operations.recover(work, endpoint_id=endpoint_id, since=data.since)


@get("", guards=[SCOPED], responses=problems(ScopeMissing, BadCursor))
async def list_callbacks(
    work: NamedDependency[Work],
    in_state: Annotated[CallbackState | None, QueryParameter(name="state")] = None,
    application_id: FromQuery[UUID | None] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[CallbackRow]:
    """What the portal was told, newest first; by state, or about one application."""
    before = decode_cursor(after, UUID)[0] if after is not None else AFTER_ALL
    return await operations.told(
        work, state=in_state or "", application_id=application_id, before=before, limit=limit
    )


@get("/{callback_id:uuid}", guards=[SCOPED], responses=problems(ScopeMissing, CallbackNotFound))
async def read_callback(work: NamedDependency[Work], callback_id: FromPath[UUID]) -> PortalCallback:
    """A call-back with its body and the log of every attempt."""
    return await operations.read(work, callback_id=callback_id)


@post(
    "/{callback_id:uuid}/redeliver",
    status_code=200,
    guards=[SCOPED],
    responses=problems(
        ScopeMissing, CallbackNotFound, CallbackStillWaiting, EndpointNotActive, EndpointNotFound
    ),
)
@once
async def redeliver_callback(
    work: NamedDependency[Work], callback_id: FromPath[UUID]
) -> CallbackRow:
    """Send it once more under the same `webhook-id`, delivered or given up."""
    return await operations.send_again(work, callback_id=callback_id)


endpoints = Router(
    "/portal/v1/callback-endpoints",
    route_handlers=[
        list_endpoints,
        add_endpoint,
        change_endpoint,
        rotate_secret,
        test_endpoint,
        recover_endpoint,
    ],
    tags=["portal"],
)
router = Router(
    "/portal/v1/callbacks",
    route_handlers=[list_callbacks, read_callback, redeliver_callback],
    tags=["portal"],
)
