"""The servers of DATABASE_URL: which one takes the writes now, and what it must promise first."""

from __future__ import annotations

import asyncio
import functools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import asyncpg
import msgspec
import structlog

from app.settings import Settings

# How long a server may take to answer before it counts as away; how often we look who leads.
ANSWER_SECONDS, LOOK_SECONDS = 1.0, 1.0
# What COMMIT may say and mean it; `local` and `remote_write` say yes before the standby has it.
WAITS = ("on", "remote_apply")

log = structlog.get_logger("servers")

# A promoted server begins a new timeline: of two that take writes the higher one leads.
STANDING = """
select current_setting('synchronous_commit') as waits,
       current_setting('synchronous_standby_names') <> '' as has_standby,
       case when pg_is_in_recovery() then 0
            else ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
       end as timeline
"""


# How the driver says that a server went away, also in the middle of a word.
AWAY = (asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class CarelessServer(asyncpg.InterfaceError):
    """The server would say yes to a commit before it is safe: nothing is written through it."""


class NoPrimary(asyncpg.InterfaceError):
    """No server of DATABASE_URL takes writes at this moment."""


class Standing(msgspec.Struct, frozen=True):
    """What a server says about itself; timeline 0 is a standby."""

    waits: str
    has_standby: bool
    timeline: int


class Servers:
    """One database on one server or on several, of which one leads."""

    def __init__(self, url: str, *, standby_required: bool) -> None:
        self.urls = each(url)
        self.standby_required = standby_required
        # The highest timeline that led: an old leader that comes back is not believed.
        self.timeline = 0
        self._open: weakref.WeakKeyDictionary[Any, str] = weakref.WeakKeyDictionary()

    async def connect(self, _url: str = "", **how: Any) -> asyncpg.Connection:
        """A connection to the server that leads; NoPrimary, CarelessServer.

        With several all are asked at once: a frozen one costs a second, not a time-out.
        """
        if len(self.urls) == 1:
            connection = await asyncpg.connect(self.urls[0], **how)
            self._open[connection] = self.urls[0]
            return await self._believed(connection, await standing(connection))
        found = await self._ask_all(how)
        for _, connection, _ in found[:-1]:
            connection.terminate()
        if not found:
            raise NoPrimary("no server answers")
        seen, connection, url = found[-1]
        self._open[connection] = url
        if seen.timeline == 0 or seen.timeline < self.timeline:
            connection.terminate()
            raise NoPrimary(f"timeline {seen.timeline}, after {self.timeline}")
        self.timeline = seen.timeline
        return await self._believed(connection, seen)

    async def _ask_all(self, how: dict[str, Any]) -> list[tuple[Standing, Any, str]]:
        """A connection to every server that answers in time, the leader last."""
        asked = {asyncio.create_task(_ask(url, how)): url for url in self.urls}
        try:
            await asyncio.wait(asked, timeout=ANSWER_SECONDS)
        finally:
            for task in asked:
                if not task.done():
                    task.cancel()
                    task.add_done_callback(_let_go)
        found = [
            (task.result()[1], task.result()[0], url)
            for task, url in asked.items()
            if task.done() and not task.cancelled() and task.exception() is None
        ]
        return sorted(found, key=lambda one: one[0].timeline)

    async def _believed(self, connection: asyncpg.Connection, seen: Standing) -> asyncpg.Connection:
        careless = seen.waits not in WAITS
        if careless or (self.standby_required and not seen.has_standby):
            connection.terminate()
            lack = f"synchronous_commit is {seen.waits}" if careless else "it waits for no standby"
            raise CarelessServer(lack)
        return connection

    async def leader(self, **how: Any) -> str:
        """The address of the server that leads."""
        connection = await self.connect(**how)
        url = self._open[connection]
        connection.terminate()
        return url

    async def watch(self, **how: Any) -> None:
        """For ever: when another server leads, let go of every connection to the old one.

        A frozen server keeps its connections open and answers nothing; whoever waits for it is
        told that the outcome is not known, and asks again.
        """
        while len(self.urls) > 1:
            await asyncio.sleep(LOOK_SECONDS)
            try:
                leads = await self.leader(**how)
            except (*AWAY, asyncpg.PostgresError):
                continue
            left = [one for one, url in list(self._open.items()) if url != leads]
            for connection in left:
                if not connection.is_closed():
                    connection.terminate()
                del self._open[connection]
            if left:
                log.warning("another server leads", connections_let_go=len(left))
        await asyncio.Event().wait()


async def standing(connection: asyncpg.Connection) -> Standing:
    """What the server says about itself."""
    [row] = await connection.fetch(STANDING)
    return msgspec.convert(dict(row), Standing)


async def _ask(url: str, how: dict[str, Any]) -> tuple[asyncpg.Connection, Standing]:
    connection = await asyncpg.connect(url, **how)
    try:
        return connection, await standing(connection)
    except BaseException:
        connection.terminate()
        raise


def _let_go(task: asyncio.Task[tuple[asyncpg.Connection, Standing]]) -> None:
    """A connection that came after all is not left open."""
    if not task.cancelled() and task.exception() is None:
        task.result()[0].terminate()


@functools.lru_cache(maxsize=64)
def _servers(url: str, standby_required: bool) -> Servers:
    return Servers(url, standby_required=standby_required)


def of(settings: Settings) -> Servers:
    """The servers of these settings; one memory of them per process."""
    return _servers(settings.database_url, settings.standby_required)


def each(url: str) -> list[str]:
    """A URL per server of one that names several, as libpq writes them: `h1:5432,h2` before the
    path, or `?host=/a,/b` for socket folders."""
    parts = urlsplit(url)
    query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    query.pop("target_session_attrs", None)
    user, at, hosts = parts.netloc.rpartition("@")
    if "host" in query:
        folders, ports = query.pop("host").split(","), query.pop("port", "").split(",")
        ports = ports * len(folders) if len(ports) == 1 else ports
        asked = [
            query | {"host": folder} | ({"port": port} if port else {})
            for folder, port in zip(folders, ports, strict=True)
        ]
        return [_with(parts, parts.netloc, one) for one in asked]
    return [_with(parts, f"{user}{at}{host}", query) for host in hosts.split(",")]


def _with(parts: Any, netloc: str, query: dict[str, str]) -> str:
    return urlunsplit((parts.scheme, netloc, parts.path, urlencode(query, safe="/"), ""))


@contextmanager
def warnings_of(connection: Any) -> Iterator[list[str]]:
    """What the server warns of meanwhile. A COMMIT whose wait for the standby was cancelled ends
    with success and only a warning: it is then not known whether the standby has it."""
    heard: list[str] = []

    def hear(_: object, message: asyncpg.PostgresLogMessage) -> None:
        if message.severity_en == "WARNING":
            heard.append(str(message))

    connection.add_log_listener(hear)
    try:
        yield heard
    finally:
        with suppress(asyncpg.InterfaceError):
            connection.remove_log_listener(hear)
