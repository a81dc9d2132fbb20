"""A name is checked by every rule, kept for two months, extended once, and goes to one founder."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.city import City, Person
from tests.flows import founding

QUESTION = {"entity_type": "limited_company", "area_code": "310115"}
NAME = "上海示例科技有限公司"


async def check(person: Person, name: str, **more: Any) -> dict[str, Any]:
    answer = await person.post("/v1/registrations/names/check", QUESTION | {"name": name} | more)
    assert answer.status_code == 200, answer.text
    return answer.json()


def codes(answer: dict[str, Any]) -> dict[str, str]:
    return {one["code"]: one["severity"] for one in answer["findings"]}


async def begun(city: City, phone: str = founding.PHONE, **more: Any) -> tuple[Person, str]:
    owner = await city.sign_in(phone)
    answer = await owner.post("/v1/registrations", founding.form(**more))
    assert answer.status_code == 201, answer.text
    owner.business_id = answer.json()["business_id"]
    return owner, f"/v1/registrations/{answer.json()['id']}"


async def test_a_name_that_sounds_the_same_needs_the_declarants_word(city: City):
    await begun(city)
    other = await city.sign_in("13900000001")
    heard = await check(other, "上海实力科技有限公司")
    assert not heard["acceptable"] and codes(heard) == {"sounds_the_same": "commitment"}
    assert heard["alike"][0]["name"] == NAME and heard["suggestions"]
    refused = await other.post("/v1/registrations", founding.form(name="上海实力科技有限公司"))
    assert refused.status_code == 422 and refused.json()["suggestions"] == heard["suggestions"]
    word = {"name_commitment": True, "name": "上海实力科技有限公司"}
    assert (await check(other, word["name"], commitment=True))["acceptable"]
    taken = await other.post("/v1/registrations", founding.form(**word))
    assert taken.status_code == 201, taken.text


async def test_the_same_name_is_free_elsewhere_and_in_another_trade(city: City):
    await begun(city)
    other = await city.sign_in("13900000001")
    assert "taken" in codes(await check(other, "示例（上海）科技有限公司"))
    assert (await check(other, "上海示例餐饮有限公司"))["acceptable"]
    beijing = {"name": "北京示例科技有限公司", "area_code": "110105"}
    assert (await check(other, **beijing))["acceptable"]


async def test_what_is_merely_alike_is_told(city: City):
    await begun(city, name="上海明光科技有限公司")
    other = await city.sign_in("13900000001")
    told = await check(other, "上海明光恒科技有限公司")
    assert told["acceptable"] and codes(told) in ({"alike": "warning"}, {})
    assert told["alike"][0]["likeness_ppm"] > 300_000


async def test_every_refusal_brings_names_that_pass(city: City):
    person = await city.sign_in("13900000001")
    for name, code in (
        ("中国示例科技有限公司", "state_name_needs_approval"),
        ("上海A示例科技有限公司", "foreign_letters"),
        ("上海示例", "form_missing"),
        ("示例科技有限公司", "division_missing"),
        ("上海最高级示例科技有限公司", "forbidden_word"),
        ("上海腾讯科技有限公司", "misleads"),
    ):
        answer = await check(person, name)
        assert code in codes(answer), answer
        for idea in answer["suggestions"]:
            assert (await check(person, idea))["acceptable"], idea
        assert answer["suggestions"] or code == "misleads", answer
    approved = await check(person, "中国示例科技有限公司", approval="国函〔2025〕12号")
    assert approved["acceptable"], approved


async def test_a_state_name_with_its_approval_is_kept_for_a_year_and_registered(city: City):
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(
        city, owner, name="中国示例科技有限公司", name_approval="国函〔2025〕12号"
    )
    assert done["name_reserved_until"] == "2026-09-01"


async def test_two_months_and_once_more_and_then_somebody_else_has_it(city: City):
    owner, path = await begun(city)
    first = (await owner.get(path)).json()
    assert first["name_reserved_until"] == "2025-11-01"
    # Saving again and again does not keep a name for ever.
    await city.move_clock(datetime.fromisoformat("2025-10-20T02:00:00+00:00"))
    owner = await again(city, owner)
    saved = await owner.put(path, {"version": 1, "draft": founding.form(staff_count=13)})
    assert saved.json()["name_reserved_until"] == "2025-11-01"
    longer = await owner.post(f"{path}/name/extend")
    assert longer.status_code == 200 and longer.json()["name_reserved_until"] == "2026-01-01"
    twice = await owner.post(f"{path}/name/extend")
    assert twice.status_code == 409 and twice.json()["type"].endswith("name-not-extendable")

    await city.move_clock(datetime.fromisoformat("2025-12-31T02:00:00+00:00"))
    other = await city.sign_in("13900000001")
    assert "taken" in codes(await check(other, NAME))
    await city.move_clock(datetime.fromisoformat("2026-01-01T02:00:00+00:00"))
    other, owner = await again(city, other), await again(city, owner)
    assert (await owner.post(f"{path}/name/extend")).status_code == 409
    assert (await other.post("/v1/registrations", founding.form())).status_code == 201
    late = await owner.post(f"{path}/submit")
    assert late.status_code == 409 and late.json()["type"].endswith("name-taken")
    assert late.json()["suggestions"]


async def again(city: City, person: Person) -> Person:
    """The same person, signed in at the new date."""
    back = await city.sign_in(person.phone)
    back.business_id = person.business_id
    return back


async def test_a_name_given_up_is_free_at_once(city: City):
    owner, path = await begun(city)
    given_up = await owner.post(f"{path}/withdraw")
    assert given_up.status_code == 200 and given_up.json()["state"] == "withdrawn"
    assert (await owner.post(f"{path}/withdraw")).status_code == 409
    other = await city.sign_in("13900000001")
    assert (await check(other, NAME))["acceptable"]
    again = await owner.post("/v1/registrations", founding.form())
    assert again.status_code == 201 and again.json()["business_id"] == owner.business_id
