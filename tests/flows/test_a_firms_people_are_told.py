"""A firm's people are told by text message, each once, and only those whom it concerns."""

from __future__ import annotations

from uuid import UUID

from accounts.payments.model import MoneyReceived
from app.ids import new_id
from onboarding.applications.model import AccountActivated, ApplicationReviewed, ApplicationTurned
from onboarding.registrations.model import CompanyRegistered
from tests.city import City
from tests.firms import founder
from workers import notify
from workers.texts import TOLD

OWNER, FINANCE, EMPLOYEE = "13800000001", "13800000002", "13800000003"


async def a_firm(city: City) -> UUID:
    """A firm with an owner, a finance officer and an employee."""
    owner = await founder(city, OWNER)
    for phone, role in ((FINANCE, "finance"), (EMPLOYEE, "employee")):
        answer = await owner.post("/v1/members", {"phone": phone, "role": role})
        assert answer.status_code == 201, answer.text
    return UUID(owner.business_id)


async def inbox(city, phone: str) -> list[str]:
    answer = await city.world.get("/sms", params={"phone": phone})
    return [message["text"] for message in answer.json()["items"]]


async def texts(city, phone: str) -> list[str]:
    """A phone's messages besides sign-in codes, latest first."""
    return [text for text in await inbox(city, phone) if "验证码" not in text]


async def test_money_is_told_to_owner_and_finance_once_though_the_job_repeats(city):
    business_id, credit_id = await a_firm(city), new_id()
    for _ in range(3):
        await notify.TELL[MoneyReceived](
            city.ctx,
            credit_id=credit_id,
            account_id=credit_id,
            amount_fen=123_456,
            business_id=business_id,
        )
    for phone in (OWNER, FINANCE):
        assert await texts(city, phone) == ["【小微】贵公司账户收到1,234.56元。"]
    assert await texts(city, EMPLOYEE) == []


async def test_each_step_of_the_application_is_told_to_the_owner(city):
    business_id, application_id = await a_firm(city), new_id()
    about = {"application_id": application_id, "business_id": business_id}
    await notify.TELL[CompanyRegistered](
        city.ctx, registration_id=new_id(), uscc="91330100799655058B", business_id=business_id
    )
    await notify.TELL[ApplicationReviewed](city.ctx, approved=True, **about)
    await notify.TELL[AccountActivated](city.ctx, account_id=new_id(), **about)
    heard = await texts(city, OWNER)
    assert len(heard) == 3 and "91330100799655058B" in heard[-1] and "已启用" in heard[0]
    assert await texts(city, FINANCE) == []


async def test_the_app_has_an_inbox_of_its_own(city):
    owner = await founder(city, OWNER)
    for phone, role in ((FINANCE, "finance"), (EMPLOYEE, "employee")):
        assert (await owner.post("/v1/members", {"phone": phone, "role": role})).status_code == 201
    business_id = UUID(owner.business_id)
    money = {"account_id": new_id(), "amount_fen": 123_456, "business_id": business_id}
    credits = [new_id() for _ in range(3)]
    for credit_id in credits:
        for _ in range(2):
            await notify.TELL[MoneyReceived](city.ctx, credit_id=credit_id, **money)
    box = (await owner.get("/v1/notices")).json()
    assert box["unread"] == 3 and [one["kind"] for one in box["items"]] == ["received"] * 3
    assert [one["about"] for one in box["items"]] == [str(one) for one in reversed(credits)]
    first = (await owner.get("/v1/notices", limit=2)).json()
    rest = (await owner.get("/v1/notices", limit=2, after=first["next"])).json()
    assert first["items"] + rest["items"] == box["items"] and rest["next"] is None
    # Seen on one device is seen on all, and never becomes unread again.
    seen = await owner.put("/v1/notices/seen", {"until": box["items"][1]["at"]})
    assert seen.json()["unread"] == 1
    seen = await owner.put("/v1/notices/seen", {"until": "2025-01-01T00:00:00Z"})
    assert seen.json()["unread"] == 1
    finance, employee = await city.sign_in(FINANCE), await city.sign_in(EMPLOYEE)
    finance.business_id = employee.business_id = owner.business_id
    assert (await finance.get("/v1/notices")).json()["unread"] == 3
    assert (await employee.get("/v1/notices")).json() == {"items": [], "next": None, "unread": 0}
    async with city.api.stream("GET", "/v1/notices/live", headers=owner.headers()) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("data: "):
                assert "1,234.56" not in line and '"kind":"received"' in line
                break


async def test_a_turn_that_the_applicant_did_not_take_is_told(city):
    business_id = await a_firm(city)
    for state, said in (("returned", True), ("reviewing", False), ("referred", True)):
        before = len(await texts(city, OWNER))
        await notify.TELL[ApplicationTurned](
            city.ctx, application_id=new_id(), turn_id=new_id(), state=state,
            business_id=business_id,
        )  # fmt: skip
        assert (len(await texts(city, OWNER)) > before) is said


def test_every_text_names_something_of_its_event():
    for event, told in TOLD.items():
        assert told.about in event.__struct_fields__, event
        assert told.job.startswith("tell_") and notify.TELL[event].__doc__
