"""What the bank earns inside a firm's tenant reaches the bank's own firm, once for each date."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import asyncpg
import pytest

from accounts.sweeps import jobs as sweeps
from app.clock import SHANGHAI
from app.queries import parse
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows.desk import at_the_desk

ROOT = Path(__file__).resolve().parents[2]
HELD = """
select a.balance_fen from ledger.accounts a join accounts.policies p on p.kind = 'bank.identity'
where a.kind = 'fee_income'
  and (a.business_id = (p.value ->> 'business_id')::uuid) = $1 and a.balance_fen <> 0
"""


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=10_000_000)
    await set_rule(firm.owner, None, None)
    desk = await at_the_desk(city)
    path = f"/desk/v1/accounts/{firm.account_id}/fee-terms"
    assert (await desk.put(path, {"firm_size": "large", "version": 0})).status_code == 200
    return firm


async def pays_a_fee(firm: Firm) -> str:
    made = await firm.owner.post("/v1/payments", firm.order(2_000_000))
    assert made.status_code == 201, made.text
    await firm.city.idle()
    return made.json()["id"]


async def inside(db: asyncpg.Connection) -> list[int]:
    return [row["balance_fen"] for row in await db.fetch(HELD, False)]


async def at_home(db: asyncpg.Connection) -> int:
    return await db.fetchval(HELD, True) or 0


def morning(day: int) -> datetime:
    return datetime(2025, 9, day, 9, tzinfo=SHANGHAI)


async def test_a_dates_fees_are_swept_when_it_is_over_and_never_again(
    firm: Firm, db: asyncpg.Connection
):
    await pays_a_fee(firm)
    assert (await inside(db), await at_home(db)) == ([1_000], 0)
    await firm.city.move_clock(morning(2))
    assert (await inside(db), await at_home(db)) == ([], 1_000)
    # What comes in on the next date waits for its end, however often the job runs.
    await pays_a_fee(firm)
    for _ in range(2):
        await sweeps.sweep(firm.city.ctx, on="2025-09-02")
    assert (await inside(db), await at_home(db)) == ([1_000], 1_000)
    await firm.city.move_clock(morning(5))
    assert (await inside(db), await at_home(db)) == ([], 2_000)
    # A date that lies behind one that was swept is left alone.
    await sweeps.sweep(firm.city.ctx, on="2025-09-03")
    assert (await inside(db), await at_home(db)) == ([], 2_000)


async def test_a_fee_given_back_after_the_sweep_comes_back_from_home(
    firm: Firm, db: asyncpg.Connection
):
    payment_id = await pays_a_fee(firm)
    await firm.city.move_clock(morning(2))
    back = {"reference": payment_id, "on": "2025-09-02"}
    answer = await firm.city.world.post("/clearing_house/simulate/return", json=back)
    assert answer.status_code == 200, answer.text
    await firm.city.idle()
    (fee,) = (await firm.owner.get("/v1/fees")).json()["items"]
    given_back = -1_000 if fee["state"] == "refunded" else 0
    assert sum(await inside(db)) == given_back
    await firm.city.move_clock(morning(3))
    assert (await inside(db), await at_home(db)) == ([], 1_000 + given_back)


async def test_a_sweep_that_did_not_arrive_is_found(firm: Firm, db: asyncpg.Connection):
    await pays_a_fee(firm)
    await firm.city.move_clock(morning(2))
    queries = parse(ROOT / "accounts/sweeps/verify.sql")
    for query in queries.values():
        assert await db.fetch(query.text) == []
    transaction = db.transaction()
    await transaction.start()
    await db.execute("alter table accounts.swept_income disable trigger user")
    await db.execute("update accounts.swept_income set amount_fen = amount_fen + 1")
    for name in ("swept_income_without_its_entry", "swept_income_did_not_arrive"):
        assert len(await db.fetch(queries[name].text)) == 1, name
    await db.execute("delete from accounts.swept_income")
    assert len(await db.fetch(queries["sweep_that_nobody_marked"].text)) == 1
    await transaction.rollback()
