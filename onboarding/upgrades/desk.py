"""The bank's door to upgrades of simplified accounts."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work
from onboarding.reviews.model import OwnFirm
from onboarding.upgrades import operations
from onboarding.upgrades.model import (
    Upgrade,
    UpgradeDecision,
    UpgradeNotFound,
    UpgradeSettled,
    UpgradeUnexplained,
)

STAFF = allow("reviewer", "supervisor")


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_open_upgrades(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Upgrade]:
    """What firms have asked for and nobody has decided, the earliest term first."""
    return await operations.queue(work, after=after, limit=limit)


@post(
    "/{upgrade_id:uuid}/decide",
    status_code=200,
    guards=[STAFF],
    responses=problems(UpgradeNotFound, UpgradeSettled, UpgradeUnexplained, OwnFirm),
)
@once
async def decide_upgrade(
    work: NamedDependency[Work], data: JSONBody[UpgradeDecision], upgrade_id: FromPath[UUID]
) -> Upgrade:
    """Approve or refuse; approved, the firm's people may raise their limits at once."""
    return await operations.decide(work, upgrade_id=upgrade_id, new=data)


router = Router(
    "/desk/v1/upgrades", route_handlers=[list_open_upgrades, decide_upgrade], tags=["upgrades"]
)
