"""With the payment lane on, what the monitors look at goes the ordinary way and is held alike."""

from __future__ import annotations

import asyncpg
import msgspec
import pytest

from app.settings import Settings
from tests.city import City
from tests.firms import open_firm
from tests.flows import founding
from tests.flows.test_a_suspicious_payment_is_held import TELLING, decide, good, live, lone


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The lane is on here, whatever its default."""
    return msgspec.structs.replace(settings, payment_lane=True)


async def test_a_payment_that_a_live_rule_stops_is_held_with_the_lane_on(
    city: City, db: asyncpg.Connection
):
    desk = await founding.staff(city)
    firm = await lone(await open_firm(city, fen=10_000_000))
    other = await open_firm(city, name="杭州示例餐饮有限公司")
    every = [{"any": [{"feature": "amount_fen", "op": "ge", "value": 0}]}]
    await live(city, desk, conditions=every)
    paid = {}
    for amount in (999_998, 999_999, 1_000_000, TELLING):
        order = firm.order_to(other, amount)
        paid[amount] = await good(firm.owner.post("/v1/payments", order), 201)
    assert [one["state"] for one in paid.values()] == [
        "settled", "settled", "under_review", "under_review",
    ]  # fmt: skip
    assert await db.fetchval("select count(*) from accounts.monitor_verdicts") == 2
    await city.idle()
    await decide(firm, desk["reviewer.li"], paid[TELLING], "release")
    await decide(firm, desk["reviewer.li"], paid[1_000_000], "refuse", reason="被盗用")
    await city.idle()
    assert (await other.account())["balance_fen"] == 999_998 + 999_999 + TELLING
    assert (await firm.account())["available_fen"] == 10_000_000 - 1_999_997 - TELLING
