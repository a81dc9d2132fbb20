"""`verify` names each way in which held payments and rules could part from their papers; the
walls behind the rules hold for every door."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app import database
from app.queries import parse
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier
from tests.flows import founding
from tests.flows.test_a_suspicious_payment_is_held import decide, held, live, lone

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("monitors", "reviews", "payments")
OFF = "set local session_replication_role = replica; "
PLANTED = {
    "a case lost": (
        "delete from accounts.payment_reviews where state = 'open'",
        {"held_verdict_without_its_review", "payment_under_review_without_its_case"},
    ),
    "a payment let go behind its case": (
        (
            "update accounts.payments set state = 'cancelled', hold_id = null"
            " where state = 'under_review'"
        ),
        {"payment_under_review_without_its_case"},
    ),
    "its hold released": (
        "update ledger.holds set state = 'released', closed_at = now() where state = 'open'",
        {"hold_without_its_payment"},
    ),
    "released by one where two are asked": (
        (
            "update accounts.payment_reviews set levels = 2,"
            " approved_by = approved_by || approved_by where state = 'released'"
        ),
        {"held_payment_released_by_too_few"},
    ),
    "live without a replay": (
        "update accounts.rule_replays set state = 'running', finished_at = null",
        {"live_rule_without_its_replay"},
    ),
    "live before its replay had ended": (
        (
            "update accounts.monitor_rules set live_at = live_at - interval '1 day'"
            " where state = 'live'"
        ),
        {"live_rule_without_its_replay"},
    ),
}


@pytest.fixture
async def firm(city: City) -> Firm:
    """One payment held, one released, one refused."""
    await open_supplier(city)
    firm, desk = await lone(await open_firm(city, fen=100_000_000)), await founding.staff(city)
    await live(city, desk)
    for decision, reason in (("release", ""), ("refuse", "被盗用")):
        payment = await held(firm)
        answer = await decide(firm, desk["reviewer.li"], payment, decision, reason=reason)
        assert answer.status_code == 200, answer.text
    await city.idle()
    await held(firm)
    return firm


async def test_every_planted_contradiction_is_named(firm: Firm, db: asyncpg.Connection):
    async def findings() -> set[str]:
        return {
            name
            for room in ROOMS
            for name, query in parse(ROOT / "accounts" / room / "verify.sql").items()
            if await db.fetch(query.text)
        }

    assert await findings() == set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        await db.execute(OFF)
        assert not (await db.execute(sql)).endswith(" 0"), f"{what}: nothing was planted"
        found = await findings()
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"


WALLS = [
    ("app", ("update accounts.payment_reviews set state = 'released', decided_at = now(),"
            " approved_by = array[payment_id] where state = 'open'"),
     asyncpg.PostgresError),
    ("app", "select * from accounts.monitor_verdicts", asyncpg.InsufficientPrivilegeError),
    ("app", "select * from accounts.monitor_outcomes", asyncpg.InsufficientPrivilegeError),
    ("app", "select * from accounts.rule_replays", asyncpg.InsufficientPrivilegeError),
    ("app", "update accounts.monitor_rules set state = 'retired'",
     asyncpg.InsufficientPrivilegeError),
    ("app", "select accounts.payment_features(uuidv7(), uuidv7())", asyncpg.PostgresError),
    ("app", "select * from accounts.replay_slice(now(), now(), 1, uuidv7(), uuidv7(), 1)",
     asyncpg.InsufficientPrivilegeError),
    ("desk", "update accounts.monitor_rules set score = 1 where code = 'theft.test'",
     asyncpg.PostgresError),
    ("desk", ("update accounts.monitor_rules set state = 'live', live_at = now()"
             " where code = 'theft.new_device'"), asyncpg.CheckViolationError),
    ("desk", "update accounts.monitor_verdicts set action = 'pass'",
     asyncpg.InsufficientPrivilegeError),
    ("worker", "update accounts.monitor_verdicts set action = 'pass'",
     asyncpg.InsufficientPrivilegeError),
]  # fmt: skip


async def test_the_walls_behind_the_rules_hold(firm: Firm):
    for role, sql, refusal in WALLS:
        connection = await database.connect(firm.city.settings, role)
        try:
            async with connection.transaction():
                await connection.execute(f"set local app.business = '{firm.business_id}'")
                await connection.execute(f"set local app.staff = '{firm.business_id}'")
                with pytest.raises(refusal):
                    await connection.execute(sql)
                    pytest.fail(f"{role}: {sql}")
        finally:
            await connection.close()
