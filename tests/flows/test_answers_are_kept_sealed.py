"""Answers kept for repeats carry names and numbers: at rest nobody reads them."""

from __future__ import annotations

from uuid import uuid4

import asyncpg

from tests.city import City
from tests.firms import SUPPLIER, open_firm


async def test_a_kept_answer_is_sealed_and_a_repeat_reads_the_same(
    city: City, db: asyncpg.Connection
):
    firm, key = await open_firm(city), str(uuid4())
    party = SUPPLIER | {"roles": ["payee"]}
    first = await firm.owner.post("/v1/parties", party, key=key)
    assert first.status_code == 201, first.text
    kept = await db.fetchval("select body from core.idempotency where key = $1", key)
    assert SUPPLIER["name"].encode() in first.content
    assert SUPPLIER["name"].encode() not in kept
    again = await firm.owner.post("/v1/parties", party, key=key)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"
