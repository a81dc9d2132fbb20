"""Faults planted into reservations and escrow, behind the doors' backs: `verify` names each."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app.queries import parse
from tests.city import City
from tests.firms import Firm, open_firm
from tests.flows import test_escrow_is_a_closed_loop as loop
from tests.flows import test_reserved_payments as reserving

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("ledger", "payments", "reservations", "escrow", "guarantees")
# What is planted (an update), and the findings that must name it.
PLANTED = {
    "a reservation larger than its hold": (
        "accounts.reservations set amount_fen = amount_fen + 1",
        {"reservation_differs_from_its_hold"},
    ),
    "let go on paper only": (
        "accounts.reservations set ended = 'cancelled', ended_at = created_at where ended is null",
        {"reservation_end_differs_from_its_hold"},
    ),
    "a confirmation to somebody else": (
        "accounts.payments set payee_account_tail = '9999' where mode = 'reserved'",
        {"reservation_paid_another_sum"},
    ),
    "a part taken that nobody was paid": (
        (
            "ledger.holds set (amount_fen, taken_fen) = (amount_fen - 1, taken_fen + 1)"
            " where taken_fen > 0"
        ),
        {"reservation_paid_another_sum", "ledger_held_drift"},
    ),
    "money in escrow that is not there": (
        "ledger.accounts set balance_fen = balance_fen + 1 where kind = 'escrow'",
        {"escrow_loop_is_open", "ledger_balance_drift"},
    ),
    "a release that was no release": (
        "accounts.escrow_moves set (kind, milestone_no) = ('return', null) where kind = 'release'",
        {"escrow_paid_a_stranger"},
    ),
    "a milestone paid to another account": (
        "accounts.payments set payee_account_tail = '9999' where from_account_id is not null",
        {"escrow_paid_a_stranger"},
    ),
    "paid by one side's word": (
        "accounts.escrow_milestones set beneficiary_word_fen = 0",
        {"milestone_paid_beyond_a_word"},
    ),
    "over, and the money kept": (
        (
            "accounts.escrows set (state, ended_at, look_at) = ('expired', created_at, null)"
            " where state = 'active'"
        ),
        {"ended_escrow_keeps_money", "guarantee_says_something_else"},
    ),
    "a beneficiary told of more": (
        "accounts.guarantees set shown = shown || '{\"amount_fen\": 1}'",
        {"guarantee_says_something_else"},
    ),
}


async def findings(db: asyncpg.Connection) -> set[str]:
    found = set()
    for room in ROOMS:
        for query in parse(ROOT / "accounts" / room / "verify.sql").values():
            if await db.fetch(query.text):
                found.add(query.name)
    return found


@pytest.fixture
async def secured(city: City) -> Firm:
    """A firm with a reservation half confirmed, and an agreement half released."""
    firm = await open_firm(city, fen=1_000_000)
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    made = await reserving.reserved(firm, other, 300_000)
    assert (await reserving.confirm(firm.owner, made, 100_000)).status_code == 201
    escrow_id = await loop.active(firm, other, 200_000, 100_000)
    await loop.say(other, escrow_id, "deliver", {"milestone_no": 1})
    await loop.release(firm, escrow_id, 1, 150_000)
    return firm


async def test_every_planted_fault_is_named(secured: Firm, db: asyncpg.Connection):
    assert await findings(db) == set()
    for what, (change, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        changed = await db.execute(f"update {change}")
        assert not changed.endswith(" 0"), f"{what}: nothing was planted"
        found = await findings(db)
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"
    assert await findings(db) == set()
