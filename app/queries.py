"""The loader of `queries.sql`: named statements with named parameters, next to their subject."""

from __future__ import annotations

import re
import sys
from functools import cache
from pathlib import Path

import msgspec

_NAME = re.compile(r"^-- name: ([a-z][a-z0-9_]*)\s*$", re.MULTILINE)
# `:name` but neither a cast (`::type`), a slice, nor inside a quoted text.
_PARAMETER = re.compile(r"'(?:[^']|'')*'|(?<![:\w]):([a-z][a-z0-9_]*)")
TENANT_CONDITION = re.compile(r"\b(?:[a-z_]+\.)?business_id = :business_id\b")
ALWAYS_TRUE = "(:business_id::uuid is null or true)"


class Query(msgspec.Struct, frozen=True):
    """One statement: asyncpg text with `$n`, and the names of its parameters in order."""

    name: str
    why: str
    text: str
    parameters: tuple[str, ...]


class Queries:
    """The statements of one file as attributes: `sql.lock_invoice`."""

    def __init__(self, path: Path, queries: dict[str, Query]) -> None:
        self.path = path
        self.by_name = queries

    def __getattr__(self, name: str) -> Query:
        try:
            return self.by_name[name]
        except KeyError:
            raise AttributeError(f"{self.path}: no query named {name}") from None


def compile_query(name: str, source: str) -> Query:
    """Named parameters become `$1…$n` in order of first appearance; the comment is the why."""
    lines = source.strip().splitlines()
    why = " ".join(line.removeprefix("--").strip() for line in lines if line.startswith("--"))
    text = "\n".join(line for line in lines if not line.startswith("--")).strip().rstrip(";")
    names: list[str] = []

    def number(match: re.Match[str]) -> str:
        if match.group(1) is None:
            return match.group(0)
        if match.group(1) not in names:
            names.append(match.group(1))
        return f"${names.index(match.group(1)) + 1}"

    return Query(name, why, _PARAMETER.sub(number, text), tuple(names) if text else ())


def parse(path: Path, *, without_tenant: bool = False) -> dict[str, Query]:
    """All statements of a file. `without_tenant` turns every tenant condition to what is always
    true (its parameter stays), so that a test can show that row level security alone holds."""
    parts = _NAME.split(path.read_text(encoding="utf-8"))
    queries: dict[str, Query] = {}
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        assert name not in queries, f"{path}: {name} twice"
        source = TENANT_CONDITION.sub(ALWAYS_TRUE, body) if without_tenant else body
        queries[name] = compile_query(name, source)
    return queries


_without_tenant = False


def drop_tenant_conditions() -> None:
    """For the isolation test's own process only: call before any subject is imported."""
    global _without_tenant
    _without_tenant = True


@cache
def load(module: str) -> Queries:
    """The `queries.sql` beside a module: `sql = load(__name__)`."""
    file = sys.modules[module].__file__
    assert file is not None
    path = Path(file).with_name("queries.sql")
    return Queries(path, parse(path, without_tenant=_without_tenant))
