"""The person signed in, and the members of their firm."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Router, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.identity import operations
from app.identity.model import (
    AlreadyMember,
    Business,
    BusinessNotFound,
    LastOwner,
    Me,
    Member,
    MemberChanged,
    MemberNotFound,
    NewMember,
    RoleChange,
    TooManyMembers,
)
from app.once import once
from app.work import Work

OWNER = allow("owner")
# A route that may change what a member may do: this process hears of it at its next request.
REVOKES = {"revokes": True}


class Members(msgspec.Struct, frozen=True):
    """The members of the firm; there are 200 at most."""

    items: list[Member]


@get("/me")
async def read_me(work: NamedDependency[Work]) -> Me:
    """Who I am, masked, and the firms I belong to."""
    return await operations.me(work)


@get("/business", responses=problems(BusinessNotFound))
async def read_business(work: NamedDependency[Work]) -> Business:
    """The firm I act for."""
    return await operations.business(work)


@get("/members", guards=[allow("owner", "finance")])
async def list_members(work: NamedDependency[Work]) -> Members:
    """Who belongs to the firm, and as what."""
    return Members(await operations.members(work))


@post(
    "/members",
    guards=[OWNER],
    opt=REVOKES,
    responses=problems(AlreadyMember, TooManyMembers, BusinessNotFound),
)
@once
async def invite_member(work: NamedDependency[Work], data: JSONBody[NewMember]) -> Member:
    """Take someone into the firm by phone, in a role."""
    return await operations.invite_member(work, new=data)


@patch(
    "/members/{person_id:uuid}",
    guards=[OWNER],
    opt=REVOKES,
    responses=problems(MemberNotFound, MemberChanged, LastOwner),
)
async def change_member(
    work: NamedDependency[Work], person_id: FromPath[UUID], data: JSONBody[RoleChange]
) -> Member:
    """Give a member another role; it holds within a second, everywhere."""
    return await operations.change_role(work, person_id=person_id, change=data)


@delete(
    "/members/{person_id:uuid}",
    guards=[OWNER],
    opt=REVOKES,
    responses=problems(MemberNotFound, LastOwner),
)
async def remove_member(work: NamedDependency[Work], person_id: FromPath[UUID]) -> None:
    """End a membership."""
    await operations.remove_member(work, person_id=person_id)


router = Router(
    "/v1",
    route_handlers=[
        read_me,
        read_business,
        list_members,
        invite_member,
        change_member,
        remove_member,
    ],
    tags=["identity"],
)
