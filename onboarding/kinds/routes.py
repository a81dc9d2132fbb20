"""Compare the kinds of firm before one founds anything."""

from __future__ import annotations

from litestar import Router, get
from litestar.di import NamedDependency

from app.http import problems
from app.work import Work
from onboarding.kinds import operations
from onboarding.kinds.model import KindsOfFirm


@get("", responses=problems())
async def list_kinds(work: NamedDependency[Work]) -> KindsOfFirm:
    """The kinds of firm: owners, liability, capital, tax, books, and how the name may end."""
    return await operations.kinds(work)


router = Router("/v1/registrations/kinds", route_handlers=[list_kinds], tags=["registration"])
