"""Many at once: a day's limit is not passed, and a call-back that rings ten times books once."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
from httpx import Response

from accounts.deposits import operations as deposits
from accounts.incoming import jobs as incoming
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule

EACH, FEN, FIT = 12, 1_000, 10


async def paid(firm: Firm, account_id: str) -> Response:
    order = firm.order(FEN, account_id=account_id)
    while (answer := await firm.owner.post("/v1/payments", order)).status_code == 503:
        await asyncio.sleep(0.1)
    return answer


async def test_payments_from_two_accounts_at_once_do_not_pass_one_persons_day(
    city: City, db: asyncpg.Connection
):
    """From two accounts, so that no row of an account puts them one after the other."""
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await set_rule(firm.owner, None, None)
    async with city.ctx.begin(firm.business_id) as work:
        second = await deposits.open(
            work, number="02000100900000000077", name=firm.name, account_class="general"
        )
    await firm.receive(500_000, payee_account="02000100900000000077")
    # The first payment writes the person's row.
    assert (await paid(firm, firm.account_id)).status_code == 201
    me = (await firm.owner.get("/v1/me")).json()["person_id"]
    limit = (await firm.owner.get(f"/v1/limits/{me}")).json()
    lower = {"single_fen": FEN, "daily_fen": FIT * FEN, "version": limit["version"]}
    lowered = await firm.owner.put(f"/v1/limits/{me}", lower)
    assert lowered.status_code == 200, lowered.text
    answers = await asyncio.gather(
        *(paid(firm, account) for account in [firm.account_id, str(second)] * EACH)
    )
    seen = Counter(answer.status_code for answer in answers)
    assert seen == {201: FIT - 1, 422: 2 * EACH - FIT + 1}, seen
    refusals = {a.json()["type"].rpartition(":")[2] for a in answers if a.status_code == 422}
    assert refusals == {"daily-limit-exceeded"}
    assert (await firm.owner.get(f"/v1/limits/{me}")).json()["used_fen"] == FIT * FEN


async def test_ten_call_backs_about_one_credit_book_it_once(city: City, db: asyncpg.Connection):
    firm = await open_firm(city)
    credit = {
        "payer_bank": "103100000026", "payer_account": "6217000010012345678",
        "payer_name": "南京示例贸易有限公司", "payee_account": firm.number, "payee_name": firm.name,
        "amount_fen": 7_000, "purpose": "货款", "on": "2025-09-01",
    }  # fmt: skip
    told = await city.world.post("/clearing_house/simulate/incoming", json=credit)
    reference = told.json()["reference"]
    await asyncio.gather(
        *(incoming.hear(city.ctx, system="clearing_house", reference=reference) for _ in range(10)),
        return_exceptions=True,
    )
    await city.idle()
    assert (await firm.account())["balance_fen"] == 7_000
    assert len((await firm.owner.get("/v1/credits")).json()["items"]) == 1
    entries = "select count(*) from ledger.entries where business_key like $1 || '%'"
    assert await db.fetchval(entries, reference) == 1
