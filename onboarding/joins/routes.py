"""The door for a firm that exists: name it by its code, and have its representative sign."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import Page
from app.work import Work
from onboarding.joins import operations
from onboarding.joins.model import AlreadyJoining, Join, JoinFaulty, JoinNotFound, NewJoin
from onboarding.signatures.model import SignatureNotFound

OWNER = allow("owner")


@post("", responses=problems(JoinFaulty, AlreadyJoining))
@once
async def ask_to_join(work: NamedDependency[Work], data: JSONBody[NewJoin]) -> Join:
    """Ask to act here for a firm that exists; its legal representative gets a link to sign by."""
    return await operations.create(work, new=data)


@get("", guards=[OWNER], responses=problems())
async def list_joins(work: NamedDependency[Work]) -> Page[Join]:
    """The firm's requests, newest first."""
    return Page(items=await operations.get_all(work))


@get("/{join_id:uuid}", guards=[OWNER], responses=problems(JoinNotFound))
async def read_join(work: NamedDependency[Work], join_id: FromPath[UUID]) -> Join:
    """How far a request is, and who acts next."""
    return await operations.get(work, join_id=join_id)


@post(
    "/{join_id:uuid}/remind",
    status_code=200,
    guards=[OWNER],
    responses=problems(JoinNotFound, SignatureNotFound),
)
@once
async def remind_representative(work: NamedDependency[Work], join_id: FromPath[UUID]) -> Join:
    """Send the legal representative a new link; the one before leads nowhere from now on."""
    return await operations.remind(work, join_id=join_id)


router = Router(
    "/v1/joins",
    route_handlers=[ask_to_join, list_joins, read_join, remind_representative],
    tags=["registration"],
)
