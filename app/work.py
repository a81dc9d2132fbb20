"""Work: one request or one job step = one transaction, one actor, one business moment."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

import asyncpg
import msgspec

from app import clock, crash, outbox, servers
from app.actor import Actor
from app.audit import append
from app.database import Connection
from app.errors import Forbidden, Overloaded
from app.events import Event
from app.progress import sql as progress_sql
from app.queries import Query
from app.settings import Settings
from app.vault import Vault

if TYPE_CHECKING:
    from app.once import Call

T = TypeVar("T")

COLUMN_TYPES = (int, str, bool, bytes, float, UUID, date, datetime)
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    # A server that crashes says so in the middle of anything; the driver then loses its place.
    asyncpg.InternalClientError,
    OSError,
    asyncio.TimeoutError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    # It was the primary when we connected, and is none any more.
    asyncpg.ReadOnlySQLTransactionError,
)


class NoBusinessChosen(Forbidden):
    """Say which business you act for in the header X-Business-Id."""

    zh = "请在 X-Business-Id 中指明要操作的企业"


class Busy(Overloaded):
    """Too many requests at this moment; come back shortly."""

    zh = "系统繁忙，请稍后重试"


class CommitUnknown(Overloaded):
    """Whether it happened is not known yet; repeat with the same key to learn it."""

    zh = "结果未知，请用同一幂等键重试以获知结果"


class NothingCommitted(Exception):
    """An error of the database was swallowed inside the transaction: all of it is undone."""


class Work:
    """What an operation touches the world with; everything it does commits or vanishes together.

    A query may use `:business_id`, `:person_id`, `:principal`, `:now` and `:today` without being
    given them: they are the actor's and the moment's own.
    """

    __slots__ = (
        "_business_id",
        "actor",
        "call",
        "connection",
        "emitted",
        "now",
        "settings",
        "vault",
    )

    def __init__(
        self,
        connection: Connection,
        *,
        actor: Actor,
        now: datetime,
        settings: Settings,
        vault: Vault,
    ) -> None:
        self.connection = connection
        self.actor = actor
        self.now = now
        self.settings = settings
        self.vault = vault
        self.emitted = False
        # The request behind this work, for `@once`; None in jobs.
        self.call: Call | None = None
        self._business_id = actor.business_id

    @property
    def today(self) -> date:
        """The business date of this moment (Asia/Shanghai)."""
        return clock.business_date(self.now)

    @property
    def business_id(self) -> UUID:
        """The firm that is acted for; NoBusinessChosen if the caller named none."""
        if self._business_id is None:
            raise NoBusinessChosen()
        return self._business_id

    @property
    def tenant(self) -> UUID | None:
        """The firm that is acted for, or None where there is none (sign-in, call-backs)."""
        return self._business_id

    def _arguments(self, query: Query, given: dict[str, Any]) -> list[Any]:
        unknown = given.keys() - set(query.parameters)
        assert not unknown, f"{query.name} has no parameter {unknown}"
        return [given[n] if n in given else self._implicit(query, n) for n in query.parameters]

    def _implicit(self, query: Query, name: str) -> Any:
        match name:
            case "business_id":
                return self.business_id
            case "now":
                return self.now
            case "today":
                return self.today
            case "person_id":
                return self.actor.person_id
            case "principal":
                return self.actor.principal
        raise AssertionError(f"{query.name} needs {name}")

    async def one(self, shape: type[T], query: Query, **params: Any) -> T:
        """Exactly one row as `shape` (a Struct), or its only column as a plain type."""
        row = await self.connection.fetchrow(query.text, *self._arguments(query, params))
        assert row is not None, f"{query.name} found no row"
        return convert(row, shape)

    async def maybe(self, shape: type[T], query: Query, **params: Any) -> T | None:
        """One row as `shape`, or None."""
        row = await self.connection.fetchrow(query.text, *self._arguments(query, params))
        return None if row is None else convert(row, shape)

    async def all(self, shape: type[T], query: Query, **params: Any) -> list[T]:
        """Every row as `shape`."""
        rows = await self.connection.fetch(query.text, *self._arguments(query, params))
        return [convert(row, shape) for row in rows]

    async def run(self, query: Query, **params: Any) -> int:
        """Execute; how many rows it touched."""
        status = await self.connection.execute(query.text, *self._arguments(query, params))
        count = status.rpartition(" ")[2]
        return int(count) if count.isdigit() else 0

    async def emit(self, event: Event) -> None:
        """Write an event to the outbox; its reactions start after the commit."""
        await outbox.write(self, event)
        self.emitted = True

    async def record(self, action: str, *, object_id: UUID | None = None, **facts: object) -> None:
        """Append an audit row; facts carry ids and codes, never personal data."""
        await append.write(self, action, object_id=object_id, facts=facts)

    async def progress(self, stream_id: UUID, event: str, **facts: object) -> None:
        """Append a step to a live stream (Server-Sent Events read it by its sequence number)."""
        await self.run(progress_sql.append_step, stream_id=stream_id, event=event, facts=facts)

    async def set_business(self, business_id: UUID) -> None:
        """From here on act in this firm: for work that learns its tenant on the way."""
        await self.connection.execute(f"set local app.business = '{UUID(str(business_id))}'")
        self._business_id = business_id

    async def set_person(self, person_id: UUID) -> None:
        """From here on act as this person: sign-in, once the phone has told who it is."""
        await self.connection.execute(f"set local app.person = '{UUID(str(person_id))}'")
        self.actor = msgspec.structs.replace(self.actor, kind="person", person_id=person_id)

    async def vouch(self) -> None:
        """What this transaction tells is told only when the standby has it too.

        A transaction that writes nothing waits for nobody at its end, and might acknowledge what
        another one has committed here alone: one record in the log makes it wait in its turn.
        """
        if self.settings.standby_required:
            await self.connection.execute("select pg_logical_emit_message(true, 'vouch', '')")

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Undo only what happens inside if it fails.

        In plain SQL: asyncpg's own transactions refuse to nest in one that was begun by hand.
        """
        await self.connection.execute("savepoint inside")
        try:
            yield
        except BaseException:
            if not self.connection.is_closed():
                # Released too: left standing, it would be what an outer one rolls back to.
                await self.connection.execute(
                    "rollback to savepoint inside; release savepoint inside"
                )
            raise
        await self.connection.execute("release savepoint inside")


def convert(row: asyncpg.Record, shape: type[T]) -> T:
    """A row checked into its shape: every column named, every type right."""
    if shape in COLUMN_TYPES:
        value = row[0]
        assert isinstance(value, shape), f"{type(value).__name__} is no {shape.__name__}"
        return value
    return msgspec.convert(dict(row), shape)


def _begin(actor: Actor) -> str:
    """The transaction and who acts in it, in one round trip. All values are UUIDs by type."""
    parts = ["begin"]
    for name, value in (
        ("business", actor.business_id),
        ("person", actor.person_id),
        ("client", actor.client_id),
        ("staff", actor.staff_id),
    ):
        if value is not None:
            parts.append(f"set local app.{name} = '{UUID(str(value))}'")
    return "; ".join(parts)


@asynccontextmanager
async def begin(
    pool: asyncpg.Pool,
    actor: Actor,
    *,
    settings: Settings,
    vault: Vault,
    ring: Callable[[], None],
) -> AsyncIterator[Work]:
    """A Work that commits at the end; `ring` wakes the workers if it emitted anything.

    Raises Busy when no connection is free in time, CommitUnknown when the connection is lost
    at the commit: then the caller asks again with the same key.
    """
    try:
        connection = await pool.acquire(timeout=settings.pool_wait_seconds)
    except (*LOST, asyncpg.PostgresError) as error:
        raise Busy(retry_after=1) from error
    begun = False
    try:
        await connection.execute(_begin(actor))
        begun = True
        now = clock.now()
        if settings.development:
            now += await connection.fetchval("select ahead from core.clock") or timedelta()
        work = Work(connection, actor=actor, now=now, settings=settings, vault=vault)
        yield work
        await _commit(connection, settings.commit_seconds)
    except BaseException as error:
        # Interrupted while it began, nobody knows yet whether it is inside a transaction.
        await _undo(connection, lost=not begun or isinstance(error, LOST))
        if isinstance(error, LOST):
            raise Busy(retry_after=1) from error
        raise
    finally:
        await pool.release(connection)
    if work.emitted:
        crash.point(settings, f"committed.{actor.kind}")
        ring()


async def _commit(connection: Connection, seconds: float) -> None:
    try:
        with servers.warnings_of(connection) as warnings:
            status = await connection.execute("commit", timeout=seconds)
    except LOST as error:
        raise CommitUnknown(retry_after=1) from error
    if warnings:
        # Somebody ended the wait for the standby: committed here, perhaps nowhere else.
        raise CommitUnknown(retry_after=1)
    if status != "COMMIT":
        # PostgreSQL answers COMMIT in a failed transaction with ROLLBACK, and no error.
        raise NothingCommitted(status)


async def _undo(connection: Connection, *, lost: bool) -> None:
    """Roll back, or drop the connection: it never returns to the pool inside a transaction."""
    try:
        if not lost:
            if not connection.is_closed() and connection.is_in_transaction():
                rollback = asyncio.ensure_future(connection.execute("rollback", timeout=2))
                # Whoever left in the middle of a stream does not wait for how this ends.
                rollback.add_done_callback(lambda done: done.cancelled() or done.exception())
                await asyncio.shield(rollback)
            return
    except (*LOST, asyncpg.PostgresError, asyncio.CancelledError):
        pass
    # One that died in our hands has left the pool already: then there is nothing to end.
    with suppress(asyncpg.InterfaceError):
        connection.terminate()
