"""Every date agrees with the clearing house, or says where not; messages are kept word for word."""

from __future__ import annotations

import asyncio
import random
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from accounts.movements.model import DIRECTIONS, Item
from accounts.reconciliation import operations as reconciliation
from accounts.reconciliation.model import Found
from app.clock import SHANGHAI
from app.outside.iso import credits, xml
from app.queries import parse
from tests.city import City, Person
from tests.firms import OTHER_BANK, Firm, open_firm, open_supplier, order_faults, set_rule
from tests.flows import founding

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await set_rule(firm.owner, None, None)
    return firm


async def paid(firm: Firm, amount_fen: int) -> dict[str, Any]:
    """A payment to the other bank that has arrived there."""
    made = await firm.owner.post("/v1/payments", firm.order(amount_fen))
    assert made.status_code == 201, made.text
    return await seen(firm, made.json()["id"], "settled")


async def seen(firm: Firm, payment_id: str, state: str) -> dict[str, Any]:
    async with asyncio.timeout(40):
        while True:
            await firm.city.idle()
            found = (await firm.owner.get(f"/v1/payments/{payment_id}")).json()
            if found["state"] == state:
                return found
            await asyncio.sleep(0.3)


async def given_back(firm: Firm, payment_id: str, on: str) -> None:
    answer = await firm.city.world.post(
        "/clearing_house/simulate/return", json={"reference": payment_id, "on": on}
    )
    assert answer.status_code == 200, answer.text


async def at_the_desk(city: City) -> Person:
    """The operator, signed in at the desk."""
    return (await founding.staff(city))["operator.wu"]


def morning(day: int) -> datetime:
    return datetime(2025, 9, day, 9, tzinfo=SHANGHAI)


async def test_a_date_with_every_kind_of_movement_agrees_and_is_sealed(
    firm: Firm, db: asyncpg.Connection
):
    one, _ = await paid(firm, 300_000), await paid(firm, 1_000)
    await given_back(firm, one["id"], "2025-09-01")
    await seen(firm, one["id"], "returned")
    await firm.receive(777, payee_account="0200010099999999999")
    await firm.city.move_clock(morning(2))
    row = await db.fetchrow("select * from accounts.reconciliations where reconciled_on = $1",
                            morning(1).date())  # fmt: skip
    assert row["differences"] == 0
    lines = await db.fetch(
        "select direction, our_count, our_fen, their_count, their_fen"
        " from accounts.reconciliation_lines where reconciled_on = $1 order by 1",
        morning(1).date(),
    )
    assert [tuple(line) for line in lines] == [
        ("incoming", 2, 1_000_777, 2, 1_000_777),
        ("incoming_returned", 1, 777, 1, 777),
        ("outgoing", 2, 301_000, 2, 301_000),
        ("outgoing_returned", 1, 300_000, 1, 300_000),
    ]


async def test_returned_money_is_found_without_a_call_back_after_a_day(firm: Firm):
    payment = await paid(firm, 300_000)
    await order_faults(firm.city, callbacks="never")
    await given_back(firm, payment["id"], "2025-09-01")
    await firm.city.idle()
    assert (await firm.account())["balance_fen"] == 700_000
    await firm.city.move_clock(datetime(2025, 9, 2, 23, 59, tzinfo=SHANGHAI))
    async with asyncio.timeout(40):
        while (await firm.account())["balance_fen"] != 1_000_000:
            await firm.city.tick()
            await asyncio.sleep(0.5)
    await seen(firm, payment["id"], "returned")
    await order_faults(firm.city)


async def test_a_settled_payment_is_looked_at_after_one_three_and_seven_days(
    firm: Firm, db: asyncpg.Connection
):
    payment = await paid(firm, 1_000)
    settled_at = datetime.fromisoformat(payment["finished_at"])
    due = "select check_at, checks from accounts.clearing_references"
    for checks, days in enumerate([1, 3, 7]):
        row = await db.fetchrow(due)
        assert row["checks"] == checks
        assert (row["check_at"] - settled_at).days in (days, days - 1)
        assert abs((row["check_at"] - settled_at).total_seconds() - days * 86400) < 3600
        await firm.city.move_clock(row["check_at"])
        async with asyncio.timeout(30):
            while (await db.fetchrow(due))["checks"] == checks:
                await firm.city.tick()
                await asyncio.sleep(0.5)
    assert (await db.fetchrow(due))["check_at"] is None


async def test_what_only_the_clearing_house_knows_is_an_item_asked_about_until_both_agree(
    firm: Firm, db: asyncpg.Connection
):
    payment = await paid(firm, 300_000)
    await order_faults(firm.city, callbacks="never")
    await db.execute("update accounts.clearing_references set check_at = null")
    await given_back(firm, payment["id"], "2025-09-01")
    await firm.city.move_clock(morning(2))
    # The difference was found and asked about, and with that the money was booked.
    back = await seen(firm, payment["id"], "returned")
    assert back["reason"] == "收款人账户异常，退汇"
    desk = await at_the_desk(firm.city)
    items = (await desk.get("/desk/v1/reconciliation/differences")).json()["items"]
    assert [(i["direction"], i["our_fen"], i["their_fen"], i["state"]) for i in items] == [
        ("outgoing_returned", None, 300_000, "open")
    ]
    path = f"/desk/v1/reconciliation/differences/{items[0]['id']}"
    assert (await desk.post(f"{path}/ask", {"version": 9})).status_code == 409
    asked = await desk.post(f"{path}/ask", {"version": 1})
    assert asked.status_code == 200, asked.text
    async with asyncio.timeout(60):
        while True:
            await firm.city.idle()
            found = (await desk.get("/desk/v1/reconciliation/differences")).json()["items"]
            if found[0]["state"] == "resolved":
                break
            await asyncio.sleep(1)
    assert found[0]["resolution"] == "agrees"
    runs = (await desk.get("/desk/v1/reconciliation/comparisons")).json()["items"]
    assert [run["differences"] for run in runs if run["reconciled_on"] == "2025-09-01"][-1] == 1
    assert runs[0]["differences"] == 0
    await order_faults(firm.city)


async def test_what_nobody_can_clear_up_is_claimed_and_explained_never_silently(
    firm: Firm, db: asyncpg.Connection
):
    await db.execute(
        "insert into accounts.clearing_movements (direction, reference, moved_on, amount_fen,"
        " noted_at) values ('incoming', 'nobody-knows-0001', '2025-09-01', 5, now())"
    )
    await firm.city.move_clock(morning(2))
    desk = await at_the_desk(firm.city)
    item = (await desk.get("/desk/v1/reconciliation/differences")).json()["items"][0]
    assert (item["our_fen"], item["their_fen"]) == (5, None)
    path = f"/desk/v1/reconciliation/differences/{item['id']}"
    words = {"version": 1, "explanation": "测试录入，已核实"}
    assert (await desk.post(f"{path}/explain", words)).status_code == 409
    claimed = (await desk.post(f"{path}/claim", {"version": 1})).json()
    assert claimed["state"] == "claimed"
    told = await desk.post(f"{path}/explain", words | {"version": 2})
    assert (told.status_code, told.json()["resolution"]) == (200, "explained")
    with pytest.raises(asyncpg.PostgresError, match="resolved"):
        await db.execute("update accounts.differences set explanation = 'x'")
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute("delete from accounts.clearing_movements")
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute("update accounts.reconciliations set differences = 0")


async def test_messages_are_kept_sealed_and_shown_at_the_desk(firm: Firm, db: asyncpg.Connection):
    payment = await paid(firm, 123_456)
    desk = await at_the_desk(firm.city)
    found = (await desk.get(f"/desk/v1/messages/{firm.business_id}/{payment['id']}")).json()
    kinds = [(message["direction"], message["definition"]) for message in found]
    assert kinds[0] == ("out", credits.TRANSFER)
    assert kinds[-1] == ("in", credits.STATUS)
    sent = credits.read_transfer(found[0]["document"])
    assert (sent.reference, sent.amount_fen, sent.channel) == (payment["id"], 123_456, "IBPS")
    assert (sent.payer_account, sent.payee_bank) == (firm.number, OTHER_BANK)
    told = credits.read_outcome(found[-1]["document"])
    assert (told.state, told.result.amount_fen) == ("done", 123_456)
    assert xml.definition_of(found[0]["document"]) == credits.TRANSFER
    stored = await db.fetch("select sealed from accounts.messages")
    assert all(firm.name.encode() not in row["sealed"] for row in stored)
    assert (await firm.owner.get(f"/desk/v1/messages/{firm.business_id}/{payment['id']}")
            ).status_code == 401  # fmt: skip


async def test_the_owner_is_told_the_way_before_paying(firm: Firm):
    async def told(amount_fen: int, **query: Any) -> dict[str, Any]:
        query = {"bank_code": OTHER_BANK, "amount_fen": amount_fen} | query
        answer = await firm.owner.get("/v1/payment-systems/quote", **query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    assert (await told(100))["rail"] == "ibps"
    assert (await told(100, speed="ordinary"))["rail"] == "beps"
    assert (await told(10**9, bank_code="102100099996"))["rail"] == "in_bank"
    await firm.city.move_clock(datetime(2025, 9, 5, 18, tzinfo=SHANGHAI))
    waits = await told(200_000_000)
    assert (waits["rail"], waits["reason"], waits["until_sent"]) == (
        "hvps", "large_waits", "cancellable")  # fmt: skip
    opens = datetime.fromisoformat(waits["sent_at"])
    assert opens == datetime(2025, 9, 7, 20, 30, tzinfo=SHANGHAI)


async def test_a_comparison_changed_afterwards_is_found(firm: Firm, db: asyncpg.Connection):
    await paid(firm, 1_000)
    await firm.city.move_clock(morning(2))
    await firm.city.move_clock(morning(3))
    assert await db.fetchval("select count(*) from accounts.reconciliations") >= 2
    found = {
        query.name: query.text
        for query in parse(ROOT / "accounts" / "reconciliation" / "verify.sql").values()
    }
    planted = {
        "reconciliation_seal_broken": "reconciliations set differences = differences + 1",
        "difference_forgotten": "reconciliations set differences = differences + 1",
        "their_balance_does_not_add_up": "reconciliations set closing_fen = closing_fen + 1",
        "our_side_is_not_what_was_noted": "reconciliation_lines set our_fen = our_fen + 1",
    }
    assert planted.keys() == found.keys()
    for name, change in planted.items():
        assert await db.fetch(found[name]) == []
        planting = db.transaction()
        await planting.start()
        await db.execute(f"alter table accounts.{change.split()[0]} disable trigger user")
        await db.execute(f"update accounts.{change}")
        rows = await db.fetch(found[name])
        await planting.rollback()
        assert rows, f"{name} does not see it"


async def test_two_errors_that_cancel_out_in_count_and_sum_are_found(
    firm: Firm, db: asyncpg.Connection
):
    one, other = await paid(firm, 3_000), await paid(firm, 5_000)
    await db.execute("alter table accounts.clearing_movements disable trigger user")
    swap = "update accounts.clearing_movements set amount_fen = 8000 - amount_fen"
    await db.execute(f"{swap} where direction = 'outgoing'")
    await firm.city.move_clock(morning(2))
    run = await db.fetchrow("select * from accounts.reconciliations order by no limit 1")
    lines = await db.fetch("select * from accounts.reconciliation_lines where run_no = 1")
    assert all((r["our_count"], r["our_fen"]) == (r["their_count"], r["their_fen"]) for r in lines)
    assert run["differences"] == 2
    desk = await at_the_desk(firm.city)
    found = (await desk.get("/desk/v1/reconciliation/differences")).json()["items"]
    assert {(d["reference"], d["our_fen"], d["their_fen"]) for d in found} == {
        (one["id"], 5_000, 3_000), (other["id"], 3_000, 5_000),
    }  # fmt: skip
    assert await db.fetchval("select count(*) from accounts.their_items") == 0
    await db.execute(f"{swap} where direction = 'outgoing'")
    await db.execute("alter table accounts.clearing_movements enable trigger user")


async def test_exactly_what_differs_is_found_on_any_date(city: City, db: asyncpg.Connection):
    dice = random.Random(1)
    places = [(way, name, no) for way in DIRECTIONS for name in "ab" for no in range(2)]
    for number in range(30):
        on = date(2025, 1, 1) + timedelta(days=number)
        ours, theirs = (
            {place: dice.randint(1, 3) for place in places if dice.random() < 0.6} for _ in "ab"
        )
        await db.executemany(
            "insert into accounts.clearing_movements"
            " (direction, reference, line_no, moved_on, amount_fen, noted_at)"
            " values ($1, $2, $3, $4, $5, now())",
            [(way, f"{name}{number}", no, on, fen) for (way, name, no), fen in ours.items()],
        )
        told = [
            Item(direction=way, reference=f"{name}{number}", line_no=no, amount_fen=fen)
            for (way, name, no), fen in theirs.items()
        ]
        comparison_id = uuid4()
        async with city.ctx.begin() as work:
            await reconciliation.take_items(work, comparison_id=comparison_id, theirs=told)
            found = await work.all(
                Found,
                reconciliation.sql.compare_items,
                on=on,
                comparison_id=comparison_id,
                seen=await db.fetchval("select pg_current_snapshot()::text"),
            )
        assert {
            (one.direction, one.reference[0], one.line_no): (one.our_fen, one.their_fen)
            for one in found
        } == {
            place: (ours.get(place), theirs.get(place))
            for place in ours.keys() | theirs.keys()
            if ours.get(place) != theirs.get(place)
        }
