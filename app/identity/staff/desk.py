"""The desk's sign-in: the bank's own people."""

from __future__ import annotations

from typing import Any

from litestar import Request, Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import begin, problems
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import RefreshRefused, Renewal, Tokens, TooManyTries
from app.identity.staff import operations
from app.identity.staff.model import StaffMe, StaffSignIn, WrongCredentials
from app.work import Work

REVOKES = {"revokes": True}


@post(
    "/auth/tokens",
    status_code=200,
    public=True,
    responses=problems(WrongCredentials, TooManyTries, operations.Crowded),
)
async def sign_in_staff(request: Request[Any, Any, Any], data: JSONBody[StaffSignIn]) -> Tokens:
    """Sign in with password and one-time code; five wrong tries lock the name for a while."""
    async with begin(request) as work:
        row = await operations.take_try(work, username=data.username)
    known = await operations.check_password(row, data.password)
    async with begin(request) as work:
        return await operations.sign_in(work, row=known, given=data)


@post(
    "/auth/tokens/refresh",
    status_code=200,
    public=True,
    opt=REVOKES,
    responses=problems(RefreshRefused),
)
async def refresh_staff(request: Request[Any, Any, Any], data: JSONBody[Renewal]) -> Tokens:
    """New tokens for a refresh token, which is used up; using it again ends the session."""
    async with begin(request) as work:
        tokens = await sessions.refresh(work, door="staff", token=data.refresh_token)
    if tokens is None:
        raise RefreshRefused()
    return tokens


@delete("/auth/tokens", opt=REVOKES)
async def sign_out_staff(work: NamedDependency[Work]) -> None:
    """End this session."""
    await sessions.sign_out(work)


@get("/me")
async def read_staff_me(work: NamedDependency[Work]) -> StaffMe:
    """Who I am at the bank: role and branch."""
    return await operations.me(work)


router = Router(
    "/desk/v1",
    route_handlers=[sign_in_staff, refresh_staff, sign_out_staff, read_staff_me],
    tags=["desk"],
)
