"""A firm is founded, applies, is checked and reviewed by two, visits once, and has its account."""

from __future__ import annotations

from tests.city import City
from tests.flows import founding


async def test_from_registration_to_an_account_that_may_pay(city: City):
    owner = await city.sign_in(founding.PHONE)
    registration = await founding.found(city, owner)
    assert registration["uscc"].startswith("91310115")

    offers = (await owner.get("/v1/account-numbers/offers", pattern="888")).json()["items"]
    number = offers[0]["number"]
    assert number.endswith("888")
    held = await owner.post("/v1/account-numbers/holds", {"number": number})
    assert held.status_code == 201, held.text

    application = await founding.apply(owner, number=number)
    application_id = application["id"]
    assert application["state"] == "submitted" and application["next"]["acts"] == "system"
    visit = await owner.post(
        "/v1/visits",
        {"application_id": application_id, "slot_id": await founding.first_slot(owner)},
    )
    assert visit.status_code == 201, visit.text
    await city.idle()

    waiting = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert waiting["state"] == "reviewing" and waiting["next"]["acts"] == "reviewer"

    desk = await founding.staff(city)
    teller = desk["teller.chen"]
    early = await teller.post(f"/desk/v1/visits/{visit.json()['id']}/check-in")
    assert early.status_code == 409
    first = await founding.review(desk["reviewer.li"], application_id)
    assert first.status_code == 200 and first.json()["state"] == "open", first.text
    second = await founding.review(desk["reviewer.zhou"], application_id)
    assert second.status_code == 200 and second.json()["state"] == "approved", second.text

    arrived = await teller.post(f"/desk/v1/visits/{visit.json()['id']}/check-in")
    assert arrived.status_code == 200, arrived.text
    confirmed = founding.confirming(arrived.json())
    done = await teller.post(f"/desk/v1/visits/{visit.json()['id']}/complete", confirmed)
    assert done.status_code == 200, done.text
    await city.idle()

    active = (await owner.get(f"/v1/applications/{application_id}")).json()
    assert active["state"] == "active" and active["number"] == number
    assert active["filing_number"].startswith("J")
    accounts = (await owner.get("/v1/accounts")).json()
    assert [account["number"] for account in accounts] == [number]
    founded = (await owner.get(f"/v1/registrations/{registration['id']}")).json()
    parts = {part["part"]: part["state"] for part in founded["parts"]}
    assert parts["licence"] == parts["tax"] == parts["bank"] == "done"
    witness = (await city.world.get("/witness/account_filing")).json()
    assert [account["account_number"] for account in witness["accounts"]] == [number]
