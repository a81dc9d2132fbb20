"""The owner's door to a full account."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.work import Work
from onboarding.applications.model import ApplicationNotFound, FileUnknown
from onboarding.upgrades import operations
from onboarding.upgrades.model import NewUpgrade, Upgrade, UpgradeNotOpen

OWNER = allow("owner", "finance")


@post("", guards=[OWNER], responses=problems(ApplicationNotFound, UpgradeNotOpen, FileUnknown))
@once
async def ask_for_upgrade(
    work: NamedDependency[Work], data: JSONBody[NewUpgrade], application_id: FromPath[UUID]
) -> Upgrade:
    """Ask for the full account: a reviewer looks, then the low limits are gone."""
    return await operations.ask(work, application_id=application_id, new=data)


@get("", guards=[OWNER], responses=problems(ApplicationNotFound))
async def list_upgrades(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> list[Upgrade]:
    """What was asked for this account, and what the bank decided."""
    return await operations.of_application(work, application_id=application_id)


router = Router(
    "/v1/applications/{application_id:uuid}/upgrades",
    route_handlers=[ask_for_upgrade, list_upgrades],
    tags=["account opening"],
)
