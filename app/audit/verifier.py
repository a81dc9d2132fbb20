"""The verifier: reads the chain again with code of its own and names every break."""

from __future__ import annotations

from collections.abc import AsyncIterator
from hashlib import sha256

import asyncpg
import msgspec

from app.database import Connection

CHAIN = """
select s.seq, s.previous_hash, s.hash, s.row_id, a.body, a.id, a.business_id, a.actor, a.action,
       a.object_id, a.at
from core.audit_seals s left join core.audit a on a.id = s.row_id order by s.seq
"""


async def findings(
    connection: Connection, anchor: tuple[int, bytes] | None = None
) -> AsyncIterator[str]:
    """One line per break; `anchor` is a (seq, hash) kept outside, so a cut tail shows too."""
    expected_seq, expected_previous = 1, bytes(32)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        async for row in connection.cursor(CHAIN, prefetch=500):
            for problem in _problems(row, expected_seq, expected_previous):
                yield f"audit: seal {row['seq']}: {problem}"
            if anchor and row["seq"] == anchor[0] and row["hash"] != anchor[1]:
                yield f"audit: seal {row['seq']}: differs from the anchored head"
            expected_seq, expected_previous = row["seq"] + 1, row["hash"]
        if anchor and expected_seq <= anchor[0]:
            yield f"audit: the chain ends at {expected_seq - 1}, the anchor is at {anchor[0]}"


def _problems(row: asyncpg.Record, expected_seq: int, expected_previous: bytes) -> list[str]:
    found = []
    if row["seq"] != expected_seq:
        found.append(f"number {expected_seq} is missing")
    if row["previous_hash"] != expected_previous:
        found.append("does not continue the chain")
    if row["body"] is None:
        return [*found, "its row is gone"]
    if sha256(row["previous_hash"] + row["body"]).digest() != row["hash"]:
        found.append("its row was changed")
    said = msgspec.json.decode(row["body"])
    for column in ("id", "business_id", "actor", "action", "object_id", "at"):
        value = msgspec.to_builtins(row[column])
        if said[column] != value:
            found.append(f"column {column} was changed")
    return found
