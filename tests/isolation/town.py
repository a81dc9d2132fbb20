"""A lived-in town of a test module's own: one database, one city, every call built once."""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncIterator
from typing import Any

import asyncpg

from app import database
from app.settings import Settings
from tests.city import open_city
from tests.conftest import TEMPLATE, settings_for
from tests.isolation import (
    calls_accounts,
    calls_batches,
    calls_books,
    calls_clearing,
    calls_mandates,
    calls_money,
    calls_onboarding,
    calls_openings,
    calls_people,
    calls_portal,
    calls_registrations,
    calls_reviews,
    calls_secured,
    calls_statements,
    calls_watch,
)
from tests.isolation.calls import CALLS
from tests.isolation.lived import Town, settle

TABLES_OF_FIRMS = """
select format('%I.%I', n.nspname, c.relname) from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'business_id' and not a.attisdropped
 where c.relkind in ('r', 'p') and not c.relispartition
   and n.nspname not in ('pg_catalog', 'information_schema')
 order by 1
"""
KNOWN = (
    calls_accounts,
    calls_batches,
    calls_books,
    calls_clearing,
    calls_mandates,
    calls_money,
    calls_onboarding,
    calls_openings,
    calls_people,
    calls_portal,
    calls_registrations,
    calls_reviews,
    calls_secured,
    calls_statements,
    calls_watch,
)


@contextlib.asynccontextmanager
async def open_town(servers: Any, port: int, sandbox: str) -> AsyncIterator[Town]:
    """The town and everything it stands on, gone at the end."""
    assert CALLS and KNOWN
    name = f"town{os.getpid()}_{os.urandom(4).hex()}"
    admin = await asyncpg.connect(servers.postgres.address("postgres"))
    await admin.execute(f"create database {name} template {TEMPLATE} strategy wal_log")
    settings: Settings = settings_for(servers, name, port)
    try:
        async with open_city(settings, sandbox) as city:
            pool = await database.create_pool(settings, "desk", size=1)
            try:
                town = await settle(city)
                town.desk_pool = pool
                yield town
            finally:
                await pool.close()
    finally:
        await admin.execute(f"drop database {name} with (force)")
        await admin.close()


async def rows_of(connection: asyncpg.Connection, business_id: str) -> dict[str, str]:
    """A fingerprint of everything that a firm owns, table by table."""
    tables = [row[0] for row in await connection.fetch(TABLES_OF_FIRMS)]
    statement = " union all ".join(
        f"select '{table}', count(*) || ' ' || coalesce(md5(string_agg(t::text, '|'"
        f" order by t::text)), '') from {table} t where business_id::text = '{business_id}'"
        for table in tables
    )
    return dict(await connection.fetch(statement))
