"""`verify` finds each way in which payments and the ledger could part: planted and undone."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app.queries import parse
from tests.city import City
from tests.firms import confirmed, open_firm, open_supplier, set_rule

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "payments", "clearing", "incoming", "limits", "receipts", "parties", "mandates", "movements",
)  # fmt: skip
# What is planted (an update), and the finding that must name it.
PLANTED = {
    "a settled payment forgotten": (
        "payments set state = 'rejected' where swept_on is null and state = 'settled'",
        {"settled_payment_without_its_entry", "in_transit_out_is_not_the_open_payments"},
    ),
    "a payment that never was": (
        "payments set state = 'settled', refusal = null where state = 'refused'",
        {"settled_payment_without_its_entry"},
    ),
    "money that came back on paper only": (
        "payments set state = 'failed' where rail = 'ibps' and state = 'settled'",
        {"failed_payment_without_its_money_back", "in_transit_out_is_not_the_open_payments"},
    ),
    "another amount than was booked": (
        "payments set amount_fen = amount_fen + 1 where rail = 'in_bank'",
        {"settled_payment_without_its_entry", "usage_differs_from_the_days_payments"},
    ),
    "a payee that never received": (
        "payments set payee_business_id = id where rail = 'in_bank'",
        {"in_bank_payment_not_received"},
    ),
    "a hold let go behind its payment": (
        "ledger.holds set state = 'released', closed_at = now() where state = 'open'",
        {"hold_without_its_payment"},
    ),
    "swept on paper only": (
        "payments set swept_on = created_at where rail = 'ibps' and state = 'settled'",
        {"in_transit_out_is_not_the_open_payments"},
    ),
    "an incoming credit changed": (
        "incoming_credits set amount_fen = amount_fen + 1",
        {"credit_without_its_entry", "in_transit_in_is_not_the_unswept_credits",
         "in_bank_credit_without_its_payment"},
    ),
    "a credit of another amount than the clearing house moved": (
        "incoming_decisions set amount_fen = amount_fen + 1",
        {"credit_moved_otherwise_than_noted"},
    ),
    "a settled payment that the clearing house never saw": (
        "payments set id = uuidv7() where rail = 'ibps' and state = 'settled'",
        {"payment_moved_otherwise_than_noted"},
    ),
    "a return that never moved": (
        "payments set (state, returned_on) = ('returned', now()) where state = 'settled'",
        {"return_moved_otherwise_than_noted"},
    ),
    "a decision without its credit": (
        "incoming_decisions set (accepted, reason, business_id) = (true, '', uuidv7())",
        {"accepted_credit_not_booked"},
    ),
    "a day counted twice": (
        "person_limits set used_fen = used_fen + 1",
        {"usage_differs_from_the_days_payments"},
    ),
    "a draft left behind": (
        "payments set state = 'draft', refusal = null where state = 'refused'",
        {"payment_stuck_as_draft"},
    ),
    "a mandate put into force by nobody": (
        "mandates set made_by = id",
        {"mandate_in_force_by_nobody"},
    ),
    "waiting for nobody": (
        "payments set state = 'pending_approval', refusal = null where state = 'refused'",
        {"waits_for_nobody"},
    ),
    "trusted by a stranger": (
        "parties set trusted = true, trusted_by = id",
        {"trusted_by_somebody_of_no_firm"},
    ),
}  # fmt: skip


async def findings(db: asyncpg.Connection) -> set[str]:
    found = set()
    for room in ROOMS:
        for query in parse(ROOT / "accounts" / room / "verify.sql").values():
            if await db.fetch(query.text):
                found.add(query.name)
    return found


@pytest.fixture
async def traded(city: City) -> City:
    """A firm with every kind of payment behind it, and one released but not yet sent."""
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await firm.receive(10, payee_account="0200010099999999999")
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    await set_rule(firm.owner, None, None)
    body = await confirmed(firm.owner, "/v1/mandates/step-ups", {"lines": [], "version": 0})
    assert (await firm.owner.post("/v1/mandates", body)).status_code == 201
    entry = firm.order(1)["payee"] | {"roles": ["supplier"]}
    assert (await firm.owner.post("/v1/parties", entry)).status_code == 201
    for order, status in (
        (firm.order_to(other, 1_000), 201),
        (firm.order(2_000), 201),
        (firm.order(9_000_000), 422),
    ):
        answer = await firm.owner.post("/v1/payments", order)
        assert answer.status_code == status, answer.text
    [credit] = (await firm.owner.get("/v1/credits")).json()["items"]
    await firm.owner.post(f"/v1/credits/{credit['id']}/receipt")
    await city.idle()
    assert (await firm.owner.post("/v1/payments", firm.order(3_000))).status_code == 201
    return city


async def test_every_planted_fault_is_named(traded: City, db: asyncpg.Connection):
    assert await findings(db) == set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        table = sql if sql.startswith("ledger.") else f"accounts.{sql}"
        changed = await db.execute(f"update {table}")
        assert not changed.endswith(" 0"), f"{what}: nothing was planted"
        found = await findings(db)
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"
    assert await findings(db) == set()
