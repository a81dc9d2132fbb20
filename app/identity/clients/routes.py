"""Tokens for programs (OAuth 2.0 client credentials with a signed assertion)."""

from __future__ import annotations

from typing import Annotated

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body

from app.http import problems
from app.identity.clients import operations
from app.identity.clients.model import ClientRefused, ClientToken, ClientTokenRequest
from app.identity.sessions.model import TooManyTries
from app.work import Work


@post(
    "/token",
    status_code=200,
    public=True,
    responses=problems(ClientRefused, TooManyTries),
    response_headers={"Cache-Control": "no-store"},
)
async def give_client_token(
    work: NamedDependency[Work],
    data: Annotated[ClientTokenRequest, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> ClientToken:
    """An access token for `private_key_jwt`; the assertion lives five minutes and counts once."""
    return await operations.give_token(work, asked=data)


router = Router("/oauth2", route_handlers=[give_client_token], tags=["portal"])
