"""A month of the ledger is closed, taken out, kept as a file, put back, and everything agrees."""

from __future__ import annotations

import hashlib
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import asyncpg
import msgspec
import pytest

from app import embedded
from app.queries import Query, parse
from app.settings import Settings
from tests.city import City
from tests.firms import Firm, open_firm, set_rule

ROOT = Path(__file__).resolve().parents[2]
TABLES = ("postings", "entries")
SEPTEMBER, OCTOBER = "202509", "202510"


@pytest.fixture
async def firms(city: City) -> tuple[Firm, Firm]:
    """Two firms that have paid each other in September and in October."""
    firm = await open_firm(city, fen=1_000_000)
    payee = await open_firm(city, name="杭州示例餐饮有限公司")
    await set_rule(firm.owner, None, None)
    await pay(firm, payee, 1_000)
    await city.move_clock(datetime(2025, 10, 8, 2, tzinfo=UTC))
    for person in (firm.owner, payee.owner):
        person.token = (await city.sign_in(person.phone)).token
    await pay(firm, payee, 2_000)
    await city.idle()
    return firm, payee


async def pay(firm: Firm, payee: Firm, amount_fen: int) -> None:
    answer = await firm.owner.post("/v1/payments", firm.order_to(payee, amount_fen))
    assert answer.status_code == 201, answer.text


def tool(settings: Settings, name: str, *words: str) -> bytes:
    done = subprocess.run(
        [str(embedded.postgres_binary(name)), *words, "-d", settings.database_url],
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


async def test_a_month_goes_to_a_file_and_comes_back(
    city: City, firms: tuple[Firm, Firm], settings: Settings, db: asyncpg.Connection, tmp_path: Path
):
    firm, payee = firms
    closed = await db.fetchval("select sealed_until from ledger.closing")
    assert closed >= date(2025, 9, 30), "the month is closed before it leaves"
    sealed = await db.fetchval(
        "select sum(firm_in_fen) from ledger.day_closes where closed_on < '2025-10-01'"
    )
    before = (await firm.account())["balance_fen"]

    for table in TABLES:
        await db.execute(f"alter table ledger.{table} detach partition ledger.{table}_{SEPTEMBER}")
    archive = tmp_path / "september.sql"
    names = [word for t in TABLES for word in ("-t", f"ledger.{t}_{SEPTEMBER}")]
    archive.write_bytes(tool(settings, "pg_dump", *names))
    mark = hashlib.sha256(archive.read_bytes()).hexdigest()
    for table in TABLES:
        await db.execute(f"drop table ledger.{table}_{SEPTEMBER}")

    # Meanwhile: balances stand, money moves, a range without the month is whole.
    assert (await firm.account())["balance_fen"] == before
    await pay(firm, payee, 3_000)
    lines = await firm.owner.get(
        f"/v1/accounts/{firm.account_id}/postings", **{"from": "2025-10-01", "until": "2025-11-01"}
    )
    assert [line["amount_fen"] for line in lines.json()["items"]] == [-2_000, -3_000]
    # The archive cannot be forgotten: whoever sums up again misses the month.
    missed = "\n".join(await city.findings())
    assert "day_close_differs_from_the_postings" in missed
    assert sealed == await db.fetchval(
        "select sum(firm_in_fen) from ledger.day_closes where closed_on < '2025-10-01'"
    )

    assert hashlib.sha256(archive.read_bytes()).hexdigest() == mark
    tool(settings, "psql", "-q", "-X", "-v", "ON_ERROR_STOP=1", "-f", str(archive))
    for table in TABLES:
        bounds = "from ('2025-09-01') to ('2025-10-01')"
        await db.execute(
            f"alter table ledger.{table} attach partition ledger.{table}_{SEPTEMBER}"
            f" for values {bounds}"
        )
    await city.idle()
    assert await city.findings() == []
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute(f"truncate ledger.entries_{SEPTEMBER}")
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute("delete from ledger.postings where booked_on < '2025-10-01'")


def months(plan: Any) -> set[str]:
    """The months whose partitions a plan has read."""
    found = set()
    name = plan.get("Relation Name", "")
    if plan["Actual Loops"] and name.startswith(("postings_", "entries_")):
        found.add(name.rpartition("_")[2])
    for part in plan.get("Plans", ()):
        found |= months(part)
    return found


def reads_the_ledger(query: Query) -> bool:
    return any(f"ledger.{table}" in query.text for table in TABLES)


def hot() -> list[tuple[str, Query]]:
    """Every query of the accounts that reads entries or postings."""
    return [
        (str(path.relative_to(ROOT)), query)
        for path in sorted((ROOT / "accounts").rglob("queries.sql"))
        for query in parse(path).values()
        if reads_the_ledger(query)
    ]


# Queries that have no range to be asked for, each with its reason.
EVERY_MONTH: dict[str, str] = {}


async def test_every_query_of_the_ledger_reads_the_months_it_asks_for(
    firms: tuple[Firm, Firm], db: asyncpg.Connection
):
    firm, _ = firms
    given: dict[str, Any] = {
        "business_id": firm.business_id, "account_id": firm.account_id, "id": firm.account_id,
        "from_on": date(2025, 10, 1), "until_on": date(2025, 11, 1), "after_on": date(2025, 10, 1),
        "on": date(2025, 10, 5), "today": date(2025, 10, 8), "after_seq": 0,
        "at": datetime(2025, 10, 5, tzinfo=UTC), "now": datetime(2025, 10, 8, 2, tzinfo=UTC),
        "row_limit": 50, "limit": 50, "most": 50,
    }  # fmt: skip
    seen = 0
    for place, query in hot():
        if query.name in EVERY_MONTH or any(name not in given for name in query.parameters):
            continue
        rows = await db.fetchval(
            f"explain (analyze, format json) {query.text}",
            *(given[name] for name in query.parameters),
        )
        plan = msgspec.json.decode(rows)[0]["Plan"]
        read = months(plan)
        # A range that begins before time reads what lies before its end, and nothing behind.
        assert all(month <= OCTOBER for month in read), f"{place}:{query.name} reads {read}"
        if "from_on" in query.parameters and "booked_on >= " in query.text:
            assert read <= {OCTOBER}, f"{place}:{query.name} reads {read}"
        seen += bool(read)
    assert seen >= 3
