"""Tokens for programs (OAuth 2.0 client credentials with a signed assertion)."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import Annotated, Any

from litestar import Request, Router, post
from litestar.enums import RequestEncodingType
from litestar.params import Body

from app.actor import Actor
from app.http import begin, problems, provide_work, services
from app.identity.clients import fetching, operations, rules
from app.identity.clients.model import (
    ClientRefused,
    ClientToken,
    ClientTokenRequest,
    ScopeRefused,
)
from app.identity.sessions.model import TooManyTries


@post(
    "/token",
    status_code=200,
    public=True,
    responses=problems(ClientRefused, ScopeRefused, TooManyTries),
    response_headers={"Cache-Control": "no-store"},
)
async def give_client_token(
    request: Request[Any, Any, Any],
    data: Annotated[ClientTokenRequest, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> ClientToken:
    """An access token for `private_key_jwt`; the assertion lives five minutes and counts once."""
    assertion = data.client_assertion
    claimed = Actor(kind="client", client_id=rules.claimed_client(assertion))
    assert claimed.client_id is not None
    await fetching.client(
        services(request.app.state).settings,
        lambda: begin(request, claimed, role="portal"),
        client_id=claimed.client_id,
        key_id=rules.assertion_key(assertion),
    )
    async with asynccontextmanager(provide_work)(request) as work:
        return await operations.give_token(work, asked=data)


router = Router("/oauth2", route_handlers=[give_client_token], tags=["portal"])
