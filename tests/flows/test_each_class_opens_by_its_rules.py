"""Basic, general, special and temporary accounts open by their own rules, simplified at once."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from app.outside.account_filing import NewFiling
from tests.city import City, Person
from tests.flows import founding

TEMPORARY = {"temporary_reason": "out_of_town_activity", "until_on": "2026-06-30"}


async def sent(owner: Person, *, face: bool = False, **more: Any) -> dict[str, Any]:
    """An application with everything attached that it asks for, submitted."""
    begun = await owner.post("/v1/applications", {"purpose": "日常经营结算", **more})
    assert begun.status_code == 201, begun.text
    path = f"/v1/applications/{begun.json()['id']}"
    kinds = begun.json()["missing_documents"] + (["legal_rep_face"] if face else [])
    for kind in kinds:
        body = {"kind": kind, "file_id": await founding.upload(owner)}
        assert (await owner.post(f"{path}/documents", body)).status_code == 201
    answer = await owner.post(f"{path}/submit")
    assert answer.status_code == 200, answer.text
    await owner.city.idle()
    return (await owner.get(path)).json()


async def visited(owner: Person, application_id: str, desk: dict[str, Person]) -> dict[str, Any]:
    """The firm comes to the branch; what became of its application."""
    slot = {"application_id": application_id, "slot_id": await founding.first_slot(owner)}
    visit = await owner.post("/v1/visits", slot)
    assert visit.status_code == 201, visit.text
    done = await founding.complete(desk["teller.chen"], visit.json()["id"])
    assert done.status_code == 200, done.text
    await owner.city.idle()
    return (await owner.get(f"/v1/applications/{application_id}")).json()


async def founded(city: City) -> tuple[Person, dict[str, Any]]:
    owner = await city.sign_in(founding.PHONE)
    return owner, await founding.found(city, owner)


async def filed(city: City) -> list[dict[str, Any]]:
    return (await city.world.get("/witness/account_filing")).json()["accounts"]


async def test_a_clean_simplified_opening_needs_nobody_and_pays_little(city: City, db):
    owner, _ = await founded(city)
    approved = await sent(owner, face=True, opening="simplified")
    assert approved["state"] == "approved", await db.fetch(
        "select kind, codes, evidence from onboarding.checks"
    )
    assert [turn["acted"] for turn in approved["timeline"]] == ["applicant", "applicant", "system"]
    row = await db.fetchrow("select route, risk_version, risk_score from onboarding.applications")
    assert (row["route"], row["risk_version"]) == ("straight_through", "2018-01")
    desk = await founding.staff(city)
    assert (await desk["reviewer.li"].get("/desk/v1/reviews")).json()["items"] == []
    active = await visited(owner, approved["id"], desk)
    assert (active["state"], active["opening"]) == ("active", "simplified")
    assert [one["simple_opening"] for one in await filed(city)] == [True]

    person = (await owner.get("/v1/me")).json()["person_id"]
    limits = {"single_fen": 5_000_001, "daily_fen": 10_000_000, "version": 0}
    refused = await owner.put(f"/v1/limits/{person}", limits)
    assert refused.status_code == 422, refused.text
    assert refused.json()["type"].endswith("above-ceiling")
    seen = (await owner.get("/v1/limits/mine")).json()
    assert (seen["single_fen"], seen["daily_fen"]) == (5_000_000, 10_000_000)


async def test_a_simplified_account_is_upgraded_and_its_ceiling_lifted(city: City):
    owner, _ = await founded(city)
    approved = await sent(owner, face=True, opening="simplified")
    path = f"/v1/applications/{approved['id']}/upgrades"
    new = {
        "address_proof": await founding.upload(owner), "purpose": "货款结算及工资发放",
        "expected_monthly_fen": 50_000_000,
    }  # fmt: skip
    early = await owner.post(path, new)
    assert early.status_code == 409 and early.json()["type"].endswith("upgrade-not-open")
    desk = await founding.staff(city)
    await visited(owner, approved["id"], desk)
    foreign = await owner.post(path, new | {"address_proof": approved["id"]})
    assert foreign.status_code == 422, foreign.text
    asked = await owner.post(path, new)
    assert asked.status_code == 201, asked.text
    assert (await owner.post(path, new)).status_code == 409

    reviewer = desk["reviewer.li"]
    line = (await reviewer.get("/desk/v1/upgrades")).json()["items"][0]
    decide = f"/desk/v1/upgrades/{line['id']}/decide"
    silent = await reviewer.post(decide, {"approve": False})
    assert silent.status_code == 422, silent.text
    refused = await reviewer.post(decide, {"approve": False, "codes": ["document_unreadable"]})
    assert refused.json()["state"] == "refused", refused.text
    assert (await reviewer.post(decide, {"approve": True})).status_code == 409

    again = await owner.post(path, new)
    assert again.status_code == 201, again.text
    decide = f"/desk/v1/upgrades/{again.json()['id']}/decide"
    done = await reviewer.post(decide, {"approve": True})
    assert done.json()["state"] == "approved", done.text
    await city.idle()
    assert [one["state"] for one in (await owner.get(path)).json()] == ["approved", "refused"]
    assert [one["simple_opening"] for one in await filed(city)] == [False]
    texts = await founding.texts(city, owner.phone)
    assert sum("全功能账户" in text for text in texts) == 1
    person = (await owner.get("/v1/me")).json()["person_id"]
    raised = {"single_fen": 6_000_000, "daily_fen": 12_000_000, "version": 0}
    answer = await owner.put(f"/v1/limits/{person}", raised)
    assert not answer.json()["type"].endswith("above-ceiling") if answer.is_error else True


async def test_a_doubtful_simplified_opening_is_looked_at(city: City, db):
    owner, _ = await founded(city)
    waiting = await sent(owner, face=False, opening="simplified", expected_monthly_fen=10**11)
    assert waiting["state"] == "reviewing"
    assert await db.fetchval("select route from onboarding.applications") == "two_reviewers"


async def test_the_simplified_way_is_not_for_other_classes(city: City):
    owner, _ = await founded(city)
    body = {
        "purpose": "日常经营结算", "account_class": "general", "opening": "simplified",
        "terms": {"basic_account_number": "J2900000000101"},
    }  # fmt: skip
    refused = await owner.post("/v1/applications", body)
    assert refused.status_code == 422
    assert refused.json()["code"] == "simplified_for_basic_only"
    for terms, account_class, code in (
        ({}, "general", "basic_account_first"),
        ({"basic_account_number": "J2900000000101"}, "special", "special_purpose_needed"),
        (TEMPORARY | {"until_on": "2027-09-02"}, "temporary", "basic_account_first"),
        (
            TEMPORARY | {"until_on": "2027-09-02", "basic_account_number": "J2900000000101"},
            "temporary",
            "term_too_long",
        ),
    ):
        asked = {"purpose": "日常", "account_class": account_class, "terms": terms}
        answer = await owner.post("/v1/applications", asked)
        assert (answer.status_code, answer.json().get("code")) == (422, code), answer.text


async def test_a_general_account_names_the_basic_one_at_another_bank(city: City, db):
    owner, registration = await founded(city)
    await founding.file_elsewhere(city, registration)
    await city.idle()
    basic = (await filed(city))[0]["filing_number"]
    wrong = await sent(
        owner, account_class="general", terms={"basic_account_number": "J2900000099901"}
    )
    assert wrong["state"] == "referred"
    codes = await db.fetchval("select reason_codes from onboarding.applications")
    assert "basic_number_differs" in codes

    again = await sent(owner, account_class="general", terms={"basic_account_number": basic})
    assert again["state"] == "reviewing" and again["number"][8:10] == "19"
    desk = await founding.staff(city)
    for reviewer in ("reviewer.li", "reviewer.zhou"):
        await founding.review(desk[reviewer], again["id"])
    active = await visited(owner, again["id"], desk)
    assert active["state"] == "active", active
    assert {one["account_kind"] for one in await filed(city)} == {"PRDA", "GEDA"}
    assert active["filing_number"].startswith("Y")
    # The basic account is the other bank's: none is claimed here.
    assert await db.fetchval("select count(*) from onboarding.basic_accounts") == 0


async def test_without_a_basic_account_in_the_country_no_other_opens(city: City, db):
    owner, _ = await founded(city)
    referred = await sent(
        owner, account_class="special",
        terms={"special_purpose": "migrant_wages", "basic_account_number": "J2900000000101"},
    )  # fmt: skip
    assert referred["state"] == "referred"
    assert {one["kind"] for one in referred["documents"]} >= {"special_purpose_proof"}
    assert "no_basic_account" in await db.fetchval(
        "select reason_codes from onboarding.applications"
    )


async def test_what_the_outside_refused_is_mended_and_filed_again(city: City, db):
    owner, _ = await founded(city)
    application = await sent(owner)
    stranger = NewFiling(
        reference="somebody-else-1", bill="OPEN", account_kind="PRDA",
        account_number=application["number"], account_name="上海别家贸易有限公司",
        bank_code="103100000026", uscc=founding.licence(9)["uscc"], legal_representative="李小微",
        legal_id_number=founding.resident_id(9), capital_fen=1, area_code="310115",
        filed_on=date(2025, 9, 1),
    )  # fmt: skip
    await city.ctx.outside.account_filing.file(stranger)
    await city.idle()
    desk = await founding.staff(city)
    for reviewer in ("reviewer.li", "reviewer.zhou"):
        await founding.review(desk[reviewer], application["id"])
    active = await visited(owner, application["id"], desk)
    assert (active["state"], active["filing_number"]) == ("active", None)
    operator = desk["reviewer.li"]
    queue = (await operator.get("/desk/v1/filings")).json()["items"]
    assert [(one["code"], one["attempt"]) for one in queue] == [("account_number", 1)]
    assert any("filing_refused" in line for line in await city.findings())

    closing = {"reference": "somebody-else-2", "bill": "CLOSE"}
    await city.ctx.outside.account_filing.file(msgspec.structs.replace(stranger, **closing))
    await city.idle()
    path = f"/desk/v1/filings/{queue[0]['id']}/again"
    again = await operator.post(path, {"mended": "他行已撤销误报账户"})
    assert again.status_code == 200, again.text
    assert (again.json()["attempt"], again.json()["state"]) == (2, "waiting")
    assert (await operator.post(path, {"mended": "再来一次"})).status_code == 409
    await city.idle()
    done = (await owner.get(f"/v1/applications/{application['id']}")).json()
    assert done["filing_number"].startswith("J")
    assert (await operator.get("/desk/v1/filings")).json()["items"] == []
