"""A payee that a list nearly names is looked at by the bank before it is paid, and only once."""

from __future__ import annotations

from typing import Any

import pytest

from tests.city import City, Person
from tests.firms import Firm, open_firm, open_supplier, set_rule
from tests.flows import founding

NEAR = "苏州示例材科有限公司"


@pytest.fixture
async def desk(city: City) -> Person:
    return (await founding.staff(city))["reviewer.li"]


@pytest.fixture
async def firm(city: City) -> Firm:
    """A firm that pays alone, so that nothing but the lists stands in the way."""
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    await set_rule(firm.owner, None, None)
    return firm


async def listed(desk: Person, name: str = NEAR) -> dict[str, Any]:
    body = {
        "list": "risk", "kind": "firm", "name": name, "reason": "涉诈商户", "source": "行内名单",
        "from_on": "2025-09-01",
    }  # fmt: skip
    answer = await desk.post("/desk/v1/watch-list", body)
    assert answer.status_code == 201, answer.text
    await desk.city.idle()
    return answer.json()


async def hits(desk: Person) -> list[dict[str, Any]]:
    answer = await desk.get("/desk/v1/watch-list/hits")
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


async def pay(firm: Firm, order: dict[str, Any], state: str) -> dict[str, Any]:
    answer = await firm.owner.post("/v1/payments", order)
    assert answer.status_code == 201, answer.text
    assert answer.json()["state"] == state, answer.text
    return answer.json()


async def release(desk: Person, firm: Firm, payment: dict[str, Any]) -> None:
    path = f"/desk/v1/payment-reviews/{firm.business_id}/{payment['id']}"
    assert (await desk.get(path)).status_code == 200
    assert (await desk.post(f"{path}/claim")).status_code == 200
    answer = await desk.post(f"{path}/decide", {"decision": "release", "reason": "同名不同主体"})
    assert answer.status_code == 200, answer.text
    await firm.city.idle()


async def test_a_near_name_is_held_explained_let_go_and_remembered(firm: Firm, desk: Person):
    await listed(desk)
    payment = await pay(firm, firm.order(10_000), "under_review")
    assert (await firm.account())["available_fen"] == 990_000
    (hit,) = await hits(desk)
    assert (hit["how"], hit["distance"], hit["listed_name"]) == ("near", 1, NEAR)
    assert hit["letters"] == [{"at": 6, "ours": "料", "theirs": "科"}]
    await release(desk, firm, payment)
    seen = (await firm.owner.get(f"/v1/payments/{payment['id']}")).json()
    assert seen["state"] == "settled"
    assert await hits(desk) == []
    await pay(firm, firm.order(10_001), "submitted")


async def test_a_changed_entry_is_looked_at_again_and_a_true_hit_is_refused(
    firm: Firm, desk: Person
):
    entry = await listed(desk)
    first = await pay(firm, firm.order(10_000), "under_review")
    await release(desk, firm, first)
    change = {"version": 1, "name": NEAR, "reason": "已更正", "source": "行内名单"}
    path = f"/desk/v1/watch-list/{entry['id']}"
    assert (await desk.put(path, change)).status_code == 200
    assert (await desk.put(path, change)).status_code == 409
    await pay(firm, firm.order(10_001), "under_review")
    (hit,) = await hits(desk)
    path = f"/desk/v1/watch-list/hits/{hit['business_id']}/{hit['id']}/decide"
    body = {"decision": "true_hit", "reason": "确认为名单主体"}
    assert (await desk.post(path, body)).json()["state"] == "true_hit"
    assert (await desk.post(path, body)).status_code == 409
    refused = await firm.owner.post("/v1/payments", firm.order(10_002))
    assert refused.status_code == 422
    assert refused.json()["type"].endswith(":stopped-by-monitor")


async def test_an_account_of_this_bank_is_marked_when_a_list_comes_to_name_it(
    firm: Firm, desk: Person
):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    await pay(firm, firm.order_to(other, 1_000), "settled")
    await listed(desk, "杭州示例餐饮有限公司")
    await pay(firm, firm.order_to(other, 1_001), "under_review")


async def test_a_name_is_checked_when_it_is_entered(firm: Firm):
    other = await open_firm(firm.city, name="杭州示例餐饮有限公司")
    entry = firm.order_to(other, 1)["payee"] | {"roles": ["payee"]}
    wrong = await firm.owner.post("/v1/parties", entry | {"name": "别家餐饮有限公司"})
    assert wrong.json()["type"].endswith(":party-name-mismatch")
    unknown = entry | {"account_number": "02000100099999999999"}
    rows = [entry, entry, unknown, entry | {"name": "别家"}, entry | {"bank_code": "1" * 12}]
    told = await firm.owner.post("/v1/parties/import", {"rows": rows})
    assert told.status_code == 200, told.text
    outcomes = [row["outcome"] for row in told.json()["rows"]]
    assert outcomes == ["entered", "known", "no_account", "other_name", "bad_bank_code"]
    (party,) = (await firm.owner.get("/v1/parties")).json()["items"]
    assert party["name_check"] == "same"
    other_form = entry | {"name": "杭州示例餐饮有限责任公司"}
    await firm.owner.post(f"/v1/parties/{party['id']}/close", {"version": 1})
    assert (await firm.owner.post("/v1/parties", other_form)).json()["name_check"] == "similar"
