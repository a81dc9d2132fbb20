"""A firm is founded once, under its own name, whatever the registry and the network do."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.city import City
from tests.flows import founding


async def test_a_draft_is_saved_resumed_and_edited_against_the_version_seen(city: City):
    owner = await city.sign_in(founding.PHONE)
    begun = await owner.post(
        "/v1/registrations",
        {"entity_type": "limited_company", "name": "上海微光科技有限公司", "area_code": "310115"},
    )
    assert begun.status_code == 201, begun.text
    owner.business_id = begun.json()["business_id"]
    path = f"/v1/registrations/{begun.json()['id']}"
    assert (await owner.get("/v1/me")).json()["role"] == "owner"
    early = await owner.post(f"{path}/submit")
    assert early.status_code == 422
    assert {finding["code"] for finding in early.json()["findings"]} >= {
        "address_missing", "scope_missing", "legal_representative_missing",
    }  # fmt: skip

    edited = {"version": 1, "draft": founding.form()}
    changed = await owner.put(path, edited)
    assert changed.status_code == 200, changed.text
    assert changed.json()["draft"]["legal_representative"] == {
        "name": "王小微", "id_number": "310***********0017", "phone": "138****5678",
    }  # fmt: skip
    assert (await owner.put(path, edited)).status_code == 409
    resumed = (await owner.get("/v1/registrations")).json()["items"]
    assert [one["version"] for one in resumed] == [2]
    # The first name is free again at once, the second is taken.
    question = {"entity_type": "limited_company", "area_code": "310115"}
    other = await city.sign_in("13900000001")
    for name, free in (("上海微光科技有限公司", True), ("上海示例科技有限公司", False)):
        answer = await other.post("/v1/registrations/names/check", question | {"name": name})
        assert answer.json()["acceptable"] is free, answer.text
    assert "上海示例恒科技有限公司" in answer.json()["suggestions"]


async def test_a_form_is_resumed_on_another_device_and_a_conflict_says_what_changed(city: City):
    owner = await city.sign_in(founding.PHONE)
    begun = (await owner.post("/v1/registrations", founding.form())).json()
    owner.business_id = begun["business_id"]
    path = f"/v1/registrations/{begun['id']}"
    tablet = await city.sign_in(founding.PHONE)
    tablet.business_id = begun["business_id"]
    resumed = (await tablet.post(f"{path}/resume")).json()
    assert resumed["version"] == 1
    assert resumed["draft"]["legal_representative"]["id_number"] == founding.resident_id(1)
    draft = resumed["draft"] | {"staff_count": 20, "capital_fen": 100_000_000}
    saved = await tablet.put(path, {"version": 1, "draft": draft})
    assert saved.status_code == 200, saved.text
    address = founding.form() | {"address": "上海市浦东新区另一路99号"}
    stale = await owner.put(path, {"version": 1, "draft": address})
    assert stale.status_code == 409
    told = stale.json()
    assert (told["version"], told["seen"], told["changed"]) == (2, 1, ["staff_count"])
    assert told["by_yourself"] is True and told["next_step"] == "resume"
    newest = (await owner.post(f"{path}/resume")).json()
    assert (newest["version"], newest["draft"]["staff_count"]) == (2, 20)
    merged = newest["draft"] | {"address": address["address"]}
    assert (await owner.put(path, {"version": 2, "draft": merged})).status_code == 200


def holding(held: str, holder: str, name: str, ppm: int, person: bool = True) -> dict[str, Any]:
    return {"held": held, "holder": holder, "holder_name": name, "person": person, "ppm": ppm}


async def test_the_owners_of_a_firm_of_firms_are_kept_with_the_paths_that_explain_them(city: City):
    """王小微 60 % directly; a firm 40 %, which is 李小微's, half through a firm above it."""
    held, above = founding.licence(1)["uscc"], founding.licence(2)["uscc"]
    second, third = founding.resident_id(2), founding.resident_id(3)
    representative = {"name": "李小微", "id_number": second, "phone": founding.SECOND_PHONE}
    draft = founding.form(
        shareholders=[
            founding.form()["shareholders"][0],
            {
                "kind": "firm", "name": "上海上层贸易有限公司", "id_number": held,
                "subscribed_fen": 40_000_000, "due_on": "2030-06-30",
                "representative": representative,
            },
        ],
        holdings=[
            holding(held, second, "李小微", 500_000),
            holding(held, above, "上海再上层贸易有限公司", 500_000, person=False),
            holding(above, second, "李小微", 750_000),
            holding(above, third, "赵小微", 250_000),
        ],
    )  # fmt: skip
    owner = await city.sign_in(founding.PHONE)
    short = draft | {"holdings": draft["holdings"][:3]}
    begun = (await owner.post("/v1/registrations", short)).json()
    owner.business_id = begun["business_id"]
    assert [one["code"] for one in begun["findings"]] == ["holdings_do_not_reach_100"]
    assert begun["beneficial_owners"] == []
    path = f"/v1/registrations/{begun['id']}"
    refused = await owner.post(f"{path}/signatures")
    assert refused.status_code == 422
    whole = await owner.put(path, {"version": 1, "draft": draft})
    assert whole.json()["findings"] == [] and whole.json()["owners_filing"] == "filed"
    await founding.sign_all(city, owner, path, draft)
    assert (await owner.post(f"{path}/submit")).status_code == 200
    await city.idle()
    done = (await owner.get(path)).json()
    found = {one["name"]: one for one in done["beneficial_owners"]}
    assert set(found) == {"王小微", "李小微"}
    assert (found["王小微"]["share"], found["王小微"]["share_ppm"]) == ("3/5", 600_000)
    other = found["李小微"]
    assert (other["share"], other["rest_ppm"]) == ("7/20", 0)
    assert [(way["names"], way["share"]) for way in other["paths"]] == [
        (["李小微", "上海上层贸易有限公司", "上海示例科技有限公司"], "1/5"),
        (
            ["李小微", "上海再上层贸易有限公司", "上海上层贸易有限公司", "上海示例科技有限公司"],
            "3/20",
        ),
    ]


async def test_a_partnership_is_founded_by_partners_of_both_kinds(city: City):
    draft = founding.form(
        name="上海示例咨询合伙企业（有限合伙）", entity_type="partnership", staff_count=0
    )
    for holder, role in zip(
        draft["shareholders"], ("general_partner", "limited_partner"), strict=True
    ):
        holder["role"] = role
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(city, owner, **draft)
    assert [one["capacities"] for one in done["signatures"]][1] == ["partner"]
    # Nobody is employed: there is nothing to insure.
    assert [part["part"] for part in done["parts"]] == ["licence", "seals", "tax", "bank"]
    assert done["owners_filing"] == "pledged"
    kinds = (await owner.get("/v1/registrations/kinds")).json()["items"]
    assert {kind["entity_type"]: kind["taxed"] for kind in kinds}["partnership"] == "pass_through"


async def test_one_name_goes_to_one_of_twenty_founders(city: City):
    founders = [await city.sign_in(f"1390000{n:04d}") for n in range(20)]
    answers = await asyncio.gather(
        *(one.post("/v1/registrations", founding.form()) for one in founders)
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201] + [409] * 19


async def test_two_founders_who_drop_their_key_are_still_one_registration(city: City):
    owner = await city.sign_in(founding.PHONE)
    answers = [
        await owner.post("/v1/registrations", founding.form(), key="the-same-key-1")
        for _ in range(2)
    ]
    assert answers[1].status_code == 201, answers[1].text
    assert answers[0].json()["id"] == answers[1].json()["id"]
    assert answers[1].headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize(
    "orders",
    [
        {"callbacks": "twice"},
        {"callbacks": "never"},
        {"callbacks": "early"},
        {"callbacks": "late", "delay_ms": 600},
        {"done_but_timed_out": True, "stall_ms": 4_000, "count": 1},
        {"done_but_failed": True, "count": 2},
        {"down": True, "count": 2},
        {"status_unknown": True, "count": 2},
        {"slow_ms": 400},
    ],
    ids=lambda orders: "-".join(str(value) for value in orders),
)
async def test_whatever_the_registry_does_the_firm_is_registered_once(city: City, orders):
    given = await city.world.post("/control/registry", json=orders)
    assert given.status_code == 200, given.text
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(city, owner)
    witness = (await city.world.get("/witness/registry")).json()
    assert [licence["uscc"] for licence in witness["licences"]] == [done["uscc"]]
    kinds = [request["kind"] for request in witness["requests"]]
    assert kinds.count("registration") == 1
    assert kinds.count("office_request") == 3
    me = (await owner.get("/v1/me")).json()
    assert [place["state"] for place in me["memberships"]] == ["registered"]
    turns = [turn for turn in done["timeline"] if turn["part"] == "licence"]
    assert [turn["state"] for turn in turns] == ["asked", "done"]


async def test_a_refused_form_frees_its_name_and_another_may_follow(city: City):
    """Our rules let `惠政府邸` pass; this registry hears 政府 in it."""
    owner = await city.sign_in(founding.PHONE)
    name = "上海惠政府邸科技有限公司"
    begun = await owner.post("/v1/registrations", founding.form(name=name))
    owner.business_id = begun.json()["business_id"]
    path = f"/v1/registrations/{begun.json()['id']}"
    await founding.sign_all(city, owner, path, founding.form(name=name))
    await owner.post(f"{path}/submit")
    await city.idle()
    refused = (await owner.get(path)).json()
    assert (refused["state"], refused["refused_code"]) == ("refused", "forbidden_word")
    assert (await owner.put(path, {"version": 3, "draft": founding.form()})).status_code == 409
    again = await owner.post("/v1/registrations", founding.form())
    assert again.status_code == 201, again.text
    assert again.json()["business_id"] == owner.business_id
    second = await owner.post("/v1/registrations", founding.form(name="上海再来科技有限公司"))
    assert second.status_code == 409


async def test_a_household_has_an_operator_and_no_capital(city: City):
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(
        city, owner, name="上海市浦东新区示例餐饮店", entity_type="individual_household",
        capital_fen=0, shareholders=[],
    )  # fmt: skip
    assert done["uscc"].startswith("92310115") and done["beneficial_owners"] == []


async def test_the_offices_parts_go_on_in_parallel(city: City):
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(city, owner, by_owner=["seals"])
    parts = {part["part"]: part for part in done["parts"]}
    for part in ("licence", "tax", "social_insurance", "housing_fund"):
        assert (parts[part]["state"], parts[part]["acts"]) == ("done", "nobody"), parts[part]
    assert parts["social_insurance"]["number"].startswith("SI-310115-")
    assert parts["tax"]["quota_fen"] > 0
    for part in ("seals", "bank"):
        assert (parts[part]["state"], parts[part]["acts"]) == ("asked", "owner")
    path = f"/v1/registrations/{done['id']}/parts"
    number = {"number": "SH-2025-0001"}
    assert (await owner.post(f"{path}/seals/confirm", number)).status_code == 200
    assert (await owner.post(f"{path}/seals/confirm", number)).status_code == 409
    assert (await owner.post(f"{path}/tax/confirm", number)).status_code == 400
    after = (await owner.get(f"/v1/registrations/{done['id']}")).json()
    assert {p["part"]: p["state"] for p in after["parts"]}["seals"] == "done"


async def test_an_office_that_refuses_is_asked_again_while_the_others_go_on(city: City):
    owner = await city.sign_in(founding.PHONE)
    await founding.refuse_next(city, "上海示例科技有限公司", "seals", count=2)
    done = await founding.found(city, owner)
    parts = {part["part"]: part for part in done["parts"]}
    assert (parts["seals"]["state"], parts["seals"]["acts"]) == ("failed", "owner")
    assert parts["seals"]["refused_code"] == "photo_unclear"
    assert parts["social_insurance"]["state"] == "done"
    path = f"/v1/registrations/{done['id']}/parts/seals"
    for state in ("failed", "done"):
        again = await owner.post(f"{path}/retry")
        assert again.status_code == 200, again.text
        await city.idle()
        after = (await owner.get(f"/v1/registrations/{done['id']}")).json()
        assert {part["part"]: part["state"] for part in after["parts"]}["seals"] == state
    assert (await owner.post(f"{path}/retry")).status_code == 409
    turns = [turn["state"] for turn in after["timeline"] if turn["part"] == "seals"]
    assert turns == ["asked", "failed", "asked", "failed", "asked", "done"]


async def test_another_firms_registration_does_not_exist(city: City):
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(city, owner)
    stranger = await city.sign_in("13900000009")
    await founding.found(city, stranger, name="上海另家贸易有限公司")
    path = f"/v1/registrations/{done['id']}"
    nowhere = "/v1/registrations/01990000-0000-7000-8000-000000000000"
    for real, none in ((path, nowhere), (f"{path}/progress", f"{nowhere}/progress")):
        mine, other = await stranger.get(real), await stranger.get(none)
        assert mine.status_code == other.status_code == 404
        assert mine.json()["type"] == other.json()["type"]


async def test_progress_is_followed_live_and_resumed(city: City):
    owner = await city.sign_in(founding.PHONE)
    done = await founding.found(city, owner)
    path = f"/v1/registrations/{done['id']}/progress"

    async def read(last: str | None, most: int) -> list[str]:
        seen: list[str] = []
        headers = owner.headers() | ({"Last-Event-ID": last} if last else {})
        async with city.api.stream("GET", path, headers=headers) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            async for line in answer.aiter_lines():
                if line.startswith("id: "):
                    seen.append(line.removeprefix("id: "))
                if len(seen) == most:
                    return seen
        return seen

    everything = await read(None, 8)
    assert everything == [str(n) for n in range(1, 9)]
    assert await read("3", 2) == ["4", "5"]


async def test_no_number_or_phone_lies_in_the_database_in_clear(city: City, db):
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    await founding.apply(owner)
    await city.idle()
    people = (founding.resident_id(1), founding.resident_id(2), founding.PHONE)
    # Bytes are shown in hexadecimal: a canary in them is looked for as such.
    canaries = [*people, *(canary.encode().hex() for canary in people)]
    tables = await db.fetch(
        "select format('%I.%I', schemaname, tablename) as name from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema')"
    )
    for table in tables:
        for row in await db.fetch(f"select t::text as line from {table['name']} t"):
            for canary in canaries:
                assert canary not in row["line"], (table["name"], canary)


async def test_whoever_has_a_firm_founds_another_and_nobody_founds_in_a_strangers(city: City):
    owner = await city.sign_in(founding.PHONE)
    first = await founding.found(city, owner)
    second = await owner.post("/v1/registrations", founding.form(name="上海第贰家科技有限公司"))
    assert second.status_code == 201, second.text
    assert second.json()["business_id"] != first["business_id"]
    owner.business_id = second.json()["business_id"]
    invited = await owner.post("/v1/members", {"phone": "13900000077", "role": "employee"})
    assert invited.status_code == 201, invited.text
    employee = await city.sign_in("13900000077")
    employee.business_id = owner.business_id
    own = await employee.post("/v1/registrations", founding.form(name="上海员工自家科技有限公司"))
    assert own.status_code == 201, own.text
    assert own.json()["business_id"] not in (first["business_id"], owner.business_id)


async def test_a_licence_of_another_firm_is_not_taken(city: City):
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    answer = await owner.post(
        "/v1/applications", {"purpose": "日常经营结算", "licence": founding.licence(5)}
    )
    assert answer.status_code == 422, answer.text
    assert answer.json()["type"].endswith("licence-of-another-firm")
