"""What an attack by SQL is made of: who tries what, and the walls it meets in order."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

import asyncpg

A, B = UUID(int=0xA), UUID(int=0xB)
MAKER, CHECKER = UUID(int=0xC), UUID(int=0xD)
# A refusal without an error: no row seen, no row touched, or a refusal as the function's answer.
NOTHING = "nothing"

Drop = str | Callable[[asyncpg.Connection], Awaitable[None]]


@dataclass(frozen=True)
class Attack:
    name: str
    role: str
    sql: str
    walls: tuple[tuple[str, Drop], ...]
    business: UUID | None = A
    person: UUID | None = MAKER


def grant(privilege: str, table: str, role: str) -> tuple[str, Drop]:
    return "42501", f"grant {privilege} on {table} to {role}"


def policy(table: str, role: str, state: str = NOTHING) -> tuple[str, Drop]:
    return state, f"create policy hole on {table} to {role} using (true) with check (true)"


def trigger(table: str, name: str, state: str) -> tuple[str, Drop]:
    return state, f"alter table {table} disable trigger {name}"


def constraint(table: str, name: str, state: str = "23514") -> tuple[str, Drop]:
    return state, f"alter table {table} drop constraint {name}"


def without(function: str, text: str, instead: str, state: str) -> tuple[str, Drop]:
    """The wall is a line of a definer function: rewrite the function without it."""

    async def drop(connection: asyncpg.Connection) -> None:
        found = await connection.fetchval(
            "select pg_get_functiondef(oid) from pg_proc where oid = to_regproc($1)", function
        )
        assert text in found, f"{function} has no such wall"
        await connection.execute(found.replace(text, instead))

    return state, drop


def post(
    *,
    business: str = "'{A}'",
    key: str = "'attack'",
    legs: str,
    amounts: str,
    clearing: int = 0,
    transfer: str = "null",
    currency: str = "CNY",
) -> str:
    """A call of the ledger's door that answers whether it was not refused."""
    return f"""
    select 1 from ledger.post(timestamptz '2025-09-01 02:00+00', array[gen_random_uuid()],
      array[{business}]::uuid[], array[{transfer}]::uuid[],
      array['payment'], array[{key}], array['{currency}'],
      array[{clearing}]::bigint[], array[''], array[null]::date[],
      array_fill(1, array[{amounts.count(",") + 1}]),
      array[{legs}]::uuid[], array[{amounts}]::bigint[], array[]::text[], array[]::uuid[],
      array[]::uuid[], array[]::bigint[], array[]::timestamptz[], array[]::text[])
    where refusal is null"""
