"""HTTP in general: which door a request came through, its Work, its guards, its live stream."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import lru_cache
from typing import Any, cast
from uuid import UUID

import msgspec
from litestar import Request
from litestar.connection import ASGIConnection
from litestar.datastructures import State
from litestar.handlers import BaseRouteHandler
from litestar.response import Stream

from app import progress, work
from app.actor import ANONYMOUS, Actor, Role, StaffRole
from app.batches import Batcher
from app.database import Pool, RoleName
from app.errors import Forbidden, Malformed, NotFound, NotSignedIn
from app.once import Call
from app.outbox import Doorbell
from app.problems import problems, speaks_english
from app.progress.watch import Watch
from app.settings import Settings
from app.vault import Vault
from app.work import Work

__all__ = ["allow", "begin", "problems", "progress_stream", "provide_work"]

# Which kind of caller each door is for, and the database role behind it.
DOORS: tuple[tuple[str, str, RoleName], ...] = (
    ("/v1/", "person", "app"),
    ("/portal/v1/", "client", "portal"),
    ("/desk/v1/", "staff", "desk"),
    # The same people with a browser: their session is in cookies.
    ("/review-desk", "staff", "desk"),
)


class SignInNeeded(NotSignedIn):
    """Sign in first."""

    zh = "请先登录"


class WrongRole(Forbidden):
    """Your role may not do this; ask the owner of the business."""

    zh = "您的角色无权进行该操作，请联系企业所有者"


class RepeatedParameter(Malformed):
    """A query parameter stands twice."""

    zh = "查询参数重复"


class BadParameter(Malformed):
    """A query parameter is not as described."""

    zh = "查询参数不符合接口描述"


class NoSuchObject(NotFound):
    """There is no such thing."""

    zh = "对象不存在"


class Services(msgspec.Struct, frozen=True, kw_only=True):
    """What the application holds while it runs."""

    settings: Settings
    pools: dict[str, Pool]
    vault: Vault
    doorbell: Doorbell
    watch: Watch
    # Payments that need no transaction of their own; None where it is switched off.
    lane: Batcher[Any, Any] | None = None


def services(state: State) -> Services:
    """The application's services, typed."""
    found: Services = state["services"]
    return found


def door_of(request: ASGIConnection[Any, Any, Any, Any]) -> tuple[Actor, RoleName]:
    """The caller and the database role of the door; SignInNeeded unless the route is public."""
    path = request.scope["path"]
    actor = cast("Actor", request.scope.get("actor", ANONYMOUS))
    for prefix, kind, role in DOORS:
        if path.startswith(prefix):
            if actor.kind != kind:
                if not request.route_handler.opt.get("public"):
                    raise SignInNeeded()
                actor = ANONYMOUS
            return actor, role
    return actor, "app"


def begin(
    request: ASGIConnection[Any, Any, Any, Any],
    actor: Actor | None = None,
    role: RoleName | None = None,
) -> AbstractAsyncContextManager[Work]:
    """A transaction of the caller outside the request's own: streams, counters of failed codes."""
    found = services(request.app.state)
    caller, door = door_of(request)
    return work.begin(
        found.pools[role or door],
        actor or caller,
        settings=found.settings,
        vault=found.vault,
        ring=found.doorbell.ring,
    )


class Turns:
    """Copies of one call that wait for the first one wait here, one after another, before any of
    them takes a connection: two hundred copies are no crowd for anybody else."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, ...], tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def take(self, name: tuple[str, ...]) -> AsyncIterator[None]:
        """Wait for one's turn; Busy when too many wait already."""
        lock, count = self._waiting.get(name, (asyncio.Lock(), 0))
        if count >= MOST_COPIES:
            raise work.Busy(retry_after=1)
        self._waiting[name] = lock, count + 1
        try:
            async with lock:
                yield
        finally:
            lock, count = self._waiting[name]
            if count == 1:
                del self._waiting[name]
            else:
                self._waiting[name] = lock, count - 1


TURNS = Turns()
MOST_COPIES = 512


def in_turn(request: Request[Any, Any, Any]) -> AbstractAsyncContextManager[None]:
    """A place in the queue of one key, where the operation itself keeps the key and its copies
    wait instead of being told 409."""
    key = request.headers.get("idempotency-key", "")
    actor, _ = door_of(request)
    return TURNS.take((actor.principal, str(actor.business_id), request.scope["path"], key))


@asynccontextmanager
async def calling(request: Request[Any, Any, Any]) -> AsyncIterator[Work]:
    """The request's own transaction, begun by a handler that did not need one from the start."""
    async with begin(request) as current:
        current.call = Call(
            route=f"{request.method} {request.scope['path_template']}",
            path=request.scope["path"],
            key=request.headers.get("idempotency-key"),
            status=request.route_handler.status_code,
            english=speaks_english(request.headers.get("accept-language", "")),
        )
        yield current


async def provide_work(request: Request[Any, Any, Any]) -> AsyncIterator[Work]:
    """One transaction a request, committed before the answer leaves."""
    check_address(request)
    async with calling(request) as current:
        yield current


def check_address(request: Request[Any, Any, Any]) -> None:
    """One address per object and one value per parameter: no `urn:uuid:`, no upper case."""
    segments = request.scope["path"].split("/")
    for value in request.path_params.values():
        if isinstance(value, UUID) and str(value) not in segments:
            raise NoSuchObject()
    names = [name for name, _ in request.query_params.multi_items()]
    if len(names) != len(set(names)):
        raise RepeatedParameter()
    shapes = parameters(request.route_handler)
    for name, value in request.query_params.items():
        if name in shapes:
            try:
                msgspec.convert(value, shapes[name], strict=False)
            except msgspec.ValidationError as error:
                raise BadParameter(parameter=name) from error


@lru_cache(maxsize=1024)
def parameters(handler: BaseRouteHandler) -> dict[str, Any]:
    """What decodes the parameters of path and query, by their names in the address: Litestar
    itself enforces bounds of its own parameters only, not those of `Meta`."""
    found = {}
    for name, field in handler.parsed_fn_signature.parameters.items():
        said = field.kwarg_definition
        found[getattr(said, "name", None) or getattr(said, "query", None) or name] = field.raw
    return found


def allow(*roles: Role | StaffRole) -> Any:
    """A guard: only these roles of the business or of the bank may call."""

    # Asynchronous because a plain function would be carried to a thread at each request.
    async def guard(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
        actor, _role = door_of(connection)
        if actor.business_id is None and actor.kind == "person":
            raise work.NoBusinessChosen()
        if actor.role not in roles:
            raise WrongRole(allowed=list(roles))

    guard.roles = roles  # type: ignore[attr-defined]
    return guard


def progress_stream(
    request: Request[Any, Any, Any], stream_id: UUID, *, business_id: UUID | None = None
) -> Stream:
    """Server-Sent Events of a stream of the caller's firm, from `Last-Event-ID` on.

    The caller has checked that the object exists for this actor. A portal acts in no firm of its
    own: `business_id` is then the firm of the object it may see.
    """
    after = progress.parse_last_event_id(request.headers.get("last-event-id"))
    watch = services(request.app.state).watch
    actor, _door = door_of(request)
    firm = business_id or actor.business_id
    if firm is None:
        raise work.NoBusinessChosen()
    leave = watch.enter(actor.principal, firm, stream_id)

    async def read(seen: int) -> list[progress.Step]:
        async with begin(request) as current:
            if business_id is not None:
                await current.set_business(business_id)
            return await current.all(
                progress.Step, progress.sql.steps_after, stream_id=stream_id, after=seen
            )

    async def wait(seen: int, seconds: float) -> bool:
        return await watch.wait((firm, stream_id), seen, seconds)

    async def steps() -> AsyncIterator[bytes]:
        try:
            async for said in progress.follow(read, after=after, wait=wait):
                yield said
        finally:
            leave()

    followed = steps()
    # Whoever went away before the first word never runs into the `finally`.
    weakref.finalize(followed, leave)
    return Stream(
        followed,
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )
