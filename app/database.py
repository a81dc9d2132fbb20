"""PostgreSQL: roles, migrations, and one bounded pool per role."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeAlias
from urllib.parse import parse_qs, quote, urlencode, urlsplit, urlunsplit

import asyncpg
import msgspec

from app import clock, servers
from app.settings import Settings

RoleName = Literal["app", "portal", "desk", "worker", "nightly", "verify", "lane", "migrator"]
LOGIN_ROLES: tuple[RoleName, ...] = (
    "app",
    "portal",
    "desk",
    "worker",
    "nightly",
    "verify",
    "lane",
    "migrator",
)
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 7_301_001

# Applied at login: no statement waits or runs for ever.
SESSION = {
    "statement_timeout": "15s",
    "lock_timeout": "5s",
    "idle_in_transaction_session_timeout": "30s",
    "timezone": "UTC",
    "jit": "off",
}

Pool = asyncpg.Pool
# Borrowed from a pool or one's own: the same to whoever uses it.
Connection: TypeAlias = (
    "asyncpg.Connection[asyncpg.Record] | asyncpg.pool.PoolConnectionProxy[asyncpg.Record]"
)


def role_password(settings: Settings, role: str) -> str:
    """Each role's password, derived from the master key: nothing more to store or rotate."""
    return hmac.digest(settings.master_key.encode(), f"db:{role}".encode(), hashlib.sha256).hex()


async def _codecs(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb",
        encoder=lambda value: b"\x01" + msgspec.json.encode(value),
        decoder=lambda raw: msgspec.json.decode(raw[1:]),
        schema="pg_catalog",
        format="binary",
    )
    await connection.set_type_codec(
        "timestamptz",
        encoder=_encode_moment,
        decoder=_decode_moment,
        schema="pg_catalog",
        format="tuple",
    )


_EPOCH_2000 = datetime.fromisoformat("2000-01-01T00:00:00+00:00")


def _encode_moment(moment: datetime) -> tuple[int]:
    # asyncpg would read a naive datetime as local time in silence.
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    delta = moment - _EPOCH_2000
    return ((delta.days * 86400 + delta.seconds) * 1_000_000 + delta.microseconds,)


def _decode_moment(value: tuple[int]) -> datetime:
    return _EPOCH_2000 + timedelta(microseconds=value[0])


async def _no_reset(connection: asyncpg.Connection) -> None:
    """Every transaction uses SET LOCAL only, so a returned connection needs no round trip."""


async def connect(
    settings: Settings, role: RoleName | None = None, database: str | None = None
) -> asyncpg.Connection:
    """One connection as a role, or as the administrator of DATABASE_URL."""
    as_role: dict[str, Any] = {}
    if role:
        as_role = {"user": role, "password": role_password(settings, role)}
    if database:
        as_role["database"] = database
    connection = await servers.of(settings).connect(
        server_settings=SESSION, command_timeout=30, **as_role
    )
    await _codecs(connection)
    return connection


async def create_pool(settings: Settings, role: RoleName, size: int | None = None) -> Pool:
    """The bounded pool of one role; waiting for a connection is limited where it is taken."""
    # Typed by asyncpg as a call of its own; it takes what that takes.
    connect: Any = servers.of(settings).connect
    return await asyncpg.create_pool(
        connect=connect,
        user=role,
        password=role_password(settings, role),
        min_size=1,
        max_size=size or settings.pool_size,
        command_timeout=30,
        server_settings=SESSION,
        init=_codecs,
        reset=_no_reset,
    )


async def watch(settings: Settings, role: RoleName) -> None:
    """For ever: leave a server that no longer leads. Does nothing where there is only one."""
    await servers.of(settings).watch(
        user=role, password=role_password(settings, role), server_settings=SESSION
    )


ROLES_SQL = """
do $$
declare r text;
begin
  foreach r in array array['owner', 'ledger_owner'] loop
    if not exists (select from pg_roles where rolname = r) then
      execute format('create role %I nologin', r);
    end if;
  end loop;
  foreach r in array array['app','portal','desk','worker','nightly','verify','lane','migrator'] loop
    if not exists (select from pg_roles where rolname = r) then
      execute format('create role %I login', r);
    end if;
  end loop;
end $$;
grant owner, ledger_owner to migrator;
alter role migrator set role = 'owner';
"""


NO_CANCELLING = (
    "revoke execute on function pg_cancel_backend(int), pg_terminate_backend(int, bigint)"
    " from public"
)


async def make_roles(settings: Settings) -> None:
    """The cluster's roles with their derived passwords; safe to repeat, under one lock."""
    admin = await connect(settings)
    try:
        await admin.fetchval("select pg_advisory_lock($1)", MIGRATION_LOCK)
        await admin.execute(ROLES_SQL)
        for role in LOGIN_ROLES:
            # A role's password cannot be a parameter; this one is hexadecimal by construction.
            await admin.execute(f"alter role {role} password '{role_password(settings, role)}'")
        database = await admin.fetchval("select current_database()")
        await admin.execute(f'grant create on database "{database}" to owner, ledger_owner')
        await admin.execute(
            f"revoke all on schema public from public; grant all on schema public to owner;"
            f' grant connect on database "{database}" to {", ".join(LOGIN_ROLES)}'
        )
        # A cancelled wait for the standby says yes to a commit that only this server has.
        await admin.execute(NO_CANCELLING)
        await admin.execute("create extension if not exists btree_gist")
        await admin.execute("create extension if not exists pg_trgm")
    finally:
        await admin.close()


def _dbmate_url(address: str, password: str) -> str:
    """A server's address as the migrator in the form that dbmate reads, socket folders included."""
    parts = urlsplit(address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host = parts.hostname or ""
    if folder := query.pop("host", ""):
        query["socket"], host = folder, ""
    else:
        host += f":{parts.port}" if parts.port else ""
    query.setdefault("sslmode", "disable" if "socket" in query else "prefer")
    net = f"migrator:{quote(password)}@{host}"
    return urlunsplit(("postgres", net, parts.path, urlencode(query), ""))


async def migrate(settings: Settings) -> None:
    """Bring the database to this version: roles, then the files of `app/migrations` in order.

    dbmate takes no lock of its own, so one is held around it.
    """
    await make_roles(settings)
    lock = await connect(settings)
    try:
        await lock.execute("set statement_timeout = 0; set lock_timeout = 0")
        await lock.fetchval("select pg_advisory_lock($1)", MIGRATION_LOCK)
        address = await servers.of(settings).leader()
        url = _dbmate_url(address, role_password(settings, "migrator"))
        done = await asyncio.to_thread(_run_dbmate, url)
        if done.returncode != 0:
            raise RuntimeError(f"migration failed:\n{done.stdout}{done.stderr}")
    finally:
        await lock.close()


def _run_dbmate(url: str) -> subprocess.CompletedProcess[str]:
    command = [
        _dbmate(),
        "--url",
        url,
        "--migrations-dir",
        str(MIGRATIONS),
        "--no-dump-schema",
        "--migrations-table",
        "core_migrations",
        "up",
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _dbmate() -> str:
    return os.fspath(Path(sys.executable).with_name("dbmate"))


async def prepare(settings: Settings) -> None:
    """Migrate, load the reference data, make the ledger's months; safe to repeat.

    An empty development database begins on `start_on`: business time is set there once.
    """
    from app.reference.load import load_all

    await migrate(settings)
    connection = await connect(settings, "migrator")
    try:
        await load_all(connection)
        if settings.development:
            await connection.execute(BEGIN_ON, clock.start_of_day(settings.start_on))
        await connection.fetchval(
            "select ledger.make_months(((clock_timestamp() + ahead) at time zone"
            " 'Asia/Shanghai')::date) from core.clock"
        )
    finally:
        await connection.close()


# Nine in the morning of the first business date, only while nothing has happened yet.
BEGIN_ON = """
update core.clock set ahead = $1::timestamptz + interval '9 hours' - clock_timestamp()
where ahead = '0' and not exists (select from core.outbox)
"""
