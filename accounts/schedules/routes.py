"""Schedules over HTTP: pay by the calendar, look ahead, pause, skip, change, end."""

from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.deposits.model import AccountNotFound
from accounts.deposits.routes import READERS
from accounts.parties.model import PartyClosed, PartyNotFound
from accounts.payments.routes import MAKERS
from accounts.schedules import operations
from accounts.schedules.model import (
    NewAmount,
    NewSchedule,
    PatternWrong,
    Run,
    Schedule,
    ScheduleChanged,
    ScheduleIncomplete,
    ScheduleNotFound,
    ScheduleStateForbids,
    Seen,
)
from app.http import problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

CHANGES = (ScheduleNotFound, ScheduleChanged, ScheduleStateForbids)


@post(
    "",
    guards=[MAKERS],
    responses=problems(
        AccountNotFound, PartyNotFound, PartyClosed, ScheduleIncomplete, PatternWrong
    ),
)
@once
async def make_schedule(work: NamedDependency[Work], data: JSONBody[NewSchedule]) -> Schedule:
    """Pay on a date, on many, or sweep between own accounts."""
    return await operations.make(work, new=data)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_schedules(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Schedule]:
    """The firm's schedules, newest first."""
    return await operations.search(work, after=after, limit=limit)


@get("/{schedule_id:uuid}", guards=[READERS], responses=problems(ScheduleNotFound))
async def read_schedule(work: NamedDependency[Work], schedule_id: FromPath[UUID]) -> Schedule:
    """One schedule with its next dates."""
    return await operations.get(work, schedule_id=schedule_id)


@get("/{schedule_id:uuid}/runs", guards=[READERS], responses=problems(ScheduleNotFound))
async def list_runs(work: NamedDependency[Work], schedule_id: FromPath[UUID]) -> list[Run]:
    """What came of the dates so far, newest first."""
    return await operations.runs(work, schedule_id=schedule_id)


@post("/{schedule_id:uuid}/pause", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def pause_schedule(
    work: NamedDependency[Work], data: JSONBody[Seen], schedule_id: FromPath[UUID]
) -> Schedule:
    """Pay no date until it goes on."""
    return await operations.pause(work, schedule_id=schedule_id, version=data.version)


@post("/{schedule_id:uuid}/resume", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def resume_schedule(
    work: NamedDependency[Work], data: JSONBody[Seen], schedule_id: FromPath[UUID]
) -> Schedule:
    """Go on with the next date to come."""
    return await operations.resume(work, schedule_id=schedule_id, version=data.version)


@post("/{schedule_id:uuid}/skip", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def skip_date(
    work: NamedDependency[Work], data: JSONBody[Seen], schedule_id: FromPath[UUID]
) -> Schedule:
    """Pass over the next date."""
    return await operations.skip(work, schedule_id=schedule_id, version=data.version)


@post("/{schedule_id:uuid}/cancel", status_code=200, guards=[MAKERS], responses=problems(*CHANGES))
@once
async def cancel_schedule(
    work: NamedDependency[Work], data: JSONBody[Seen], schedule_id: FromPath[UUID]
) -> Schedule:
    """Pay no further date."""
    return await operations.cancel(work, schedule_id=schedule_id, version=data.version)


@put(
    "/{schedule_id:uuid}/amount",
    guards=[MAKERS],
    responses=problems(*CHANGES, ScheduleIncomplete),
)
async def change_amount(
    work: NamedDependency[Work], data: JSONBody[NewAmount], schedule_id: FromPath[UUID]
) -> Schedule:
    """Another amount from the next date on."""
    return await operations.change_amount(work, schedule_id=schedule_id, new=data)


router = Router(
    "/v1/schedules",
    route_handlers=[
        make_schedule,
        list_schedules,
        read_schedule,
        list_runs,
        pause_schedule,
        resume_schedule,
        skip_date,
        cancel_schedule,
        change_amount,
    ],
    tags=["schedules"],
)
