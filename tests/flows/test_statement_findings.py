"""`verify` finds each way in which receipts, exports, months and letters could leave the ledger."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import asyncpg

from app.queries import parse
from tests.city import City
from tests.firms import open_firm

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("receipts", "exports", "confirmations")
# What is planted (an update of accounts.), and the finding that must name it.
PLANTED = {
    "a receipt over another amount": (
        "receipt_directory set amount_fen = amount_fen + 1", "receipt_differs_from_its_line",
    ),
    "a receipt of another day": (
        "receipt_directory set booked_on = booked_on + 1", "receipt_differs_from_its_line",
    ),
    "a print that nobody sees": (
        "receipts set prints = prints + 1", "receipt_differs_from_its_line",
    ),
    "a receipt nobody issued": (
        "receipt_directory set receipt_id = uuidv7()", "published_receipt_without_its_own",
    ),
    "an export without its file": (
        "exports set file_id = id where state = 'done'", "done_export_without_its_file",
    ),
    "an export of fewer lines": (
        "exports set lines = lines + 1", "export_has_other_lines_than_its_range",
    ),
    "a month that grew": (
        "monthly_statements set came_in_fen = came_in_fen + 1, closing_fen = closing_fen + 1",
        "month_differs_from_its_postings",
    ),
    "months that do not meet": (
        "monthly_statements set opening_fen = 1, closing_fen = 1 where lines = 0",
        "month_does_not_begin_where_the_last_one_ended",
    ),
    "a letter over another balance": (
        "balance_letters set balance_fen = balance_fen + 1", "letter_states_another_balance",
    ),
}  # fmt: skip


async def findings(db: asyncpg.Connection) -> set[str]:
    found = set()
    for room in ROOMS:
        for query in parse(ROOT / "accounts" / room / "verify.sql").values():
            if await db.fetch(query.text):
                found.add(query.name)
    return found


async def test_every_planted_fault_is_named(city: City, db: asyncpg.Connection):
    firm = await open_firm(city, fen=1_000_000)
    [credit] = (await firm.owner.get("/v1/credits")).json()["items"]
    await firm.owner.post(f"/v1/credits/{credit['id']}/receipt")
    await city.tick()
    await city.move_clock(datetime.fromisoformat("2025-11-02T10:00:00+08:00"))
    await firm.owner.post(f"/v1/accounts/{firm.account_id}/exports", {"form": "csv"})
    await city.idle()
    assert await findings(db) == set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        changed = await db.execute(f"update accounts.{sql}")
        assert not changed.endswith(" 0"), f"{what}: nothing was planted"
        found = await findings(db)
        await planting.rollback()
        assert expected in found, f"{what}: {found}"
    assert await findings(db) == set()
