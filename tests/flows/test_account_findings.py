"""`verify` finds each way in which accounts, orders, interest and fees could part."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from app.clock import SHANGHAI
from app.queries import parse
from tests.city import City
from tests.firms import open_firm, open_supplier, set_rule
from tests.flows.desk import at_the_desk, freeze, on_freeze

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("deposits", "freezes", "suspense", "fees", "interest", "closings")
# What is planted (an update), and the finding that must name it.
PLANTED = {
    "a freeze of another amount": (
        "accounts.freezes set amount_fen = amount_fen + 1 where state = 'active'",
        "frozen_amount_is_not_the_orders",
    ),
    "an order forgotten on its account": (
        "accounts.freezes set state = 'lifted', ended_at = now() where amount_fen is null",
        "order_not_on_its_account",
    ),
    "more taken than there are steps": (
        "accounts.freezes set taken_fen = taken_fen + 1 where taken_fen > 0",
        "taken_is_not_the_steps",
    ),
    "a queue out of order": (
        "accounts.freezes set state = 'active', in_force_at = placed_at, ends_at = placed_at",
        "freeze_queue_out_of_order",
    ),
    "an account that lets through what it should not": (
        "ledger.accounts set state = 'open' where state = 'no_debit'",
        "account_state_is_not_what_stands_on_it",
    ),
    "a move of another amount": (
        "accounts.moves set amount_fen = amount_fen + 1",
        "move_without_its_posting",
    ),
    "an item that is not in suspense": (
        "accounts.suspense_items set amount_fen = amount_fen + 1",
        "suspense_is_not_its_items",
    ),
    "a fee on paper only": (
        "accounts.fees set amount_fen = amount_fen + 1",
        "charged_fee_without_its_entry",
    ),
    "interest of another amount": (
        "accounts.interest set interest_fen = interest_fen + 1 where state = 'paid'",
        "interest_is_not_the_daily_balances",
    ),
    "interest never booked": (
        "accounts.interest set interest_fen = interest_fen + 1 where state = 'paid'",
        "paid_interest_not_booked",
    ),
    "days without a period": (
        "accounts.interest set period = daterange(lower(period) + 1, upper(period))",
        "interest_period_missing",
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
async def lived(city: City) -> City:
    """A large firm with a sub-account, a fee, interest, and money taken under one of its orders."""
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000_000, interest=True)
    await set_rule(firm.owner, None, None)
    desk = await at_the_desk(city)
    terms = f"/desk/v1/accounts/{firm.account_id}/fee-terms"
    assert (await desk.put(terms, {"firm_size": "large", "version": 0})).status_code == 200
    path = f"/v1/accounts/{firm.account_id}"
    made = (await firm.owner.post(f"{path}/sub-accounts", {"label": "税款专户"})).json()
    body = {"to_account_id": made["id"], "amount_fen": 1_000}
    assert (await firm.owner.post(f"{path}/moves", body)).status_code == 201
    assert (await firm.owner.post("/v1/payments", firm.order(2_000))).status_code == 201
    await city.idle()
    await city.move_clock(datetime(2025, 9, 21, 10, tzinfo=SHANGHAI))
    partial = await freeze(desk, firm, amount_fen=5_000)
    assert (await on_freeze(desk, partial, "deduct", amount_fen=2_000)).status_code == 200
    await freeze(desk, firm)
    await freeze(desk, firm, "tax")
    await city.idle()
    return city


async def test_every_planted_fault_is_named(lived: City, db: asyncpg.Connection):
    assert await findings(db) == set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        changed = await db.execute(f"update {sql}")
        assert not changed.endswith(" 0"), f"{what}: nothing was planted"
        found = await findings(db)
        await planting.rollback()
        assert expected in found, f"{what}: {expected} not found"
    assert await findings(db) == set()
