"""`verify` finds each way in which loans and the ledger could part: planted and undone."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from app.queries import parse
from tests.city import City
from tests.flows.test_loan_is_drawn_and_repaid import apply, draw, grown_firm, on

VERIFY = Path(__file__).resolve().parents[2] / "lending/servicing/verify.sql"
# What is planted, and the findings that must name it.
PLANTED = {
    "a row of the schedule changed": (
        "update lending.instalments set principal_fen = principal_fen + 1 where no = 12",
        {"loan_schedule_principal", "loan_outstanding"},
    ),
    "principal written off on paper": (
        "update lending.loans set outstanding_fen = outstanding_fen - 1",
        {"loan_outstanding", "loan_principal_in_the_ledger", "facility_used"},
    ),
    "an instalment marked paid": (
        (
            "update lending.instalments set state = 'paid', paid_principal_fen = principal_fen,"
            " paid_interest_fen = interest_fen where no = 2"
        ),
        {"loan_outstanding", "instalment_paid_without_repayments"},
    ),
    "a repayment that never was": (
        (
            "insert into lending.repayments select business_id, loan_id, 2, 1, paid_on, 1, 0, 0,"
            " entry_kind, 'never', paid_at from lending.repayments"
        ),
        {"instalment_paid_without_repayments", "repayment_without_its_entry"},
    ),
    "another amount than was booked": (
        "update lending.repayments set interest_fen = interest_fen + 1",
        {"instalment_paid_without_repayments", "repayment_without_its_entry"},
    ),
    "less paid out than was lent": (
        (
            "update lending.loans set (principal_fen, outstanding_fen) ="
            " (principal_fen + 1, outstanding_fen + 1)"
        ),
        {"drawdown_without_its_entry", "loan_schedule_principal", "loan_principal_in_the_ledger"},
    ),
    "a limit given back too early": (
        "update lending.facilities set used_fen = used_fen - 1",
        {"facility_used"},
    ),
    "settled with rows open": (
        "update lending.loans set state = 'settled', outstanding_fen = 0",
        {"settled_loan_with_open_rows", "loan_outstanding"},
    ),
}


async def findings(db: asyncpg.Connection) -> set[str]:
    return {q.name for q in parse(VERIFY).values() if await db.fetch(q.text)}


async def test_every_planted_fault_is_named(city: City, db: asyncpg.Connection):
    firm = await grown_firm(city)
    await apply(firm)
    await draw(firm)
    await on(city, "2026-10-05")
    assert await findings(db) == set()
    for what, (sql, expected) in PLANTED.items():
        planting = db.transaction()
        await planting.start()
        # Behind the walls that would refuse each of them.
        for table in ("loans", "instalments", "repayments"):
            await db.execute(f"alter table lending.{table} disable trigger user")
        await db.execute(sql)
        found = await findings(db)
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"
    assert set().union(*(names for _, names in PLANTED.values())) == set(parse(VERIFY))
    assert await findings(db) == set()


async def test_each_wall_refuses_the_planting(city: City, db: asyncpg.Connection):
    firm = await grown_firm(city)
    await apply(firm)
    await draw(firm)
    await on(city, "2026-10-05")
    for table, change in (
        ("loans", "annual_rate_ppm = 0"),
        ("loans", "outstanding_fen = outstanding_fen + 1"),
        ("instalments", "principal_fen = principal_fen + 1"),
        ("instalments", "paid_interest_fen = 0"),
        ("repayments", "interest_fen = 0"),
        ("decisions", "limit_fen = limit_fen + 1"),
        ("consents", "text_version = '1'"),
    ):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await db.execute(f"update lending.{table} set {change}")
        assert refused.value.sqlstate in ("XW002", "XW060"), (table, change)
