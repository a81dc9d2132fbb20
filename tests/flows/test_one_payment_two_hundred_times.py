"""Two hundred copies of a payment, sent at once, are one payment, here and at the other bank."""

from __future__ import annotations

import asyncio
from collections import Counter
from uuid import uuid4

from httpx import Response

from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule

COPIES = 200


async def send(firm: Firm, order: dict, key: str) -> Response:
    """One copy, repeated while the system says that it is busy."""
    async with asyncio.timeout(120):
        while True:
            answer = await firm.owner.post("/v1/payments", order, key=key)
            if answer.status_code != 503:
                return answer
            await asyncio.sleep(float(answer.headers["Retry-After"]) / 4)


async def test_two_hundred_copies_of_three_payments_at_once_are_three_payments(city: City):
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    payee = await open_firm(city, name="杭州示例餐饮有限公司")
    await set_rule(firm.owner, None, None)
    orders = {
        str(uuid4()): order
        for order in (firm.order_to(payee, 1_001), firm.order_to(payee, 1_002), firm.order(1_003))
    }
    copies = list(orders.items()) * COPIES
    answers = await asyncio.gather(*(send(firm, order, key) for key, order in copies))
    for key in orders:
        mine = [a for (sent, _), a in zip(copies, answers, strict=True) if sent == key]
        assert len(mine) == COPIES
        assert {a.status_code for a in mine} == {201}
        assert len({a.content for a in mine}) == 1
        assert sum("Idempotency-Replayed" not in a.headers for a in mine) == 1
    for key, order in orders.items():
        another = order | {"amount_fen": order["amount_fen"] + 1}
        refused = await firm.owner.post("/v1/payments", another, key=key)
        assert (refused.status_code, refused.json()["type"][-11:]) == (422, ":key-reused")
    await city.idle()
    witness = (await city.world.get("/witness/clearing_house")).json()
    sent = Counter(r["body"]["amount_fen"] for r in witness["requests"] if r["kind"] == "credit")
    assert sent == {1_003: 1}
    assert (await payee.account())["balance_fen"] == 2_003
    assert (await firm.account())["balance_fen"] == 1_000_000 - 3_006
