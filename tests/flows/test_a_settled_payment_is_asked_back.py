"""An owner asks a settled payment back: the other bank gives it back, or says why not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.outside.iso import recalls, xml
from tests.city import City
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows import founding
from tests.flows.test_the_clearing_house_is_reconciled import paid, seen


@pytest.fixture
async def firm(city: City) -> Firm:
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await set_rule(firm.owner, None, None)
    return firm


async def answered(firm: Firm, payment_id: str) -> dict[str, Any]:
    """The payment's only recall, once the other bank has answered it."""
    async with asyncio.timeout(40):
        while True:
            await firm.city.idle()
            [found] = (await firm.owner.get(f"/v1/payments/{payment_id}/recalls")).json()
            if found["state"] != "asked":
                return found
            await asyncio.sleep(0.3)


async def test_who_agrees_gives_it_back_and_both_messages_are_kept(firm: Firm):
    payment = await paid(firm, 300_000)
    asked = await firm.owner.post(
        f"/v1/payments/{payment['id']}/recalls", {"why": "duplicate", "words": "付了两次"}
    )
    assert asked.status_code == 201, asked.text
    again = await firm.owner.post(f"/v1/payments/{payment['id']}/recalls", {"why": "not_wanted"})
    assert again.status_code == 409
    assert (await answered(firm, payment["id"]))["state"] == "agreed"
    back = await seen(firm, payment["id"], "returned")
    assert back["reason"] == "应付款行要求退回"
    assert (await firm.account())["balance_fen"] == 1_000_000
    late = await firm.owner.post(f"/v1/payments/{payment['id']}/recalls", {"why": "duplicate"})
    assert (late.status_code, late.json()["state"]) == (409, "returned")
    desk = (await founding.staff(firm.city))["operator.wu"]
    path = f"/desk/v1/messages/{firm.business_id}/{asked.json()['id']}"
    messages = (await desk.get(path)).json()
    assert xml.definition_of(messages[0]["document"]) == recalls.REQUEST
    assert messages[-1]["definition"] == recalls.ANSWER
    said = recalls.read_request(messages[0]["document"])
    assert (said.about, said.why, said.words) == (payment["id"], "DUPL", "付了两次")
    assert recalls.read_answer(messages[-1]["document"]).state == "done"


async def test_who_refuses_keeps_it_and_says_why(firm: Firm):
    await open_supplier(firm.city, recalls="refuses")
    payment = await paid(firm, 300_000)
    path = f"/v1/payments/{payment['id']}/recalls"
    assert (await firm.owner.post(path, {"why": "wrong_payee"})).status_code == 201
    found = await answered(firm, payment["id"])
    assert (found["state"], found["answer"]) == ("refused", "收款人不同意退回")
    await seen(firm, payment["id"], "settled")
    assert (await firm.account())["balance_fen"] == 700_000
    assert (await firm.owner.post(path, {"why": "not_wanted"})).status_code == 201
