"""Sign-in of people: codes, tokens, devices."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import begin, problems
from app.identity.sessions import operations
from app.identity.sessions.model import (
    RefreshRefused,
    Renewal,
    SessionNotFound,
    SignedInDevice,
    SignIn,
    Tokens,
    TooManyCodes,
    TooManyTries,
    WantedCode,
    WrongCode,
)
from app.work import Work

# A route that may end a session: this process hears of it at its next request.
REVOKES = {"revokes": True}


class Devices(msgspec.Struct, frozen=True):
    """Where the person is signed in, newest first."""

    items: list[SignedInDevice]


class CodeOnItsWay(msgspec.Struct, frozen=True):
    """The code comes by text message; it is valid for so many seconds."""

    valid_seconds: int


@post("/codes", status_code=202, public=True, responses=problems(TooManyCodes))
async def ask_code(
    work: NamedDependency[Work], request: Request[Any, Any, Any], data: JSONBody[WantedCode]
) -> CodeOnItsWay:
    """Have a sign-in code sent; the answer is the same for every phone."""
    address = request.client.host if request.client else ""
    await operations.ask_code(work, phone=data.phone, address=address)
    return CodeOnItsWay(operations.CODE_SECONDS)


@post("/tokens", status_code=200, public=True, responses=problems(WrongCode, TooManyTries))
async def sign_in(request: Request[Any, Any, Any], data: JSONBody[SignIn]) -> Tokens:
    """Exchange a code for tokens; five wrong tries lock the phone for a quarter of an hour."""
    async with begin(request) as work:
        await operations.take_try(work, phone=data.phone)
    async with begin(request) as work:
        return await operations.sign_in(work, phone=data.phone, code=data.code, device=data.device)


@post(
    "/tokens/refresh",
    status_code=200,
    public=True,
    opt=REVOKES,
    responses=problems(RefreshRefused),
)
async def refresh(request: Request[Any, Any, Any], data: JSONBody[Renewal]) -> Tokens:
    """New tokens for a refresh token, which is used up; using it again ends the session."""
    async with begin(request) as work:
        tokens = await operations.refresh(work, door="person", token=data.refresh_token)
    if tokens is None:
        raise RefreshRefused()
    return tokens


@delete("/tokens", opt=REVOKES)
async def sign_out(work: NamedDependency[Work]) -> None:
    """End this session; its tokens are refused everywhere within a second."""
    await operations.sign_out(work)


@get("/devices")
async def list_devices(work: NamedDependency[Work]) -> Devices:
    """Where I am signed in."""
    return Devices(await operations.devices(work))


@delete("/devices/{session_id:uuid}", opt=REVOKES, responses=problems(SessionNotFound))
async def sign_out_device(work: NamedDependency[Work], session_id: FromPath[UUID]) -> None:
    """End my session on another device, for example a lost phone."""
    await operations.sign_out_device(work, session_id=session_id)


router = Router(
    "/v1/auth",
    route_handlers=[ask_code, sign_in, refresh, sign_out, list_devices, sign_out_device],
    tags=["sign-in"],
)
