"""Whatever registry, identity check and account management system do, an account opens once."""

from __future__ import annotations

import pytest

from tests.city import City
from tests.flows import founding

FAULTS = [
    {"callbacks": "twice"},
    {"callbacks": "never"},
    {"callbacks": "late", "delay_ms": 500},
    {"done_but_timed_out": True, "stall_ms": 4_000, "count": 1},
    {"done_but_failed": True, "count": 2},
    {"down": True, "count": 2},
    {"status_unknown": True, "count": 2},
]


async def opened(city: City) -> dict:
    """From a registered firm to its account, with the picture for the identity check."""
    owner = await city.sign_in(founding.PHONE)
    await founding.found(city, owner)
    begun = await owner.post("/v1/applications", {"purpose": "日常经营结算"})
    path = f"/v1/applications/{begun.json()['id']}"
    for kind in ("legal_rep_id_front", "legal_rep_id_back", "legal_rep_face"):
        body = {"kind": kind, "file_id": await founding.upload(owner)}
        assert (await owner.post(f"{path}/documents", body)).status_code == 201
    booked = {
        "application_id": begun.json()["id"], "slot_id": await founding.first_slot(owner),
    }  # fmt: skip
    visit = (await owner.post("/v1/visits", booked)).json()
    assert (await owner.post(f"{path}/submit")).status_code == 200
    await city.idle()
    desk = await founding.staff(city)
    for reviewer in ("reviewer.li", "reviewer.zhou"):
        decided = await founding.review(desk[reviewer], begun.json()["id"])
        assert decided.status_code == 200, decided.text
    done = await founding.complete(desk["teller.chen"], visit["id"])
    assert done.status_code == 200, done.text
    await city.idle()
    active = (await owner.get(path)).json()
    assert active["state"] == "active", active
    return active


@pytest.mark.parametrize("orders", FAULTS, ids=lambda orders: next(iter(orders)))
async def test_the_account_is_filed_once_under_every_fault(city: City, orders):
    given = await city.world.post("/control/account_filing", json=orders)
    assert given.status_code == 200, given.text
    active = await opened(city)
    witness = (await city.world.get("/witness/account_filing")).json()
    assert [one["account_number"] for one in witness["accounts"]] == [active["number"]]
    assert [one["filing_number"] for one in witness["accounts"]] == [active["filing_number"]]
    assert len(witness["requests"]) == 1


@pytest.mark.parametrize("orders", FAULTS[3:], ids=lambda orders: next(iter(orders)))
async def test_the_identity_check_is_asked_once_under_every_fault(city: City, orders):
    given = await city.world.post("/control/face", json=orders)
    assert given.status_code == 200, given.text
    active = await opened(city)
    witness = (await city.world.get("/witness/face")).json()
    asked = [one["reference"] for one in witness["requests"]]
    assert asked.count(f"{active['id']}.1") == 1


async def test_a_firm_with_a_basic_account_elsewhere_gets_no_second_one(city: City, db):
    """Another bank files one for the firm between our checks and the visit."""
    owner = await city.sign_in(founding.PHONE)
    registration = await founding.found(city, owner)
    application = await founding.apply(owner)
    await city.idle()
    await founding.file_elsewhere(city, registration)
    desk = await founding.staff(city)
    for reviewer in ("reviewer.li", "reviewer.zhou"):
        await founding.review(desk[reviewer], application["id"])
    booked = {"application_id": application["id"], "slot_id": await founding.first_slot(owner)}
    visit = (await owner.post("/v1/visits", booked)).json()
    await founding.complete(desk["teller.chen"], visit["id"])
    await city.idle()
    ended = (await owner.get(f"/v1/applications/{application['id']}")).json()
    assert (ended["state"], ended["decision_codes"]) == ("refused", ["basic_account_exists"])
    assert (await owner.get("/v1/accounts")).json() == []
    assert await db.fetchval("select state from accounts.account_numbers") == "free"
