"""A firm's people are told by text message, each once, and only those whom it concerns."""

from __future__ import annotations

from uuid import UUID

from app.ids import new_id
from tests.city import City
from tests.firms import founder
from workers import notify

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
        await notify.tell_received(
            city.ctx, credit_id=credit_id, amount_fen=123_456, business_id=business_id
        )
    for phone in (OWNER, FINANCE):
        assert await texts(city, phone) == ["【小微】贵公司账户收到1,234.56元。"]
    assert await texts(city, EMPLOYEE) == []


async def test_each_step_of_the_application_is_told_to_the_owner(city):
    business_id, application_id = await a_firm(city), new_id()
    about = {"application_id": application_id, "business_id": business_id}
    await notify.tell_registered(
        city.ctx, registration_id=new_id(), uscc="91330100799655058B", business_id=business_id
    )
    await notify.tell_reviewed(city.ctx, approved=True, **about)
    await notify.tell_activated(city.ctx, account_id=new_id(), **about)
    heard = await texts(city, OWNER)
    assert len(heard) == 3 and "91330100799655058B" in heard[-1] and "已启用" in heard[0]
    assert await texts(city, FINANCE) == []
