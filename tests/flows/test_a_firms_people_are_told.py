"""A firm's people are told by text message, each once, and only those whom it concerns."""

from __future__ import annotations

from uuid import UUID

from app.identity import operations as identity
from app.identity.model import NewMember
from app.identity.sessions import jobs as session_jobs
from app.identity.sessions import operations as sessions
from app.ids import new_id
from workers import notify

OWNER, FINANCE, EMPLOYEE = "13800000001", "13800000002", "13800000003"


async def sign_in(city, phone: str) -> UUID:
    """A person by the code on the phone."""
    async with city.ctx.begin() as work:
        await sessions.ask_code(work, phone=phone, address="127.0.0.1")
    pool = city.ctx.pools["worker"]
    code_id = await pool.fetchval("select id from identity.phone_codes order by made_at desc")
    await session_jobs.send_code(city.ctx, code_id=code_id)
    (message,) = await inbox(city, phone)
    code = "".join(character for character in message if character.isdigit())[:6]
    async with city.ctx.begin() as work:
        await sessions.sign_in(work, phone=phone, code=code, device="test")
        return await sessions.person_of_phone(work, phone=phone)


async def a_firm(city) -> UUID:
    """A firm with an owner, a finance officer and an employee."""
    owner = await sign_in(city, OWNER)
    async with city.ctx.begin(person_id=owner) as work:
        business_id = await identity.found_business(work, name="上海示例科技有限公司")
    async with city.ctx.begin(business_id, person_id=owner) as work:
        await identity.invite_member(work, new=NewMember(phone=FINANCE, role="finance"))
        await identity.invite_member(work, new=NewMember(phone=EMPLOYEE, role="employee"))
    return business_id


async def inbox(city, phone: str) -> list[str]:
    answer = await city.world.get("/sms", params={"phone": phone})
    return [message["text"] for message in answer.json()["items"]]


async def texts(city, phone: str) -> list[str]:
    """A phone's messages besides sign-in codes, latest first."""
    return [text for text in await inbox(city, phone) if "验证码" not in text]


async def test_money_is_told_to_owner_and_finance_once_though_the_job_repeats(city):
    business_id, receipt_id = await a_firm(city), new_id()
    for _ in range(3):
        await notify.tell_received(
            city.ctx, receipt_id=receipt_id, amount_fen=123_456, business_id=business_id
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
