"""Run by test_isolation in a process of its own: no query knows its tenant, the tables do."""

from __future__ import annotations

import re
import sys

import asyncpg
import pytest

from app.queries import ALWAYS_TRUE, TENANT_CONDITION, Queries
from tests.flows.test_isolation import calls, look, theirs, town
from tests.isolation.callers import Call
from tests.isolation.lived import Town
from tests.isolation.probes import lists, marks, of, others
from tests.isolation.town import TABLES_OF_FIRMS, rows_of

pytestmark = pytest.mark.timeout(600)
__all__ = ["calls", "look", "theirs", "town"]


def test_the_conditions_are_really_gone():
    dropped = 0
    for name, module in list(sys.modules.items()):
        if name.endswith(".operations") and isinstance(getattr(module, "sql", None), Queries):
            for query in module.sql.by_name.values():
                as_written = re.sub(r"\$\d+", ":business_id", query.text)
                kept = TENANT_CONDITION.search(as_written) and "business_id" in query.parameters
                assert not kept, query.text
                dropped += ALWAYS_TRUE.partition("::")[2] in query.text
    print(f"{dropped} statements without their condition")
    assert dropped > 190


async def leaks(town: Town, calls: dict[str, Call]) -> list[str]:
    """What the other firm's owner gets to see of the first, whatever the status."""
    other, secret, found = town.firms[1].caller, marks(town.firms[0]), []
    for name, right in calls.items():
        if right.template.startswith("/v1/") and of(name, "path"):
            answer = await right.send(other)
            named = set(right.path.values()) | {str(v) for v in (right.body or {}).values()}
            seen = [mark for mark in secret - named if mark in answer.text]
            if answer.status_code < 400 or seen:
                found.append(f"{name}: {answer.status_code} {seen}")
    return found


async def test_nothing_is_shown_and_nothing_changes(
    town: Town, calls: dict[str, Call], theirs: dict[str, Call], look: asyncpg.Connection
):
    first = town.firms[0].ids["business_id"]
    before = await rows_of(look, first)
    wrong = await leaks(town, calls) + (await lists(town)).wrong
    probed = await others(town, calls, theirs)
    after = await rows_of(look, first)
    wrong += [f"{table} changed" for table in before if before[table] != after[table]]
    assert not wrong, "\n".join(wrong)
    print(f"{probed.tried} tried, {len(probed.wrong)} answered unlike what is not there")
    assert not probed.wrong, probed.report


async def test_without_row_level_security_it_would_leak(
    town: Town, calls: dict[str, Call], look: asyncpg.Connection
):
    """So that the test above can fail."""
    for (table,) in await look.fetch(TABLES_OF_FIRMS):
        await look.execute(f"alter table {table} disable row level security")
    found = await leaks(town, calls)
    print(f"{len(found)} of {len(calls)} operations leak without row level security")
    assert len(found) > 30, found
