"""Payments that are committed together keep what each of them would keep alone."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from accounts.deposits import operations as deposits
from accounts.deposits.model import NewState
from accounts.lane import operations, rules
from accounts.limits import operations as limits
from accounts.limits.model import NewLimit
from app import database
from app.batches import Batcher
from app.settings import Settings
from app.work import CommitUnknown
from tests import lane as lanes
from tests.city import City
from tests.firms import Firm, open_firm
from tests.flows.desk import at_the_desk, close
from tests.lane import answers, body, items, open_lane, person_id, said, warm


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The lane is on here, whatever its default."""
    return msgspec.structs.replace(settings, payment_lane=True)


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=1_000_001)


@pytest.fixture
async def other(city: City, firm: Firm) -> Firm:
    opened = await open_firm(city, name="杭州示例餐饮有限公司")
    await warm(firm, opened)
    return opened


async def balances(*firms: Firm) -> list[int]:
    return [(await firm.account())["balance_fen"] for firm in firms]


async def set_state(firm: Firm, state: str) -> None:
    async with firm.city.ctx.begin(firm.business_id) as work:
        version = (await deposits.own(work, account_id=firm.account_id)).version  # type: ignore[arg-type]
        await deposits.set_state(
            work,
            account_id=firm.account_id,  # type: ignore[arg-type]
            new=NewState(state=state, by="bank", reason="x", version=version),  # type: ignore[arg-type]
        )


async def test_payments_of_one_moment_share_a_commit(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    codes = await asyncio.gather(
        *(firm.owner.post("/v1/payments", firm.order_to(other, 10)) for _ in range(64))
    )
    assert {answer.status_code for answer in codes} == {201}
    commits = await db.fetchval(
        "select count(distinct a.written_xid) from core.audit a"
        " where a.action = 'payment.made' and a.business_id = $1",
        firm.business_id,
    )
    assert commits < 64, commits
    assert await balances(firm, other) == [1_000_000 - 640, 641]
    await firm.city.idle()
    credits = (await other.owner.get("/v1/credits", limit=100)).json()["items"]
    assert Counter(c["amount_fen"] for c in credits) == {10: 64, 1: 1}
    kept = (await firm.owner.get(f"/v1/payments/{codes[0].json()['id']}")).json()
    assert kept == codes[0].json()


async def test_copies_in_one_moment_have_one_effect_and_one_answer(firm: Firm, other: Firm):
    keys = [f"copy-{no}-{uuid4()}" for no in range(5)]
    orders = [firm.order_to(other, 1_000 + no) for no in range(5)]
    made = await items(firm.city, firm, await person_id(firm.owner), orders * 20, keys * 20)
    async with open_lane(firm.city) as lane:
        told = await answers(lane, made)
    assert Counter(map(said, told)) == {"settled": 5, "replayed": 95}
    for no in range(5):
        assert len({body(answer) for answer in told[no::5]}) == 1
    over_http = await firm.owner.post("/v1/payments", orders[0], key=keys[0])
    assert over_http.content == body(told[0])
    assert over_http.headers["Idempotency-Replayed"] == "true"
    assert (await balances(other)) == [1 + sum(1_000 + no for no in range(5))]


async def test_another_body_under_a_key_of_the_same_moment_is_refused(firm: Firm, other: Firm):
    keys = [f"one-body-{no // 2}" for no in range(40)]
    orders = [firm.order_to(other, 100 + no % 2) for no in range(40)]
    made = await items(firm.city, firm, await person_id(firm.owner), orders, keys)
    async with open_lane(firm.city) as lane:
        told = await answers(lane, made)
    assert [said(answer) for answer in told] == ["settled", "KeyReused"] * 20
    assert (await balances(other)) == [1 + 20 * 100]


async def test_a_refusal_is_kept_and_repeated_to_the_last_byte(firm: Firm, other: Firm):
    # From a million fen on the monitors look, and the lane hands over.
    paid = await firm.owner.post("/v1/payments", firm.order_to(other, 2))
    assert paid.status_code == 201, paid.text
    order, key = firm.order_to(other, 999_999), str(uuid4())
    [item] = await items(firm.city, firm, await person_id(firm.owner), [order], [key])
    async with open_lane(firm.city) as lane:
        [first] = await answers(lane, [item])
    assert said(first) == "InsufficientFunds"
    await firm.receive(5_000_000)
    again = await firm.owner.post("/v1/payments", order, key=key)
    assert (again.status_code, again.content) == (422, body(first))
    assert again.json()["short_fen"] == 1
    kept = (await firm.owner.get(f"/v1/payments/{first.payment_id}")).json()
    assert (kept["state"], kept["reason"], kept["rail"]) == ("refused", "可用余额不足", None)


async def test_two_lanes_drain_an_account_to_nothing_and_never_below(firm: Firm, other: Firm):
    maker = await person_id(firm.owner)
    orders = [firm.order_to(other, 30_000)] * 64
    async with open_lane(firm.city) as one, open_lane(firm.city) as two:
        mine, theirs = [await items(firm.city, firm, maker, orders) for _ in range(2)]
        told = await asyncio.gather(answers(one, mine), answers(two, theirs))
    counted = Counter(said(answer) for each in told for answer in each)
    assert counted == {"settled": 33, "InsufficientFunds": 95}
    assert await balances(firm, other) == [10_000, 1 + 33 * 30_000]


async def test_a_persons_day_is_used_to_the_fen_by_two_lanes(firm: Firm, other: Firm):
    maker = await person_id(firm.owner)
    async with firm.city.ctx.begin(firm.business_id) as work:
        new = NewLimit(single_fen=1_000, daily_fen=50_001, version=1)
        await limits.set_limit(work, person=maker, new=new)
    orders = [firm.order_to(other, 1_000)] * 99 + [firm.order_to(other, 1_001)]
    async with open_lane(firm.city) as one, open_lane(firm.city) as two:
        mine, theirs = [await items(firm.city, firm, maker, orders) for _ in range(2)]
        told = await asyncio.gather(answers(one, mine), answers(two, theirs))
    counted = Counter(said(answer) for each in told for answer in each)
    assert counted == {"settled": 50, "DailyLimitExceeded": 148, "SingleLimitExceeded": 2}
    seen = (await firm.owner.get(f"/v1/limits/{maker}")).json()
    assert seen["used_fen"] == 50_001


async def test_a_persons_day_is_one_for_all_accounts(city: City, firm: Firm, other: Firm):
    """Nothing but the limits is common to the two lanes: other accounts, other payees."""
    third = await open_firm(city, name="苏州示例印刷有限公司")
    async with city.ctx.begin(firm.business_id) as work:
        number = f"1{firm.number[1:]}"
        second = await deposits.open(work, number=number, name=firm.name, account_class="general")
    await firm.receive(500_000, payee_account=number)
    maker = await person_id(firm.owner)
    async with city.ctx.begin(firm.business_id) as work:
        new = NewLimit(single_fen=1_000, daily_fen=50_001, version=1)
        await limits.set_limit(work, person=maker, new=new)
    orders = [firm.order_to(other, 1_000)] * 100
    others = [firm.order_to(third, 1_000, account_id=str(second))] * 100
    async with open_lane(city) as one, open_lane(city) as two:
        mine, theirs = [await items(city, firm, maker, each) for each in (orders, others)]
        told = await asyncio.gather(answers(one, mine), answers(two, theirs))
    counted = Counter(said(answer) for each in told for answer in each)
    assert counted == {"settled": 50, "DailyLimitExceeded": 150}


@pytest.mark.parametrize(
    ("payer", "payee", "word"),
    [
        ("stop_payment", "active", "CannotPayOnline"),
        ("suspended_noncounter", "active", "CannotPayOnline"),
        ("active", "no_in_no_out", "PayeeCannotReceive"),
        ("active", "closed", "PayeeCannotReceive"),
        ("active", "receive_only", "settled"),
    ],
)
async def test_states_of_both_sides_hold(city: City, firm: Firm, payer: str, payee: str, word: str):
    giver = await open_firm(city, name="杭州示例贸易有限公司", fen=100)
    target = await open_firm(city, name="杭州示例餐饮有限公司")
    await warm(giver, firm)
    for side, state in ((giver, payer), (target, payee)):
        if state == "closed":
            assert (await close(side, await at_the_desk(city))).status_code == 200
        elif state != "active":
            await set_state(side, state)
    made = await items(city, giver, await person_id(giver.owner), [giver.order_to(target, 5)])
    async with open_lane(city) as lane:
        assert [said(answer) for answer in await answers(lane, made)] == [word]


async def test_what_is_not_the_lanes_is_left_to_the_ordinary_way(firm: Firm, other: Firm):
    maker = await person_id(firm.owner)
    newcomer = uuid4()
    named = firm.order_to(other, 10)["payee"]
    orders = [
        firm.order(10),
        firm.order_to(other, 10, payee=named | {"name": "杭州示例餐饮 有限公司"}),
        firm.order_to(other, 10, account_id=other.account_id),
    ]
    made = await items(firm.city, firm, maker, orders)
    made += await items(firm.city, firm, newcomer, [firm.order_to(other, 10)])
    async with open_lane(firm.city) as lane:
        assert [said(answer) for answer in await answers(lane, made)] == ["ordinary"] * 4
        rule = {"outside_above_fen": 0, "in_bank_above_fen": 1_000, "version": 0}
        await firm.owner.put("/v1/payments/second-person-rule", rule)
        party = (await firm.owner.post("/v1/parties", named | {"roles": ["payee"]})).json()
        orders = [firm.order_to(other, 10), firm.order_to(other, 1_001)]
        made = await items(firm.city, firm, maker, orders)
        assert [said(answer) for answer in await answers(lane, made)] == ["ordinary"] * 2
        trusted = await firm.owner.post(f"/v1/parties/{party['id']}/trust", {"version": 1})
        assert trusted.status_code == 200, trusted.text
        assert [said(answer) for answer in await answers(lane, made)] == ["settled", "ordinary"]
    assert (await balances(other)) == [11]


async def test_a_poison_payment_fails_alone(firm: Firm, other: Firm):
    made = await items(
        firm.city, firm, await person_id(firm.owner), [firm.order_to(other, 10)] * 40
    )
    made[17] = msgspec.structs.replace(made[17], key="short")
    async with open_lane(firm.city) as lane:
        told = await answers(lane, made)
    assert isinstance(told[17], asyncpg.CheckViolationError)
    assert Counter(map(said, told))["settled"] == 39
    assert (await balances(other)) == [1 + 390]


async def test_a_connection_cut_while_the_batch_waits_is_unknown_and_a_repeat_tells(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    order, key = firm.order_to(other, 700), str(uuid4())
    holder = await database.connect(firm.city.settings)
    hold = holder.transaction()
    await hold.start()
    await holder.execute(
        "select from ledger.accounts where id = $1::text::uuid for update", firm.account_id
    )
    asked = asyncio.create_task(firm.owner.post("/v1/payments", order, key=key))
    cut = 0
    async with asyncio.timeout(5):
        while not cut:
            cut = await db.fetchval(
                "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                " where usename = 'lane' and wait_event_type = 'Lock'"
                " and datname = current_database()"
            )
    unknown = await asked
    assert (unknown.status_code, unknown.headers["Retry-After"]) == (503, "1")
    assert unknown.json()["type"].endswith(":commit-unknown")
    await hold.rollback()
    await holder.close()
    first = await firm.owner.post("/v1/payments", order, key=key)
    again = await firm.owner.post("/v1/payments", order, key=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert (await balances(other)) == [701]


async def test_a_commit_whose_reply_is_lost_is_told_by_the_repeat(firm: Firm, other: Firm):
    """The statement commits, then the wire breaks before the verdicts are heard."""
    made = await items(firm.city, firm, await person_id(firm.owner), [firm.order_to(other, 10)] * 8)

    async def swallow(connection: asyncpg.Connection, sent: list) -> list:
        await operations.send(connection, sent)
        raise ConnectionResetError

    connect = partial(database.connect, firm.city.settings, "lane")
    deaf: operations.Lane = Batcher(connect=connect, send=swallow, key=rules.key_of)
    await deaf.open()
    told = await answers(deaf, made)
    await deaf.close()
    assert [type(answer) for answer in told] == [CommitUnknown] * 8
    async with open_lane(firm.city) as lane:
        told = await answers(lane, made)
    assert [said(answer) for answer in told] == ["replayed"] * 8
    assert (await balances(other)) == [81]


async def test_the_first_payment_of_a_month_closes_the_month_before(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    await firm.city.move_clock(datetime(2025, 10, 9, 2, tzinfo=UTC))
    made = await items(firm.city, firm, await person_id(firm.owner), [firm.order_to(other, 5)] * 3)
    async with open_lane(firm.city) as lane:
        assert [said(answer) for answer in await answers(lane, made)] == ["settled"] * 3
    closed = await db.fetch(
        "select r.month::text, r.in_fen, r.out_fen, r.postings, a.month::text as open,"
        " a.month_in_fen, a.month_out_fen, a.month_count from ledger.rollups r"
        " join ledger.accounts a on a.business_id = r.business_id and a.id = r.account_id"
        " where a.id = any($1::text[]::uuid[]) order by r.in_fen desc",
        [firm.account_id, other.account_id],
    )
    assert [tuple(row) for row in closed] == [
        ("2025-09-01", 1_000_001, 1, 2, "2025-10-01", 0, 15, 3),
        ("2025-09-01", 1, 0, 1, "2025-10-01", 15, 0, 3),
    ]


async def test_money_between_accounts_of_one_firm_is_one_entry(
    firm: Firm, other: Firm, db: asyncpg.Connection
):
    number = f"1{firm.number[1:]}"
    async with firm.city.ctx.begin(firm.business_id) as work:
        await deposits.open(work, number=number, name=firm.name, account_class="general")
    payee = firm.order_to(firm, 40)["payee"] | {"account_number": number}
    orders = [
        firm.order_to(firm, 40, payee=payee, purpose="own_account"),
        firm.order_to(firm, 40, purpose="own_account"),
    ]
    made = await items(firm.city, firm, await person_id(firm.owner), orders)
    async with open_lane(firm.city) as lane:
        told = await answers(lane, made)
    assert [said(answer) for answer in told] == ["settled", "PayeeIsPayer"]
    entries = await db.fetch(
        "select legs, clearing_fen, transfer_id from ledger.entries where business_key = $1",
        str(made[0].payment_id),
    )
    assert [tuple(row) for row in entries] == [(2, 0, None)]


async def test_the_lane_acts_for_no_other_firm_and_reads_nothing(firm: Firm, other: Firm):
    made = await items(firm.city, firm, await person_id(firm.owner), [firm.order_to(other, 1)])
    connection = await database.connect(firm.city.settings, "lane")
    try:
        for table in ("accounts.payments", "ledger.accounts", "accounts.person_limits"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"select from {table}")
        await connection.execute(f"set app.business = '{other.business_id}'")
        with pytest.raises(asyncpg.PostgresError, match="another firm"):
            await operations.send(connection, made)
    finally:
        await connection.close()
    stranger = await lanes.items(
        firm.city,
        other,
        await person_id(firm.owner),
        [other.order_to(firm, 1, account_id=firm.account_id)],
    )
    async with open_lane(firm.city) as lane:
        assert [said(answer) for answer in await answers(lane, stranger)] == ["ordinary"]
