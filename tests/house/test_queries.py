"""Every query prepares on the migrated schema, is used, writes at home and reads downward."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from app.queries import Query, parse

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "accounts", "onboarding", "invoicing", "bookkeeping", "lending")
# Which schemas a package writes, and which it may read besides.
GROUND = {"core", "identity", "reference", "files", "outside"}
HOME = {
    "app": GROUND,
    "accounts": {"accounts", "ledger"},
    "onboarding": {"onboarding"},
    "invoicing": {"invoicing"},
    "bookkeeping": {"bookkeeping"},
    "lending": {"lending"},
}
BELOW = {
    "app": {"ledger"},
    "accounts": GROUND,
    "onboarding": GROUND | {"accounts", "ledger"},
    "invoicing": GROUND | {"accounts", "ledger"},
    "bookkeeping": GROUND | {"accounts", "ledger", "invoicing"},
    "lending": GROUND | {"accounts", "ledger", "invoicing", "bookkeeping"},
}
SCHEMAS = GROUND.union(*HOME.values())
_WRITES = re.compile(r"\b(?:insert\s+into|update|delete\s+from|merge\s+into)\s+([a-z_]+)\.[a-z_]+")
_NAMES = re.compile(rf"\b({'|'.join(sorted(SCHEMAS))})\.[a-z_]+\b")

FILES = sorted(
    path
    for package in PACKAGES
    for name in ("queries.sql", "verify.sql")
    for path in (ROOT / package).rglob(name)
)
QUERIES = [
    pytest.param(path, query, id=f"{path.relative_to(ROOT)}:{query.name}")
    for path in FILES
    for query in parse(path).values()
]


async def test_every_query_prepares_on_the_migrated_schema(db: asyncpg.Connection):
    broken = []
    for path in FILES:
        for query in parse(path).values():
            try:
                await db.prepare(query.text)
            except asyncpg.PostgresError as error:
                broken.append(f"{path.relative_to(ROOT)}:{query.name}: {error}")
    assert broken == []


@pytest.mark.parametrize(("path", "query"), QUERIES)
def test_a_query_is_explained_writes_at_home_and_reads_downward(path: Path, query: Query):
    package = path.relative_to(ROOT).parts[0]
    assert query.why, "one line of why is missing"
    text = re.sub(r"'(?:[^']|'')*'", "''", query.text.lower())
    written = set(_WRITES.findall(text))
    assert written <= HOME[package], f"writes {written - HOME[package]}"
    read = set(_NAMES.findall(text))
    assert read <= HOME[package] | BELOW[package], f"reads {read - HOME[package]}"
    if path.name == "verify.sql":
        assert not written
    elif "for update" in text:
        pytest.fail("FOR UPDATE fights foreign keys: use FOR NO KEY UPDATE")


@pytest.mark.parametrize("path", [p for p in FILES if p.name == "queries.sql"], ids=str)
def test_no_query_is_dead(path: Path):
    code = "".join(
        file.read_text() for file in ROOT.joinpath(path.relative_to(ROOT).parts[0]).rglob("*.py")
    )
    dead = [name for name in parse(path) if not re.search(rf"\b\w*sql\.{name}\b", code)]
    assert dead == []
