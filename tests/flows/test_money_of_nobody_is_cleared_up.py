"""Money that fits no account waits in suspense until two people return it or find its owner."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.clock import SHANGHAI
from app.outside.iso import returns
from app.queries import parse
from tests.city import City, Person
from tests.firms import Firm, open_firm, order_faults
from tests.flows import founding

ROOT = Path(__file__).resolve().parents[2]
QUEUE = "/desk/v1/unapplied-credits"
STRANGE = "0200010099999999999"


class Desk:
    """Two people at the desk, and one firm that a stranger meant."""

    def __init__(self, firm: Firm, one: Person, other: Person) -> None:
        self.firm, self.one, self.other = firm, one, other

    async def queue(self, **query: Any) -> list[dict[str, Any]]:
        answer = await self.one.get(QUEUE, **query)
        assert answer.status_code == 200, answer.text
        return answer.json()["items"]

    async def item(self, item_id: str) -> dict[str, Any]:
        answer = await self.one.get(f"{QUEUE}/{item_id}")
        assert answer.status_code == 200, answer.text
        return answer.json()["item"]

    async def step(self, item_id: str, step: str, **more: Any) -> dict[str, Any]:
        """One proposes, the other agrees; what became of it."""
        seen = await self.item(item_id)
        body = {"step": step, "reason": "收款账号不存在", "version": seen["version"]} | more
        proposed = await self.one.post(f"{QUEUE}/{item_id}/propose", body)
        assert proposed.status_code == 200, proposed.text
        agreed = await self.other.post(
            f"{QUEUE}/{item_id}/agree", {"version": proposed.json()["version"]}
        )
        assert agreed.status_code == 200, agreed.text
        await self.firm.city.idle()
        return await self.item(item_id)

    async def arrives(self, amount_fen: int, **changes: Any) -> dict[str, Any]:
        """Settled one by one, so that nobody can refuse it; the item at the desk."""
        await self.firm.receive(amount_fen, final=True, **changes)
        return (await self.queue())[-1]

    async def until(self, item_id: str, state: str) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while (found := await self.item(item_id))["state"] != state:
                await asyncio.sleep(0.5)
                await self.firm.city.tick()
        return found


@pytest.fixture
async def desk(city: City) -> Desk:
    staff = await founding.staff(city)
    firm = await open_firm(city, fen=1_000)
    return Desk(firm, staff["operator.wu"], staff["supervisor.wang"])


async def held(db: asyncpg.Connection) -> dict[str, int]:
    """What the bank's own firm owes nobody it knows, and what the clearing house owes it."""
    rows = await db.fetch(
        "select a.kind, a.balance_fen from ledger.accounts a join accounts.policies p"
        " on p.kind = 'bank.identity' and (p.value ->> 'business_id')::uuid = a.business_id"
    )
    return {row["kind"]: row["balance_fen"] for row in rows}


async def test_money_for_no_account_is_suspended_and_returned_by_two(
    desk: Desk, db: asyncpg.Connection
):
    item = await desk.arrives(77_700, payee_account=STRANGE)
    assert (item["why"], item["state"], item["amount_fen"]) == ("no_account", "found", 77_700)
    case = (await desk.one.get(f"{QUEUE}/{item['id']}")).json()
    assert case["details"]["payee_account"] == STRANGE
    assert case["details"]["payer_name"] == "南京示例贸易有限公司"
    # Nothing leaves before it lies in suspense; nobody agrees to their own word.
    body = {"step": "return", "reason": "收款账号不存在", "version": 1}
    early = await desk.one.post(f"{QUEUE}/{item['id']}/propose", body)
    assert (early.status_code, early.json()["title"]) == (422, "须先挂账，再退汇或入账")
    mine = (await desk.one.post(f"{QUEUE}/{item['id']}/propose", body | {"step": "suspend"})).json()
    alone = await desk.one.post(f"{QUEUE}/{item['id']}/agree", {"version": mine["version"]})
    assert alone.status_code == 403
    late = await desk.other.post(f"{QUEUE}/{item['id']}/agree", {"version": 1})
    assert late.status_code == 409
    await desk.other.post(f"{QUEUE}/{item['id']}/agree", {"version": mine["version"]})
    await desk.firm.city.idle()
    assert (await desk.item(item["id"]))["state"] == "suspended"
    assert await held(db) == {"suspense": 77_700, "clearing_house": -77_700}

    done = await desk.step(item["id"], "return")
    done = done if done["state"] == "returned" else await desk.until(item["id"], "returned")
    assert await held(db) == {"suspense": 0, "clearing_house": 0}
    assert [one["id"] for one in await desk.queue(open=False)] == [item["id"]]
    house = (await desk.firm.city.world.get("/witness/clearing_house")).json()
    credit = next(c for c in house["incoming"] if c["reference"] == item["reference"])
    assert (credit["state"], credit["reason"]) == ("returned", "收款账号不存在")
    # Word for word: a pacs.004 of ours, and what the clearing house said to it.
    bank_id = await db.fetchval("select value ->> 'business_id' from accounts.policies"
                                " where kind = 'bank.identity'")  # fmt: skip
    path = f"/desk/v1/messages/{bank_id}/{done['return_id']}"
    letters = (await desk.one.get(path)).json()
    assert letters[0]["definition"] == "pacs.004.001.02"
    sent = returns.read_return(letters[0]["document"])
    assert (sent.about, sent.amount_fen, sent.why) == (item["reference"], 77_700, "AC01")
    # Ring for it again: it is not booked a second time.
    again = await desk.one.post(
        f"{QUEUE}/{item['id']}/propose", body | {"version": done["version"]}
    )
    assert again.status_code == 409
    await desk.firm.city.move_clock(datetime(2025, 9, 2, 9, tzinfo=SHANGHAI))
    runs = (await desk.one.get("/desk/v1/reconciliation/comparisons")).json()["items"]
    assert runs[0]["differences"] == 0, runs[0]


async def test_money_for_a_blocked_account_is_assigned_to_it_later(
    desk: Desk, db: asyncpg.Connection
):
    firm = desk.firm
    version = (await firm.account())["version"]
    state = {"state": "no_in_no_out", "by": "bank", "reason": "公文 1 号", "version": version}
    stopped = await desk.one.post(f"/desk/v1/accounts/{firm.account_id}/state", state)
    assert stopped.status_code == 200, stopped.text
    item = await desk.arrives(5_000)
    assert item["why"] == "account_refuses"
    assert (await desk.step(item["id"], "suspend"))["state"] == "suspended"
    nobody = {"step": "assign", "reason": "核实后入账", "to_account_number": "123456789",
              "version": (await desk.item(item["id"]))["version"]}  # fmt: skip
    wrong = await desk.one.post(f"{QUEUE}/{item['id']}/propose", nobody)
    assert (wrong.status_code, wrong.json()["title"]) == (422, "本行没有该账号")
    refused = await desk.step(item["id"], "assign", to_account_number=firm.number)
    assert (refused["state"], refused["wanted"]) == ("suspended", None)
    assert refused["answer"] == "账户状态不允许该笔收付"
    back = {"state": "active", "version": version + 1}
    assert (await desk.one.post(f"/desk/v1/accounts/{firm.account_id}/state", state | back)
            ).status_code == 200  # fmt: skip
    done = await desk.step(item["id"], "assign", to_account_number=firm.number)
    assert (done["state"], done["to_account_id"]) == ("assigned", firm.account_id)
    assert (await firm.account())["balance_fen"] == 6_000
    credits = (await firm.owner.get("/v1/credits")).json()["items"]
    assert (credits[0]["amount_fen"], credits[0]["payer_name"]) == (5_000, "南京示例贸易有限公司")
    assert (await held(db))["suspense"] == 0


async def test_what_only_the_clearing_house_knows_is_suspended_and_the_date_agrees(
    desk: Desk, db: asyncpg.Connection
):
    await desk.firm.receive(9_900, explained=False, payee_account=STRANGE)
    await desk.firm.city.move_clock(datetime(2025, 9, 2, 9, tzinfo=SHANGHAI))
    found = (await desk.one.get("/desk/v1/reconciliation/differences")).json()["items"]
    assert [(d["direction"], d["their_fen"]) for d in found] == [("incoming", 9_900)]
    body = {"difference_id": found[0]["id"], "reason": "对方已入账，用途不明"}
    made = await desk.one.post(QUEUE, body)
    assert made.status_code == 201, made.text
    item = made.json()
    assert (item["why"], item["wanted"]) == ("unknown", "suspend")
    agreed = await desk.other.post(f"{QUEUE}/{item['id']}/agree", {"version": item["version"]})
    assert agreed.status_code == 200, agreed.text
    async with asyncio.timeout(60):
        while (await desk.one.get("/desk/v1/reconciliation/differences")).json()["items"][0][
            "resolution"
        ] != "agrees":
            await desk.firm.city.idle()
            await asyncio.sleep(1)
    again = await desk.one.post(QUEUE, body)
    assert (again.status_code, again.json()["title"]) == (
        422, "仅可挂账对方已入账而本行无记录的来账")  # fmt: skip
    assert (await held(db))["suspense"] == 9_900


async def test_a_return_whose_answer_is_lost_is_asked_about_and_sent_once(
    desk: Desk, db: asyncpg.Connection
):
    item = await desk.arrives(4_400, payee_account=STRANGE)
    await desk.step(item["id"], "suspend")
    await order_faults(desk.firm.city, done_but_timed_out=True, count=1, callbacks="never")
    await desk.step(item["id"], "return")
    await order_faults(desk.firm.city)
    done = await desk.until(item["id"], "returned")
    house = (await desk.firm.city.world.get("/witness/clearing_house")).json()
    sent = [one for one in house["requests"] if one["kind"] == "return"]
    assert [one["reference"] for one in sent] == [done["return_id"]]
    assert (await held(db))["suspense"] == 0


async def test_money_booked_behind_the_items_back_is_found(desk: Desk, db: asyncpg.Connection):
    item = await desk.arrives(100, payee_account=STRANGE)
    await desk.step(item["id"], "suspend")
    queries = parse(ROOT / "accounts/unapplied/verify.sql")
    async with db.transaction():
        await db.execute("alter table accounts.unapplied_credits disable trigger user")
        await db.execute("update accounts.unapplied_credits set state = 'found'")
        found = await db.fetch(queries["suspended_credit_without_its_entry"].text)
        assert [str(row["id"]) for row in found] == [item["id"]]
        await db.execute("update accounts.unapplied_credits set state = 'suspended'")
        await db.execute("alter table accounts.unapplied_credits enable trigger user")
