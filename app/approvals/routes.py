"""What waits for whom: the caller's inbox, the firm's open questions, and absences."""

from __future__ import annotations

from uuid import UUID

import msgspec
from litestar import Router, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.approvals import operations
from app.approvals.model import (
    BadDelegation,
    Delegation,
    DelegationNotFound,
    NewDelegation,
    Pending,
    Waiting,
)
from app.http import allow, problems
from app.once import once
from app.work import Work

ASKED = allow("owner", "finance", "checker", "maker", "accountant")


class Inbox(msgspec.Struct, frozen=True):
    """What waits, oldest first."""

    items: list[Waiting]


class Open(msgspec.Struct, frozen=True):
    """All open questions of the firm, oldest first."""

    items: list[Pending]


class Absences(msgspec.Struct, frozen=True):
    """Who stands in for whom, now or soon."""

    items: list[Delegation]


@get("/", guards=[ASKED])
async def inbox(work: NamedDependency[Work]) -> Inbox:
    """Everything that waits for my approval in this business."""
    return Inbox(await operations.waiting(work))


@get("/open", guards=[ASKED])
async def open_questions(work: NamedDependency[Work]) -> Open:
    """Everything that waits in this business: since when, until when, and for whom."""
    return Open(await operations.pending(work))


@get("/delegations", guards=[ASKED])
async def list_delegations(work: NamedDependency[Work]) -> Absences:
    """Who answers in whose stead, now or soon."""
    return Absences(await operations.delegations(work))


@post("/delegations", guards=[ASKED], responses=problems(BadDelegation))
@once
async def delegate(work: NamedDependency[Work], data: JSONBody[NewDelegation]) -> Delegation:
    """Let another member answer in my stead while I am away."""
    return await operations.delegate(work, new=data)


@delete("/delegations/{delegation_id:uuid}", guards=[ASKED], responses=problems(DelegationNotFound))
async def end_delegation(work: NamedDependency[Work], delegation_id: FromPath[UUID]) -> None:
    """I am back."""
    await operations.end_delegation(work, delegation_id=delegation_id)


router = Router(
    "/v1/approvals",
    route_handlers=[inbox, open_questions, list_delegations, delegate, end_delegation],
    tags=["approvals"],
)
