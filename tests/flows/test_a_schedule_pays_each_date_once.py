"""A schedule pays each of its dates once, tries again where money is missing, and says why not."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from accounts.deposits import operations as deposits
from accounts.schedules import jobs
from app.clock import SHANGHAI
from tests.city import City
from tests.firms import OUR_BANK, Firm, open_firm


@pytest.fixture
async def landlord(city: City) -> Firm:
    return await open_firm(city, name="杭州乙木物业有限公司")


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=1_000_000)


def payee(other: Firm) -> dict[str, str]:
    return {"bank_code": OUR_BANK, "account_number": other.number, "name": other.name}


async def made(firm: Firm, pattern: dict[str, Any], **changes: Any) -> Any:
    body = {"account_id": firm.account_id, "amount_fen": 100_000, "purpose": "rent",
            "pattern": pattern} | changes  # fmt: skip
    answer = await firm.owner.post("/v1/schedules", body)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def at(firm: Firm, day: int, month: int = 9, hour: int = 9) -> None:
    await firm.city.move_clock(datetime(2025, month, day, hour, tzinfo=SHANGHAI))


async def look(firm: Firm, schedule: Any) -> tuple[Any, list[Any]]:
    path = f"/v1/schedules/{schedule['id']}"
    found = (await firm.owner.get(path)).json()
    return found, (await firm.owner.get(f"{path}/runs")).json()


async def act(firm: Firm, schedule: Any, verb: str) -> Any:
    path = f"/v1/schedules/{schedule['id']}/{verb}"
    return await firm.owner.post(path, {"version": schedule["version"]})


async def test_rent_is_paid_monthly_and_the_next_dates_are_shown(firm: Firm, landlord: Firm):
    pattern = {"every": "monthly", "first_on": "2025-09-01", "month_day": 31, "holiday": "before",
               "count": 3}  # fmt: skip
    schedule = await made(firm, pattern, payee=payee(landlord))
    # 30 November 2025 is a Sunday.
    assert [one["pay_on"] for one in schedule["next_dates"]] == [
        "2025-09-30", "2025-10-31", "2025-11-28"]  # fmt: skip
    await at(firm, 29)
    assert (await landlord.account())["balance_fen"] == 0
    await at(firm, 30)
    assert (await landlord.account())["balance_fen"] == 100_000
    changed = await firm.owner.put(
        f"/v1/schedules/{schedule['id']}/amount",
        {"version": schedule["version"], "amount_fen": 120_000},
    )
    assert changed.status_code == 200, changed.text
    await at(firm, 1, month=12)
    found, runs = await look(firm, schedule)
    assert (found["state"], found["next_dates"]) == ("ended", [])
    assert [(run["state"], run["amount_fen"]) for run in runs] == [
        ("made", 120_000), ("made", 120_000), ("made", 100_000)]  # fmt: skip
    assert (await landlord.account())["balance_fen"] == 340_000
    assert await firm.city.findings() == []


async def test_a_date_is_found_by_many_and_paid_once(
    firm: Firm, landlord: Firm, db: asyncpg.Connection
):
    schedule = await made(firm, {"every": "once", "first_on": "2025-09-02"}, payee=payee(landlord))
    await at(firm, 2)
    for _ in range(3):
        await asyncio.gather(*(jobs.find_due(firm.city.ctx) for _ in range(4)))
    given = {"schedule_id": UUID(schedule["id"]), "nominal_on": date(2025, 9, 2)}
    await asyncio.gather(
        *(jobs.pay(firm.city.ctx, business_id=firm.business_id, **given) for _ in range(5))
    )
    await firm.city.idle()
    assert (await landlord.account())["balance_fen"] == 100_000
    assert await db.fetchval("select count(*) from accounts.schedule_runs") == 1


async def test_missing_money_is_looked_for_again_and_then_told(firm: Firm, landlord: Firm):
    schedule = await made(
        firm,
        {"every": "daily", "first_on": "2025-09-02", "until_on": "2025-09-02"},
        payee=payee(landlord),
        amount_fen=1_500_000,
    )
    await at(firm, 2)
    _, (run,) = await look(firm, schedule)
    assert (run["state"], run["reason"]) == ("waiting", "可用余额不足")
    await firm.receive(500_000)
    await at(firm, 2, hour=14)
    await jobs.find_due(firm.city.ctx)
    await firm.city.idle()
    found, (run,) = await look(firm, schedule)
    assert (run["state"], run["tries"], found["state"]) == ("made", 2, "ended")
    poor = await made(firm, {"every": "once", "first_on": "2025-09-03"}, payee=payee(landlord))
    for hour in (9, 14, 19):
        await at(firm, 3, hour=hour)
        await jobs.find_due(firm.city.ctx)
        await firm.city.idle()
    for hour in (1, 6, 11):
        await at(firm, 4, hour=hour)
        await jobs.find_due(firm.city.ctx)
        await firm.city.idle()
    _, (run,) = await look(firm, poor)
    assert (run["state"], run["tries"]) == ("failed", 6)
    sent = (await firm.city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert any("定期付款未成功（可用余额不足）" in message["text"] for message in sent)


async def test_pause_skip_resume_and_end(firm: Firm, landlord: Firm):
    schedule = await made(
        firm, {"every": "weekly", "first_on": "2025-09-02", "weekday": 2}, payee=payee(landlord)
    )
    skipped = (await act(firm, schedule, "skip")).json()
    assert skipped["next_dates"][0]["nominal_on"] == "2025-09-09"
    assert (await act(firm, schedule, "skip")).status_code == 409
    await at(firm, 2)
    paused = (await act(firm, skipped, "pause")).json()
    await at(firm, 9)
    again = (await act(firm, paused, "resume")).json()
    assert again["next_dates"][0]["nominal_on"] == "2025-09-09"
    await jobs.find_due(firm.city.ctx)
    await firm.city.idle()
    found, _ = await look(firm, schedule)
    paused = (await act(firm, found, "pause")).json()
    same_day = (await act(firm, paused, "resume")).json()
    assert same_day["next_dates"][0]["nominal_on"] == "2025-09-16"
    paused = (await act(firm, same_day, "pause")).json()
    await at(firm, 10)
    resumed = (await act(firm, paused, "resume")).json()
    assert resumed["next_dates"][0]["nominal_on"] == "2025-09-16"
    await at(firm, 16)
    found, runs = await look(firm, schedule)
    assert [run["state"] for run in runs] == ["made", "made", "skipped"]
    ended = await act(firm, found, "cancel")
    assert ended.json()["state"] == "cancelled"
    await at(firm, 23)
    assert (await landlord.account())["balance_fen"] == 200_000
    assert (await act(firm, ended.json(), "resume")).status_code == 409


async def test_sweeps_keep_an_amount_here_and_top_up_there(firm: Firm):
    async with firm.city.ctx.begin(firm.business_id) as work:
        number = f"{firm.number[:-1]}{(int(firm.number[-1]) + 5) % 10}"
        savings = await deposits.open(work, number=number, name=firm.name, account_class="general")
    daily = {"every": "daily", "first_on": "2025-09-02"}
    keep = await made(firm, daily, kind="keep", amount_fen=300_000, to_account_id=str(savings))
    await at(firm, 2)
    assert (await firm.account())["balance_fen"] == 300_000
    assert (await act(firm, keep, "pause")).status_code == 200
    await made(
        firm,
        {"every": "daily", "first_on": "2025-09-03"},
        kind="top_up",
        account_id=str(savings),
        to_account_id=firm.account_id,
        amount_fen=450_000,
    )
    await at(firm, 3)
    assert (await firm.account())["balance_fen"] == 450_000
    await at(firm, 4)
    assert (await firm.account())["balance_fen"] == 450_000


async def test_what_does_not_fit_together_is_refused(firm: Firm, landlord: Firm):
    base = {"account_id": firm.account_id, "amount_fen": 1}
    once = {"every": "once", "first_on": "2025-09-02"}
    for body in (
        base | {"pattern": once},
        base | {"pattern": once, "kind": "keep", "to_account_id": firm.account_id},
        base | {"pattern": {"every": "weekly", "first_on": "2025-09-02"},
                "payee": payee(landlord)},
        base | {"pattern": {"every": "once", "first_on": "2025-08-02"}, "payee": payee(landlord)},
    ):  # fmt: skip
        answer = await firm.owner.post("/v1/schedules", body)
        assert answer.status_code == 422, answer.text


async def test_a_sweep_into_another_firms_account_is_one_into_none(firm: Firm, landlord: Firm):
    pattern = {"every": "daily", "first_on": "2025-09-02"}
    base = {"account_id": firm.account_id, "amount_fen": 1, "kind": "keep", "pattern": pattern}
    told = []
    for target in (landlord.account_id, str(UUID(int=7))):
        answer = await firm.owner.post("/v1/schedules", base | {"to_account_id": str(target)})
        told.append((answer.status_code, answer.text.replace(str(target), "")))
    assert told[0] == told[1] and told[0][0] == 404


async def test_who_may_no_longer_pay_pays_no_date(
    firm: Firm, landlord: Firm, db: asyncpg.Connection
):
    schedule = await made(firm, {"every": "daily", "first_on": "2025-09-02"}, payee=payee(landlord))
    await db.execute("update identity.memberships set role = 'accountant'")
    await at(firm, 2)
    await db.execute("update identity.memberships set role = 'owner'")
    found, (run,) = await look(firm, schedule)
    assert (found["state"], run["state"]) == ("paused", "failed")
    assert (await landlord.account())["balance_fen"] == 0
