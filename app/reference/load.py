"""Loads the data files into their tables; the files are the truth, a repeat is harmless."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import msgspec

from app.reference import tables

DEADLINES_SOURCE = "税总办征科函〔2025〕64号"


class FileValue(msgspec.Struct, frozen=True, kw_only=True, rename={"from_on": "from"}):
    """One row of `statutory_values.json`."""

    kind: str
    region: str
    from_on: date
    until: date | None
    value: msgspec.Raw
    source: str
    confidence: str


def statutory_values() -> list[FileValue]:
    """All statutory rows of the package, in file order."""
    return msgspec.json.decode(tables.text("statutory_values.json"), type=list[FileValue])


async def load_all(conn: asyncpg.Connection[Any]) -> None:
    """Bring the reference tables to the state of the files, in one transaction."""
    async with conn.transaction():
        await _load_values(conn)
        await _load_days(conn)
        await _load_deadlines(conn)


async def _load_values(conn: asyncpg.Connection[Any]) -> None:
    rows = statutory_values()
    await conn.execute("delete from reference.statutory_values")
    await conn.execute(
        "insert into reference.statutory_values (kind, region, valid, value, source, confidence)"
        " select kind, region, daterange(from_on, until_on), value::jsonb, source, confidence"
        " from unnest($1::text[], $2::text[], $3::date[], $4::date[], $5::text[], $6::text[],"
        " $7::text[]) as f (kind, region, from_on, until_on, value, source, confidence)",
        [r.kind for r in rows],
        [r.region for r in rows],
        [r.from_on for r in rows],
        [r.until for r in rows],
        [bytes(r.value).decode() for r in rows],
        [r.source for r in rows],
        [r.confidence for r in rows],
    )


async def _load_days(conn: asyncpg.Connection[Any]) -> None:
    rows = tables.rows("holidays_2022_2026.csv")
    await conn.execute(
        "insert into reference.special_days (day, kind, festival)"
        " select * from unnest($1::date[], $2::text[], $3::text[])"
        " on conflict (day) do update set kind = excluded.kind, festival = excluded.festival",
        [date.fromisoformat(r["date"]) for r in rows],
        [r["kind"] for r in rows],
        [r["festival"] for r in rows],
    )


async def _load_deadlines(conn: asyncpg.Connection[Any]) -> None:
    days = [date.fromisoformat(r["deadline"]) for r in tables.rows("filing_deadlines_2026.csv")]
    await conn.execute(
        "insert into reference.filing_deadlines (month_on, due_on, source)"
        " select date_trunc('month', d)::date, d, $2 from unnest($1::date[]) as d"
        " on conflict (month_on) do update set due_on = excluded.due_on, source = excluded.source",
        days,
        DEADLINES_SOURCE,
    )
