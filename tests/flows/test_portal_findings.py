"""`verify` finds each way in which a portal's matters could contradict themselves."""

from __future__ import annotations

from pathlib import Path

import asyncpg

from app.queries import parse
from tests.city import City
from tests.flows.handing_over import PATH, firm, signed_in, told

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("onboarding/portals", "onboarding/callbacks", "onboarding/batches")
PLANTED = {
    "a reference that leads nowhere": (
        (
            "update onboarding.handovers set application_id = gen_random_uuid()"
            " where client_reference = 'GOV-000061'"
        ),
        {"handover_without_its_application", "application_of_a_portal_without_its_handover"},
    ),
    "delivered without a word": (
        "delete from onboarding.callback_deliveries",
        {"callback_delivered_without_an_answer"},
    ),
    "given up too early": (
        "update onboarding.callbacks set state = 'dead'",
        {"callback_given_up_too_early"},
    ),
    "a row forgotten": (
        (
            "update onboarding.handover_rows set state = 'waiting', application_id = null,"
            " content_sealed = '\\x00' where state = 'taken'"
        ),
        {"batch_finished_with_waiting_rows"},
    ),
    "a row with another's application": (
        (
            "update onboarding.handover_rows set application_id = gen_random_uuid()"
            " where state = 'taken'"
        ),
        {"row_of_a_batch_without_its_application"},
    ),
}


async def found(db: asyncpg.Connection) -> set[str]:
    """The findings of these rooms."""
    queries = [q for room in ROOMS for q in parse(ROOT / room / "verify.sql").values()]
    return {query.name for query in queries if await db.fetch(query.text)}


async def test_every_contradiction_is_named(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal, told(portal):
        await portal.post(PATH, await firm(city, 61))
        rows = [await firm(city, 62), {"client_reference": "GOV-000063"}]
        batch = {"batch_reference": "B-61", "applications": rows}
        assert (await portal.post("/portal/v1/batches", batch)).status_code == 202
        await city.idle()
    assert await found(db) == set()
    names: set[str] = set()
    for what, (statement, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        await db.execute("set local session_replication_role = replica")
        await db.execute(statement)
        assert await found(db) == expected, what
        await planting.rollback()
        names |= expected
    queries = {name for room in ROOMS for name in parse(ROOT / room / "verify.sql")}
    assert names == queries
