"""The inbox of what waits for the caller; each line links to the product's own route."""

from __future__ import annotations

import msgspec
from litestar import Router, get
from litestar.di import NamedDependency

from app.approvals import operations
from app.approvals.model import Waiting
from app.http import allow
from app.work import Work


class Inbox(msgspec.Struct, frozen=True):
    """What waits, oldest first."""

    items: list[Waiting]


@get("/", guards=[allow("owner", "finance", "checker", "maker", "accountant")])
async def inbox(work: NamedDependency[Work]) -> Inbox:
    """Everything that waits for my approval in this business."""
    return Inbox(await operations.waiting(work))


router = Router("/v1/approvals", route_handlers=[inbox], tags=["approvals"])
