"""The owner's door to the course of an opening."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from app.http import allow, problems
from app.work import Work
from onboarding.applications.model import ApplicationNotFound
from onboarding.timelines import operations
from onboarding.timelines.model import Course

OWNER = allow("owner", "finance")


@get("/{application_id:uuid}/course", guards=[OWNER], responses=problems(ApplicationNotFound))
async def read_course(work: NamedDependency[Work], application_id: FromPath[UUID]) -> Course:
    """The whole course: what is done, who acts next and by when, and what one can do now."""
    return await operations.course(work, application_id=application_id)


router = Router("/v1/applications", route_handlers=[read_course], tags=["account opening"])
