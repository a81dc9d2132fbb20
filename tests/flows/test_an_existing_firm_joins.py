"""A firm that exists joins by its code once its legal representative has proved who they are."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from app.outside.registry import NewCompany
from tests.city import City, Person
from tests.flows import founding

REPRESENTATIVE = {
    "name": "赵小微", "id_number": founding.resident_id(7, born="19800101"), "phone": "13711112222",
}  # fmt: skip


async def known(city: City, name: str = "上海外来贸易有限公司") -> str:
    """The code of a firm that was founded elsewhere."""
    reference = f"elsewhere-{name.encode().hex()}"[:80]
    new = {
        "reference": reference, "name": name, "area_code": "310115",
        "address": "上海市浦东新区外来路1号", "scope": "贸易", "capital_fen": 50_000_000,
        "legal_representative": REPRESENTATIVE["name"],
        "legal_id_number": REPRESENTATIVE["id_number"], "applied_on": "2020-05-20",
    }  # fmt: skip
    registry = city.ctx.outside.registry
    await registry.register(msgspec.convert(new, NewCompany))
    while (outcome := await registry.outcome(reference)) is None or outcome.result is None:
        await asyncio.sleep(0.01)
    return outcome.result.uscc


async def join(owner: Person, uscc: str, **more: Any) -> dict[str, Any]:
    body = {"uscc": uscc, "legal_representative": REPRESENTATIVE | more}
    answer = await owner.post("/v1/joins", body)
    assert answer.status_code == 201, answer.text
    owner.business_id = answer.json()["business_id"]
    await owner.city.idle()
    return (await owner.get(f"/v1/joins/{answer.json()['id']}")).json()


async def prove(city: City) -> None:
    """The legal representative signs by the link on their phone."""
    link = await founding.link_of(city, REPRESENTATIVE["phone"])
    await founding.ask_code(city, link)
    await city.idle()
    signed = await founding.sign(city, REPRESENTATIVE["phone"], link)
    assert signed.status_code == 202, signed.text
    await city.idle()


async def test_by_code_register_link_and_face(city: City):
    uscc = await known(city)
    owner = await city.sign_in("13900000001")
    asked = await join(owner, uscc)
    assert (asked["state"], asked["acts"], asked["name"]) == (
        "proving",
        "legal_representative",
        None,
    )
    link = await founding.link_of(city, REPRESENTATIVE["phone"])
    page = (await city.api.get(f"/signing/{link}")).json()
    assert "授权手机号码139****0001的用户" in page["text"]
    await prove(city)
    done = (await owner.get(f"/v1/joins/{asked['id']}")).json()
    assert (done["state"], done["name"]) == ("joined", "上海外来贸易有限公司")
    # What the register said and the representative signed need not be typed again.
    begun = await owner.post("/v1/applications", {"purpose": "日常经营结算"})
    assert begun.status_code == 201, begun.text
    assert begun.json()["account_name"] == "上海外来贸易有限公司"
    firm = (await owner.get("/v1/business")).json()
    assert (firm["state"], firm["uscc"], firm["name"]) == ("registered", uscc, done["name"])
    twice = await owner.post("/v1/joins", {"uscc": uscc, "legal_representative": REPRESENTATIVE})
    assert twice.json()["business_id"] != owner.business_id


async def test_who_is_not_on_the_register_is_asked_nothing(city: City):
    uscc = await known(city)
    owner = await city.sign_in("13900000001")
    nobody = await join(owner, founding.licence(3)["uscc"])
    assert (nobody["state"], nobody["refused_code"]) == ("refused", "not_on_register")
    wrong = await join(owner, uscc, name="钱小微")
    assert wrong["refused_code"] == "legal_representative_differs"
    assert wrong["business_id"] == nobody["business_id"] and wrong["signatures"] == []
    assert await founding.texts(city, REPRESENTATIVE["phone"]) == []
    ended = {"uscc": uscc, "status": "注销"}
    assert (await city.world.post("/registry/simulate/status", json=ended)).status_code == 200
    assert (await join(owner, uscc))["refused_code"] == "register_status"


async def test_a_firm_that_is_here_is_told_only_to_who_proves_that_it_is_theirs(city: City):
    uscc = await known(city)
    first, second = await city.sign_in("13900000001"), await city.sign_in("13900000002")
    await join(first, uscc)
    await prove(city)
    again = await join(second, uscc)
    assert (again["state"], again["refused_code"]) == ("proving", None)
    await prove(city)
    told = (await second.get(f"/v1/joins/{again['id']}")).json()
    assert (told["state"], told["refused_code"]) == ("refused", "already_here")


async def test_wrong_numbers_are_named_at_once(city: City):
    owner = await city.sign_in("13900000001")
    body = {
        "uscc": "91330100799655058C",
        "legal_representative": REPRESENTATIVE | {"id_number": "310115198001010010"},
    }
    answer = await owner.post("/v1/joins", body)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["findings"]] == ["uscc_check", "id_number_check"]


async def test_a_register_that_is_down_is_asked_again_and_a_lost_link_is_replaced(city: City):
    uscc = await known(city)
    owner = await city.sign_in("13900000001")
    down = {"down": True, "count": 2}
    assert (await city.world.post("/control/registry", json=down)).status_code == 200
    asked = await join(owner, uscc)
    assert asked["state"] == "proving", asked
    lost = await founding.link_of(city, REPRESENTATIVE["phone"])
    assert (await owner.post(f"/v1/joins/{asked['id']}/remind")).status_code == 200
    await city.idle()
    assert (await city.api.get(f"/signing/{lost}")).status_code == 404
    await prove(city)
    assert (await owner.get(f"/v1/joins/{asked['id']}")).json()["state"] == "joined"
