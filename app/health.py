"""Health, metrics and the development clock: what operators and tests call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from app import clock
from app.errors import NotFound, Overloaded, Refusal
from app.http import problems, services
from app.queries import Query
from app.work import Work

LOOPBACK = ("127.0.0.1", "::1", "testclient")


class NotReady(Overloaded):
    """Not ready to serve."""

    zh = "服务尚未就绪"


class NoSuchPage(NotFound):
    """There is no such page."""

    zh = "页面不存在"


class TimeOnlyMovesForward(Refusal):
    """Business time moves forward only."""

    zh = "业务时间只能向前推进"


class Health(msgspec.Struct, frozen=True):
    """Alive, or ready."""

    status: str


@get("/health/live", opt={"public": True}, tags=["health"], sync_to_thread=False)
def live() -> Health:
    """The process answers."""
    return Health("live")


@get("/health/ready", opt={"public": True}, tags=["health"], responses=problems(NotReady))
async def ready(request: Request[Any, Any, Any]) -> Health:
    """The database answers; false from the moment draining begins."""
    if request.app.state.get("draining"):
        raise NotReady(retry_after=1)
    pool = services(request.app.state).pools["app"]
    try:
        async with pool.acquire(timeout=1) as connection:
            if await connection.fetchval("select pg_is_in_recovery()", timeout=1):
                # A demoted server goes on answering; the next connection finds the one that leads.
                await pool.expire_connections()
                raise NotReady(retry_after=1)
    except Exception as error:
        raise NotReady(retry_after=1) from error
    return Health("ready")


@get("/metrics", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Prometheus figures, for this machine only."""
    if request.client is None or request.client.host not in LOOPBACK:
        raise NoSuchPage()
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


class NewMoment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where business time shall stand."""

    now: datetime = msgspec.field()


class Moment(msgspec.Struct, frozen=True):
    """Where business time stands."""

    now: datetime
    business_on: str


MOVE = Query(
    "move_clock",
    "Only forward; the function refuses the rest.",
    "select core.move_clock($1)",
    ("ahead",),
)
MAKE_MONTHS = Query(
    "make_months",
    "The ledger's month partitions up to three months ahead.",
    "select ledger.make_months($1)",
    ("on",),
)


@get("/dev/v1/clock", opt={"public": True}, tags=["development"])
async def read_clock(work: NamedDependency[Work]) -> Moment:
    """Business time as it stands."""
    _only_development(work)
    return Moment(work.now, work.today.isoformat())


@post(
    "/dev/v1/clock",
    opt={"public": True},
    tags=["development"],
    status_code=200,
    responses=problems(TimeOnlyMovesForward),
)
async def move_clock(work: NamedDependency[Work], data: JSONBody[NewMoment]) -> Moment:
    """Move business time forward; the workers then fire the schedule for every date passed."""
    _only_development(work)
    if data.now.tzinfo is None or data.now < work.now or data.now.year > 2200:
        raise TimeOnlyMovesForward(now=work.now)
    await work.run(MAKE_MONTHS, on=clock.business_date(data.now))
    await work.run(MOVE, ahead=data.now - clock.now())
    work.emitted = True
    return Moment(data.now, clock.business_date(data.now).isoformat())


def _only_development(work: Work) -> None:
    if not work.settings.development:
        raise NoSuchPage()


ROUTES = (live, ready, metrics, read_clock, move_clock)
