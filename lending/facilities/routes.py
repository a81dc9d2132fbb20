"""Limits over HTTP: consent texts, applying, looking."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from app.http import allow, problems
from app.once import once
from app.work import Work
from lending.facilities import operations
from lending.facilities.model import (
    CONSENT_TEXTS,
    AlreadyApplied,
    ApplicationNotFound,
    ApplicationView,
    ConsentMissing,
    ConsentText,
    ConsentTextOutdated,
    FacilityView,
    NewApplication,
)
from lending.products.model import ProductNotFound


@get("/", guards=[allow("owner", "finance", "accountant", "checker", "maker")])
async def list_facilities(work: NamedDependency[Work]) -> list[FacilityView]:
    """List the firm's credit limits: used, available, and the reasons behind them."""
    return await operations.all_of_firm(work)


@get("/consent-texts", sync_to_thread=False, opt={"public": True})
def list_consent_texts() -> list[ConsentText]:
    """List the texts that must be read and agreed to before applying."""
    return list(CONSENT_TEXTS)


@post(
    "/applications",
    status_code=202,
    guards=[allow("owner")],
    responses=problems(ConsentMissing, ConsentTextOutdated, ProductNotFound, AlreadyApplied),
)
@once
async def apply(work: NamedDependency[Work], data: JSONBody[NewApplication]) -> ApplicationView:
    """Apply for a limit with consent to the inquiries; decided in the background."""
    return await operations.apply(work, new=data)


@get(
    "/applications/{application_id:uuid}",
    guards=[allow("owner", "finance")],
    responses=problems(ApplicationNotFound),
)
async def get_application(
    work: NamedDependency[Work], application_id: FromPath[UUID]
) -> ApplicationView:
    """Get an application: its state, the outcome, and why."""
    return await operations.application(work, application_id=application_id)


router = Router(
    "/v1/facilities",
    route_handlers=[list_facilities, list_consent_texts, apply, get_application],
    tags=["loans"],
)
