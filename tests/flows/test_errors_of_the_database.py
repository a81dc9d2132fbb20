"""A refusal of the database is the same problem whatever it tells of itself, also at COMMIT."""

from __future__ import annotations

import asyncio
import contextlib
import re
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import asyncpg
import msgspec
import pytest

from app.problems import as_ours, document
from app.settings import Settings
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "accounts", "onboarding", "invoicing", "bookkeeping", "lending", "workers")
# Fields of an error that a distributed database leaves out or fills with names of its shards.
NAMES_OF_ITS_OWN = b"stcdnDHW"
SCENE = """
create table public.scene (
  id int primary key, amount int constraint scene_is_positive check (amount > 0),
  parent int constraint scene_has_its_parent references public.scene (id),
  during int4range, exclude using gist (during with &&)
);
create function public.refuse() returns void language plpgsql as
  'begin raise exception ''no'' using errcode = ''XW002''; end';
insert into public.scene values (1, 1, null, '[1,5)');
"""
# A statement that is refused, and the problem it must become.
REFUSED = {
    "insert into public.scene values (1, 1)": "already-exists",
    "insert into public.scene values (2, 1, null, '[2,3)')": "already-exists",
    "insert into public.scene values (3, -1)": "rule-broken",
    "insert into public.scene values (4, 1, 99)": "rule-broken",
    "insert into public.scene values (null, 1)": "rule-broken",
    "select public.refuse()": "rule-broken",
    "select 9223372036854775807::bigint + 1": "bad-value",
    "select ''::uuid": "bad-value",
    "do $$ begin perform pg_sleep(9); end $$": "overloaded",
}


def blanked(message: bytes) -> bytes:
    """An ErrorResponse without what names a constraint, table, column or type."""
    fields = [field for field in message[5:].split(b"\0") if field]
    kept = [field for field in fields if field[:1] not in NAMES_OF_ITS_OWN]
    kept = [b"Mno" if field[:1] == b"M" else field for field in kept]
    body = b"".join(field + b"\0" for field in kept) + b"\0"
    return b"E" + struct.pack(">I", len(body) + 4) + body


async def _to_client(server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
    while True:
        head = await server.readexactly(5)
        body = await server.readexactly(struct.unpack(">I", head[1:])[0] - 4)
        client.write(blanked(head + body) if head[:1] == b"E" else head + body)
        await client.drain()


async def _to_server(client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
    while chunk := await client.read(65536):
        server.write(chunk)
        await server.drain()


@contextlib.asynccontextmanager
async def between(url: str, folder: Path) -> AsyncIterator[str]:
    """The database behind a wire on which errors name nothing; its address there."""
    upstream = Path(parse_qs(urlsplit(url).query)["host"][0])

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_unix_connection(upstream / ".s.PGSQL.5432")
        both = [
            asyncio.create_task(_to_client(up_reader, writer)),
            asyncio.create_task(_to_server(reader, up_writer)),
        ]
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for task in both:
            task.cancel()
        await asyncio.gather(*both, return_exceptions=True)
        up_writer.transport.abort()
        writer.transport.abort()

    server = await asyncio.start_unix_server(connected, folder / ".s.PGSQL.5432")
    try:
        yield url.replace(str(upstream), str(folder))
    finally:
        server.close()


async def problem(address: str, statement: str) -> tuple[dict[str, Any], asyncpg.PostgresError]:
    connection = await asyncpg.connect(address, server_settings={"statement_timeout": "200"})
    try:
        with pytest.raises(asyncpg.PostgresError) as raised:
            await connection.execute(statement)
    finally:
        await connection.close()
    ours = as_ours(raised.value)
    assert ours is not None, raised.value
    status, body = document(ours, english=True)
    return msgspec.json.decode(body) | {"status": status}, raised.value


async def test_a_refusal_is_the_same_problem_when_the_database_names_nothing(
    db: asyncpg.Connection, settings: Settings, tmp_path_factory: pytest.TempPathFactory
):
    await db.execute(SCENE)
    folder = Path("/tmp") / f"xw-blank-{settings.port}"
    folder.mkdir(exist_ok=True)
    named = 0
    async with between(settings.database_url, folder) as blank:
        for statement, expected in REFUSED.items():
            seen, error = await problem(settings.database_url, statement)
            other, nameless = await problem(blank, statement)
            assert seen["type"].endswith(f":{expected}"), (statement, seen)
            assert seen == other, statement
            assert nameless.sqlstate == error.sqlstate
            assert nameless.constraint_name is None and nameless.table_name is None
            named += error.constraint_name is not None
    (folder / ".s.PGSQL.5432").unlink(missing_ok=True)
    folder.rmdir()
    assert named >= 4, "nothing was named in the first place"


def test_no_code_decides_by_a_name_the_database_gave():
    names = re.compile(r"\.(constraint_name|table_name|column_name|schema_name|detail)\b")
    guilty = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if names.search(path.read_text(encoding="utf-8"))
    ]
    assert guilty == []


REFUSES_AT_COMMIT = """
create function public.refuse_late() returns trigger language plpgsql as $$
begin raise exception 'late' using errcode = '{state}'; end $$;
create constraint trigger late after insert on {table} deferrable initially deferred
  for each row execute function public.refuse_late();
"""
NO_MORE = "drop trigger late on {table}; drop function public.refuse_late()"


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000)
    await set_rule(firm.owner, None, None)
    return firm


@pytest.mark.parametrize(
    ("state", "status", "kind"),
    [
        ("23514", 422, "rule-broken"),
        ("XW010", 422, "rule-broken"),
        ("23505", 409, "already-exists"),
        ("40001", 503, "overloaded"),
    ],
)
async def test_a_refusal_at_the_commit_is_a_refusal_and_leaves_nothing(
    firm: Firm, db: asyncpg.Connection, state: str, status: int, kind: str
):
    party = {
        "name": "苏州又一材料有限公司", "account_number": "6228480402564899999",
        "bank_code": "103100000026", "roles": ["supplier"],
    }  # fmt: skip
    calls: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("accounts.payments", "/v1/payments", firm.order(1_000)),
        ("accounts.parties", "/v1/parties", party),
    )
    for table, path, body in calls:
        before = (await firm.account())["available_fen"]
        key = f"late-{state}-{table}"
        await db.execute(REFUSES_AT_COMMIT.format(state=state, table=table))
        answer = await firm.owner.post(path, body, key=key)
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (status, kind)
        assert await db.fetchval(f"select count(*) from {table}") == 0
        assert (await firm.account())["available_fen"] == before
        await db.execute(NO_MORE.format(table=table))
        # Nothing was kept under the key either: the same call has its effect now.
        again = await firm.owner.post(path, body, key=key)
        assert again.status_code == 201, again.text
