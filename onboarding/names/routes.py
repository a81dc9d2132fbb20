"""Ask whether a name may be declared, before one founds anything."""

from __future__ import annotations

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import problems
from app.work import Work
from onboarding.names import operations
from onboarding.names.model import NameAnswer, NameQuestion


@post("/check", status_code=200, responses=problems())
async def check_name(work: NamedDependency[Work], data: JSONBody[NameQuestion]) -> NameAnswer:
    """Read a name into its parts and say what keeps it from being declared; nothing is reserved."""
    return await operations.check(work, question=data)


router = Router("/v1/registrations/names", route_handlers=[check_name], tags=["registration"])
