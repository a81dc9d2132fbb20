"""A payment that a monitor stops is held, its owner asked, the bank's people decide; shadow stops
nothing; a rule goes live only by a replay and two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from app import clock
from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, outside_balance
from tests.flows import founding

RULES = "/desk/v1/monitor-rules"
HELD = "/desk/v1/payment-reviews"
TELLING = 2_345_678
BIG = 20_000_001


def new_rule(**changes: Any) -> dict[str, Any]:
    """A rule that fires on one amount alone, unless told otherwise."""
    return {
        "code": "theft.test", "family": "theft", "score": 60,
        "conditions": [{"any": [
            {"feature": "amount_fen", "op": "eq", "value": TELLING},
            {"feature": "amount_fen", "op": "eq", "value": BIG},
        ]}],
        "staff_zh": "测试", "staff_en": "test",
        "owner_zh": "银行正在核实这笔付款。", "owner_en": "The bank is checking this payment.",
    } | changes  # fmt: skip


@pytest.fixture
async def desk(city: City) -> dict[str, Person]:
    return await founding.staff(city)


@pytest.fixture
async def firm(city: City) -> Firm:
    """A firm that pays alone up to any amount."""
    await open_supplier(city)
    return await lone(await open_firm(city, fen=100_000_000))


async def lone(firm: Firm) -> Firm:
    """The bank's usual terms need nobody else inside the bank; outside, the firm says so."""
    async with firm.city.ctx.begin(firm.business_id) as work:
        await work.connection.execute(
            "insert into accounts.second_person_rules values ($1, null, null, 1)",
            firm.business_id,
        )
    return firm


async def good(answer: Any, status: int | None = None) -> Any:
    found = await answer
    assert found.status_code == (status or found.status_code) and found.status_code < 300, (
        found.text
    )
    return found.json()


async def shadow(desk: dict[str, Person], **changes: Any) -> dict[str, Any]:
    """A new version that watches."""
    made = await good(desk["reviewer.li"].post(RULES, new_rule(**changes)), 201)
    return await good(desk["reviewer.li"].post(f"{RULES}/{made['id']}/watch"))


async def live(city: City, desk: dict[str, Person], **changes: Any) -> dict[str, Any]:
    """A version that was replayed, proposed by one and put live by another."""
    rule = await shadow(desk, **changes)
    path = f"{RULES}/{rule['id']}"
    await good(desk["reviewer.li"].post(f"{path}/replay", {"days": 30}), 201)
    await city.idle()
    await good(desk["reviewer.li"].post(f"{path}/propose"))
    return await good(desk["reviewer.zhou"].post(f"{path}/put-live"))


async def held(firm: Firm, amount_fen: int = TELLING, **changes: Any) -> dict[str, Any]:
    """A payment that the monitor held."""
    order = firm.order(amount_fen, confirm_duplicate=True, **changes)
    payment = await good(firm.owner.post("/v1/payments", order), 201)
    assert payment["state"] == "under_review", payment
    await firm.city.idle()
    return payment


async def decide(firm: Firm, who: Person, payment: dict, decision: str, **more: Any) -> Any:
    path = f"{HELD}/{firm.business_id}/{payment['id']}"
    claimed = await who.post(f"{path}/claim")
    if claimed.status_code >= 300:
        return claimed
    return await who.post(f"{path}/decide", {"decision": decision} | more)


async def paid(firm: Firm, payment: dict) -> dict[str, Any]:
    await firm.city.idle()
    return await good(firm.owner.get(f"/v1/payments/{payment['id']}"))


async def test_a_held_payment_is_released_and_arrives(city: City, firm: Firm, desk: dict):
    rule = await live(city, desk)
    payment = await held(firm)
    account = await firm.account()
    assert (account["held_fen"], account["balance_fen"]) == (TELLING, 100_000_000)
    check = await good(firm.owner.get(f"/v1/payments/{payment['id']}/check"))
    assert (check["state"], check["asks"], check["answer"]) == ("checking", True, None)
    assert check["by"] > payment["created_at"] and check["text_en"].startswith("The bank")
    assert not any(word in str(check) for word in ("theft", "score", rule["id"], "feature"))
    texts = (await city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert any("正在核实" in one["text"] for one in texts)

    [line] = (await good(desk["reviewer.li"].get(HELD)))["items"]
    assert (line["payment_id"], line["levels"], line["overdue"]) == (payment["id"], 1, False)
    case = await good(desk["reviewer.li"].get(f"{HELD}/{firm.business_id}/{payment['id']}"))
    assert case["evidence"]["features"]["amount_fen"] == TELLING
    assert [one["code"] for one in case["evidence"]["fired"] if one["live"]] == ["theft.test"]
    answer = await decide(firm, desk["reviewer.li"], payment, "release")
    assert answer.json()["state"] == "released", answer.text
    assert (await paid(firm, payment))["state"] in ("processing", "settled")
    await city.idle()
    assert await outside_balance(city) == TELLING
    card = await good(desk["reviewer.li"].get(f"{RULES}/{rule['id']}"))
    assert (card["figures"]["held"], card["figures"]["good"], card["figures"]["bad"]) == (1, 1, 0)
    again = await desk["reviewer.zhou"].post(f"{HELD}/{firm.business_id}/{payment['id']}/claim")
    assert again.status_code == 409


async def test_inside_the_bank_the_money_moves_when_it_is_released(
    city: City, firm: Firm, desk: dict
):
    await live(city, desk)
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    order = firm.order_to(other, TELLING)
    payment = await held(firm, TELLING, payee=order["payee"])
    assert (await other.account())["balance_fen"] == 0
    await decide(firm, desk["reviewer.li"], payment, "release")
    assert (await paid(firm, payment))["state"] == "settled"
    assert (await other.account())["balance_fen"] == TELLING
    account = await firm.account()
    assert (account["held_fen"], account["balance_fen"]) == (0, 100_000_000 - TELLING)


async def test_a_refused_one_gives_the_money_back_and_says_nothing_of_the_rule(
    city: City, firm: Firm, desk: dict
):
    rule = await live(city, desk)
    payment = await held(firm)
    bare = await decide(firm, desk["reviewer.li"], payment, "refuse")
    assert bare.status_code == 422
    answer = await decide(firm, desk["reviewer.li"], payment, "refuse", reason="收款人涉诈")
    assert answer.json()["state"] == "refused", answer.text
    seen = await paid(firm, payment)
    assert seen["state"] == "rejected" and "涉诈" not in str(seen)
    assert (await firm.account())["available_fen"] == 100_000_000
    card = await good(desk["reviewer.li"].get(f"{RULES}/{rule['id']}"))
    assert (card["figures"]["good"], card["figures"]["bad"]) == (0, 1)


async def test_a_reserved_part_that_is_held_and_then_approved_is_taken_once(
    city: City, desk: dict[str, Person]
):
    await live(city, desk)
    await open_supplier(city)
    firm = await open_firm(city, fen=100_000_000)
    checker = await firm.member("13700000001", "checker")
    async with city.ctx.begin() as work:
        until = (work.now + timedelta(days=10)).astimezone(clock.SHANGHAI).isoformat()
    order = firm.order(2 * TELLING) | {"expires_at": until}
    made = await good(firm.owner.post("/v1/reservations", order), 201)
    confirm = f"/v1/reservations/{made['id']}/confirm"

    async def waiting(*, held_fen: int) -> dict[str, Any]:
        part = await good(firm.owner.post(confirm, {"amount_fen": TELLING}), 201)
        assert part["state"] == "under_review", part
        await city.idle()
        await good(decide(firm, desk["reviewer.li"], part, "release"))
        found = await paid(firm, part)
        assert found["state"] == "pending_approval", found
        assert (await firm.account())["held_fen"] == held_fen
        return found

    async def say(word: str, payment: dict, **more: Any) -> dict[str, Any]:
        path = f"/v1/payments/{payment['id']}/{word}"
        return await good(checker.post(path, {"version": payment["version"]} | more))

    approved = await waiting(held_fen=2 * TELLING)
    await say("approve", approved)
    assert (await paid(firm, approved))["state"] == "settled"
    account = await firm.account()
    assert (account["balance_fen"], account["held_fen"]) == (100_000_000 - TELLING, TELLING)
    rejected = await say("reject", await waiting(held_fen=TELLING), reason="不付")
    assert rejected["state"] == "rejected"
    account = await firm.account()
    assert (account["balance_fen"], account["held_fen"]) == (100_000_000 - TELLING, 0)


async def test_above_the_banks_amount_two_different_people_release(
    city: City, firm: Firm, desk: dict
):
    await live(city, desk)
    payment = await held(firm, BIG)
    first = await decide(firm, desk["reviewer.li"], payment, "release")
    assert first.json()["state"] == "open", first.text
    assert (await paid(firm, payment))["state"] == "under_review"
    twice = await decide(firm, desk["reviewer.li"], payment, "release")
    assert twice.status_code == 409
    second = await decide(firm, desk["reviewer.zhou"], payment, "release")
    assert second.json()["state"] == "released", second.text
    assert (await paid(firm, payment))["state"] in ("processing", "settled")


async def test_who_has_not_claimed_does_not_decide(city: City, firm: Firm, desk: dict):
    await live(city, desk)
    payment = await held(firm)
    path = f"{HELD}/{firm.business_id}/{payment['id']}"
    unclaimed = await desk["reviewer.li"].post(f"{path}/decide", {"decision": "release"})
    assert unclaimed.status_code == 409
    await good(desk["reviewer.li"].post(f"{path}/claim"))
    assert (await desk["reviewer.zhou"].post(f"{path}/claim")).status_code == 409
    await good(desk["reviewer.li"].post(f"{path}/let-go"))
    await good(desk["reviewer.zhou"].post(f"{path}/claim"))


async def test_the_owner_says_it_is_not_theirs_and_it_is_off_at_once(
    city: City, firm: Firm, desk: dict
):
    rule = await live(city, desk)
    payment = await held(firm)
    path = f"/v1/payments/{payment['id']}/check"
    answer = {"answer": "not_mine", "version": payment["version"]}
    check = await good(firm.owner.post(f"{path}/answer", answer))
    assert (check["state"], check["answer"]) == ("called_off", "not_mine")
    assert (await paid(firm, payment))["state"] == "cancelled"
    assert (await firm.account())["available_fen"] == 100_000_000
    assert (await good(desk["reviewer.li"].get(HELD)))["items"] == []
    card = await good(desk["reviewer.li"].get(f"{RULES}/{rule['id']}"))
    assert card["figures"]["bad"] == 1
    late = await firm.owner.post(f"{path}/answer", answer)
    assert late.status_code == 409


async def test_the_owners_yes_is_read_but_decides_nothing(city: City, firm: Firm, desk: dict):
    await live(city, desk)
    payment = await held(firm)
    answer = {"answer": "mine", "version": payment["version"]}
    await good(firm.owner.post(f"/v1/payments/{payment['id']}/check/answer", answer))
    assert (await paid(firm, payment))["state"] == "under_review"
    [line] = (await good(desk["reviewer.li"].get(HELD)))["items"]
    assert line["owner_answer"] == "mine"


async def test_the_owner_may_cancel_what_is_being_checked(city: City, firm: Firm, desk: dict):
    await live(city, desk)
    payment = await held(firm)
    body = {"version": payment["version"], "reason": "不付了"}
    cancelled = await good(firm.owner.post(f"/v1/payments/{payment['id']}/cancel", body))
    assert cancelled["state"] == "cancelled"
    assert (await good(desk["reviewer.li"].get(HELD)))["items"] == []


async def test_a_repeat_of_a_held_payment_is_answered_alike(city: City, firm: Firm, desk: dict):
    await live(city, desk)
    key = str(uuid4())
    first = await firm.owner.post("/v1/payments", firm.order(TELLING), key=key)
    again = await firm.owner.post("/v1/payments", firm.order(TELLING), key=key)
    assert (first.status_code, first.content) == (again.status_code, again.content)
    await decide(firm, desk["reviewer.li"], first.json(), "release")
    await city.idle()
    after = await firm.owner.post("/v1/payments", firm.order(TELLING), key=key)
    assert after.content == first.content
    assert await outside_balance(city) == TELLING


async def test_a_score_over_the_upper_bound_refuses(
    city: City, firm: Firm, desk: dict, db: asyncpg.Connection
):
    await live(city, desk, score=200)
    answer = await firm.owner.post("/v1/payments", firm.order(TELLING))
    assert answer.status_code == 422 and "stopped-by-monitor" in answer.json()["type"]
    assert "theft" not in answer.text
    assert await db.fetchval("select action from accounts.monitor_verdicts") == "refuse"
    assert (await firm.account())["available_fen"] == 100_000_000


async def test_a_rule_in_shadow_records_and_stops_nothing(
    city: City, firm: Firm, desk: dict, db: asyncpg.Connection
):
    rule = await shadow(desk, score=1000)
    payment = await good(firm.owner.post("/v1/payments", firm.order(TELLING)), 201)
    assert payment["state"] == "submitted"
    kept = await db.fetchrow("select action, shadow_action, score from accounts.monitor_verdicts")
    assert tuple(kept) == ("pass", "refuse", 0)
    card = await good(desk["reviewer.li"].get(f"{RULES}/{rule['id']}"))
    assert (card["figures"]["fired"], card["figures"]["held"]) == (1, 0)


async def test_small_payments_are_not_looked_at(
    city: City, firm: Firm, desk: dict, db: asyncpg.Connection
):
    every = [{"any": [{"feature": "amount_fen", "op": "ge", "value": 0}]}]
    await live(city, desk, conditions=every)
    small = await good(firm.owner.post("/v1/payments", firm.order(999_999)), 201)
    assert small["state"] == "submitted"
    assert await db.fetchval("select count(*) from accounts.monitor_verdicts") == 0
    await held(firm, 1_000_000)


async def test_going_live_takes_a_replay_and_another_person(city: City, firm: Firm, desk: dict):
    for _ in range(3):
        order = firm.order(TELLING, confirm_duplicate=True)
        await good(firm.owner.post("/v1/payments", order), 201)
    await good(firm.owner.post("/v1/payments", firm.order(1_500_000)), 201)
    await city.idle()
    rule = await shadow(desk)
    path = f"{RULES}/{rule['id']}"
    li, zhou = desk["reviewer.li"], desk["reviewer.zhou"]
    assert (await li.post(f"{path}/propose")).status_code == 422
    assert (await zhou.post(f"{path}/put-live")).status_code == 409
    assert (await li.get(f"{path}/replay")).status_code == 404
    await good(li.post(f"{path}/replay", {"days": 30}), 201)
    assert (await li.post(f"{path}/replay", {"days": 30})).status_code == 409
    await city.idle()
    replay = await good(li.get(f"{path}/replay"))
    assert (replay["state"], replay["looked_at"], replay["payments"]) == ("done", 4, 4)
    assert (replay["fired"], replay["would_hold"], replay["newly_stopped"]) == (3, 3, 3)
    assert len(replay["examples"]) == 3
    await good(li.post(f"{path}/propose"))
    assert (await li.post(f"{path}/put-live")).status_code == 403
    assert (await good(zhou.post(f"{path}/put-live")))["state"] == "live"
    # A newer version makes the older one retire when it goes live in its turn.
    newer = await live(city, desk, score=61)
    assert (await good(li.get(path)))["rule"]["state"] == "retired"
    # So does taking it out without a newer one.
    out = f"{RULES}/{newer['id']}/retire"
    wanted = await good(li.post(out, {"reason": "误报过多"}))
    assert (wanted["state"], wanted["retire_wanted_because"]) == ("live", "误报过多")
    assert (await li.post(out, {"reason": "误报过多"})).status_code == 403
    assert (await good(zhou.post(out, {"reason": "同意下线"})))["state"] == "retired"
    order = firm.order(TELLING, confirm_duplicate=True)
    payment = await good(firm.owner.post("/v1/payments", order), 201)
    assert payment["state"] == "submitted"


async def test_a_replay_knows_the_good_and_the_bad_ones(city: City, firm: Firm, desk: dict):
    await live(city, desk)
    for decision, reason in (("release", ""), ("refuse", "被盗用"), ("refuse", "被盗用")):
        payment = await held(firm)
        await decide(firm, desk["reviewer.li"], payment, decision, reason=reason)
        await city.idle()
    narrower = [{"any": [{"feature": "amount_fen", "op": "eq", "value": BIG}]}]
    found = {}
    for name, changes in (("wide", {"score": 62}), ("narrow", {"conditions": narrower})):
        rule = await shadow(desk, **changes)
        await good(desk["reviewer.li"].post(f"{RULES}/{rule['id']}/replay", {"days": 30}), 201)
        await city.idle()
        found[name] = await good(desk["reviewer.li"].get(f"{RULES}/{rule['id']}/replay"))
    counts = ("good_stopped", "bad_stopped", "bad_missed", "newly_stopped")
    assert [found["wide"][name] for name in counts] == [1, 2, 0, 0]
    assert [found["narrow"][name] for name in counts] == [0, 0, 2, 0]


async def test_habits_are_read_from_closed_days_as_from_the_payments_themselves(
    city: City, firm: Firm, desk: dict, db: asyncpg.Connection
):
    """What a monitor knows does not depend on whether a day has been counted already."""
    for amount in (1_100_000, 1_200_000, 2_000_000):
        await good(firm.owner.post("/v1/payments", firm.order(amount)), 201)
    await city.idle()
    await shadow(desk)
    seen = []
    for days in (1, 4):
        await city.move_clock(clock.start_of_day(
            (await db.fetchval("select (clock_timestamp() + ahead)::date from core.clock"))
            + timedelta(days=days)) + timedelta(hours=11))  # fmt: skip
        order = firm.order(TELLING, confirm_duplicate=True)
        await good(firm.owner.post("/v1/payments", order), 201)
        features = await db.fetchval(
            "select features from accounts.monitor_verdicts order by at desc limit 1"
        )
        seen.append(features)
    assert await db.fetchval("select count(*) from accounts.payment_days") > 0
    assert (seen[0]["payments_90d"], seen[0]["paid_before"], seen[0]["amount_pct_of_max"]) == (
        3, 3, 117,
    )  # fmt: skip
    assert (seen[1]["payments_90d"], seen[1]["paid_before"], seen[1]["amount_pct_of_max"]) == (
        4, 4, 100,
    )  # fmt: skip
