"""`python -m app verify`: every `verify.sql`, the audit chain and stuck jobs; a line a finding."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import msgspec

from app import database
from app.audit import verifier
from app.queries import parse
from app.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("app", "accounts", "onboarding", "invoicing", "bookkeeping", "lending", "workers")
SHOWN = 20

STUCK = """
select job, state, count(*) n, max(last_error) reason from core.jobs
where state = 'parked'
   or (state = 'running' and leased_until < clock_timestamp() - interval '5 min')
   or (state = 'due' and attempts >= 8 and created_at < clock_timestamp() - interval '1 day')
group by job, state order by job
"""


def files() -> list[Path]:
    """Every verify.sql of the tree."""
    return sorted(path for name in PACKAGES for path in (ROOT / name).rglob("verify.sql"))


async def findings(connection: asyncpg.Connection) -> AsyncIterator[str]:
    """One line per finding; nothing at all when everything is right."""
    for path in files():
        for query in parse(path).values():
            rows = await connection.fetch(query.text)
            for row in rows[:SHOWN]:
                facts = msgspec.json.encode(dict(row), enc_hook=str).decode()
                yield f"{query.name}: {facts}"
            if len(rows) > SHOWN:
                yield f"{query.name}: and {len(rows) - SHOWN} more"
    for row in await connection.fetch(STUCK):
        yield f"job_{row['state']}: {row['job']} ×{row['n']}: {row['reason']}"
    async for line in verifier.findings(connection):
        yield line


async def check(settings: Settings) -> list[str]:
    """All findings of a database, read as the verifying role."""
    connection = await database.connect(settings, "verify")
    try:
        return [line async for line in findings(connection)]
    finally:
        await connection.close()


def main(settings: Settings) -> int:
    """Print the findings; 1 if there are any."""
    found = asyncio.run(check(settings))
    for line in found:
        print(line)
    print(f"verify: {len(found)} findings in {len(files())} files", file=sys.stderr)
    return 1 if found else 0
