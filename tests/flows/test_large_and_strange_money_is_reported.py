"""Large sums and suspicious patterns of a closed day are found, worked on by two people and filed;
the firm learns nothing."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.clock import SHANGHAI
from app.queries import parse
from tests.city import City, Person
from tests.firms import Firm, open_firm
from tests.flows import founding
from tests.flows.test_a_suspicious_payment_is_held import good, lone

ROOT = Path(__file__).resolve().parents[2]
LARGE = "/desk/v1/surveillance/large-reports"
CASES = "/desk/v1/surveillance/cases"
FIRST = date(2025, 9, 1)
THRESHOLD = 200_000_000
TERMS = "update accounts.policies set value = value || $1 where kind = 'surveillance.terms'"


@pytest.fixture
async def desk(city: City) -> dict[str, Person]:
    return await founding.staff(city)


@pytest.fixture
async def firm(city: City) -> Firm:
    return await lone(await open_firm(city))


@pytest.fixture
async def other(city: City) -> Firm:
    return await lone(await open_firm(city, name="杭州示例餐饮有限公司"))


async def on(city: City, day: date, hour: int = 10) -> None:
    """Another business date; the one before is closed, sealed and looked through."""
    await city.move_clock(datetime.combine(day, time(hour), SHANGHAI))


async def due(desk: dict[str, Person]) -> list[dict[str, Any]]:
    return (await good(desk["reviewer.li"].get(LARGE)))["items"]


async def cases(desk: dict[str, Person], state: str = "open") -> list[dict[str, Any]]:
    return (await good(desk["reviewer.li"].get(CASES, state=state)))["items"]


async def pay(firm: Firm, other: Firm, amount_fen: int, **changes: Any) -> dict[str, Any]:
    order = firm.order_to(other, amount_fen, confirm_duplicate=True, **changes)
    made = await good(firm.owner.post("/v1/payments", order))
    assert made["state"] == "settled", made
    await firm.city.idle()
    return made


async def test_a_days_sum_at_the_threshold_is_reported_each_way_apart(
    city: City, firm: Firm, other: Firm, desk: dict, db: asyncpg.Connection
):
    await firm.receive(THRESHOLD - 1, on="2025-09-01")
    await firm.receive(1, on="2025-09-01")
    await pay(firm, other, THRESHOLD - 1)
    assert await due(desk) == []
    await on(city, FIRST + timedelta(days=1))
    [report] = await due(desk)
    assert (report["business_id"], report["direction"]) == (str(firm.business_id), "in")
    assert (report["amount_fen"], report["movements"]) == (THRESHOLD, 2)
    assert (report["booked_on"], report["due_on"]) == ("2025-09-01", "2025-09-08")
    path = f"{LARGE}/{firm.business_id}/{report['id']}"
    file = await good(desk["reviewer.li"].get(f"{path}/file"))
    assert [one["amount_fen"] for one in file["movements"]] == [THRESHOLD - 1, 1]
    assert {one["counterparty_name"] for one in file["movements"]} == {"南京示例贸易有限公司"}
    assert file["customer"]["accounts"] == [firm.number]
    filed = await good(desk["reviewer.li"].post(f"{path}/filed", {"receipt": "LH2025090800001"}))
    assert filed["state"] == "filed" and await due(desk) == []
    again = await desk["reviewer.zhou"].post(f"{path}/filed", {"receipt": "LH2025090800002"})
    assert again.status_code == 409
    # The same day is not looked through twice.
    await on(city, FIRST + timedelta(days=2))
    assert await db.fetchval("select count(*) from accounts.large_reports") == 1


async def test_five_working_days_leap_over_the_holidays(city: City, firm: Firm, desk: dict):
    await on(city, date(2025, 9, 30))
    await firm.receive(THRESHOLD, on="2025-09-30")
    await on(city, date(2025, 10, 9))
    [report] = await due(desk)
    # 国庆中秋 1-8 October; Saturday the 11th is worked.
    assert (report["booked_on"], report["due_on"]) == ("2025-09-30", "2025-10-14")


async def test_money_between_own_accounts_and_taxes_are_exempt(
    city: City, firm: Firm, other: Firm, desk: dict
):
    await firm.receive(2 * THRESHOLD, on="2025-09-01")
    await on(city, FIRST + timedelta(days=1))
    await pay(firm, other, THRESHOLD, purpose="tax")
    await on(city, FIRST + timedelta(days=2))
    found = {(one["business_id"], one["direction"]) for one in await due(desk)}
    assert found == {(str(firm.business_id), "in"), (str(other.business_id), "in")}


async def test_quick_in_and_out_becomes_a_case_that_two_people_settle(
    city: City, firm: Firm, other: Firm, desk: dict, db: asyncpg.Connection
):
    await firm.receive(60_000_000, on="2025-09-01")
    await pay(firm, other, 59_000_000)
    await on(city, FIRST + timedelta(days=1))
    [case] = await cases(desk)
    assert (case["business_id"], case["patterns"]) == (str(firm.business_id), ["quick_in_out"])
    li, zhou = desk["reviewer.li"], desk["reviewer.zhou"]
    path = f"{CASES}/{firm.business_id}/{case['id']}"
    found = await good(li.get(path))
    assert found["suspicions"][0]["facts"]["left_fen"] == 1_000_000
    proposal = {"proposal": "report", "reason": "快进快出，与经营规模不符"}
    assert (await li.post(f"{path}/propose", proposal)).status_code == 409
    await good(li.post(f"{path}/claim"))
    assert (await zhou.post(f"{path}/claim")).status_code == 409
    await good(li.post(f"{path}/notes", {"text": "已查看交易对手"}), 201)
    await good(li.post(f"{path}/propose", proposal))
    assert (await li.get(f"{path}/file")).status_code == 409
    own = await li.post(f"{path}/confirm", {"agree": True})
    assert own.status_code == 403
    back = await good(zhou.post(f"{path}/confirm", {"agree": False, "remark": "请补充合同"}))
    assert back["state"] == "open"
    await good(li.post(f"{path}/claim"))
    await good(li.post(f"{path}/propose", proposal))
    settled = await good(zhou.post(f"{path}/confirm", {"agree": True}))
    assert (settled["state"], settled["due_on"]) == ("reported", "2025-09-09")
    file = await good(li.get(f"{path}/file"))
    assert file["patterns"] == ["quick_in_out"] and len(file["movements"]) == 2
    assert {one["counterparty_name"] for one in file["movements"]} == {
        "南京示例贸易有限公司", other.name,
    }  # fmt: skip
    await good(li.post(f"{path}/filed", {"receipt": "KY2025090900001"}))
    assert len((await good(li.get(path)))["notes"]) == 2


async def test_the_firm_learns_nothing(
    city: City, firm: Firm, other: Firm, desk: dict, db: asyncpg.Connection
):
    """Not in its audit trail, its questions, its messages or its own door's rights."""
    await firm.receive(THRESHOLD + 60_000_000, on="2025-09-01")
    await pay(firm, other, THRESHOLD + 59_000_000)
    before = await db.fetchval("select count(*) from core.audit where business_id = $1",
                               firm.business_id)  # fmt: skip
    texts = len((await city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"])
    await on(city, FIRST + timedelta(days=1))
    [case], reports = await cases(desk), await due(desk)
    assert len(reports) >= 2
    path, li = f"{CASES}/{firm.business_id}/{case['id']}", desk["reviewer.li"]
    await good(li.post(f"{path}/claim"))
    await good(li.post(f"{path}/notes", {"text": "可疑"}), 201)
    await good(li.post(f"{path}/propose", {"proposal": "close", "reason": "有合同"}))
    await good(desk["reviewer.zhou"].post(f"{path}/confirm", {"agree": True}))
    await city.idle()
    assert before == await db.fetchval(
        "select count(*) from core.audit where business_id = $1 and action not like 'day.%'",
        firm.business_id,
    )
    now = (await city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert len(now) == texts
    rights = await db.fetch(
        "select table_name from information_schema.role_table_grants where grantee in"
        " ('app', 'portal', 'lane') and table_schema = 'accounts' and table_name in"
        " ('large_reports', 'suspicion_cases', 'suspicions', 'case_notes', 'surveyed_days')"
    )
    assert rights == []
    assert (await firm.owner.get(path)).status_code == 401
    assert (await firm.owner.get("/v1/surveillance/cases")).status_code == 404


async def test_many_payers_one_payee_and_just_under_the_threshold(
    city: City, firm: Firm, other: Firm, desk: dict
):
    for no in range(10):
        await firm.receive(6_000_000, on="2025-09-01", payer_account=f"62170000100123456{no:02d}")
    await pay(firm, other, 50_000_000)
    third = await open_firm(city, name="北京示例贸易有限公司")
    await other.receive(3 * THRESHOLD, on="2025-09-01")
    for _ in range(3):
        await pay(other, third, THRESHOLD - 1_000)
    await on(city, FIRST + timedelta(days=1))
    found = {case["business_id"]: set(case["patterns"]) for case in await cases(desk)}
    assert "scattered_in_concentrated_out" in found[str(firm.business_id)]
    assert "just_under" in found[str(other.business_id)]


async def test_one_to_many_one_person_at_night_out_of_scale(
    city: City, firm: Firm, other: Firm, desk: dict, db: asyncpg.Connection
):
    """The bank's terms are data: here they ask for less, so that a small town suffices."""
    await db.execute(TERMS, {
        "scatter_peers": 2, "few_peers": 1, "scatter_from_fen": 1_000_000, "night_times": 2,
        "night_from_fen": 1_000, "person_times": 2, "person_from_fen": 1_000, "scale_days": 2,
        "scale_from_fen": 10_000_000, "device_firms": 2,
    })  # fmt: skip
    third = await lone(await open_firm(city, name="王小明"))
    for day in (1, 2):
        await firm.receive(10_000, on=f"2025-09-0{day}")
        await on(city, FIRST + timedelta(days=day))
    await on(city, FIRST + timedelta(days=3), hour=2)
    await firm.receive(20_000_000, on="2025-09-04")
    await pay(firm, other, 9_000_000)
    for _ in range(2):
        await pay(firm, third, 5_000_000)
    await pay(third, other, 1_000_000)
    await on(city, FIRST + timedelta(days=4))
    found = {case["business_id"]: set(case["patterns"]) for case in await cases(desk)}
    assert found[str(firm.business_id)] >= {
        "concentrated_in_scattered_out", "night_activity", "to_one_person", "out_of_scale",
        "many_firms_one_device",
    }  # fmt: skip


async def test_an_account_that_slept_and_wakes_up(
    city: City, firm: Firm, desk: dict, db: asyncpg.Connection
):
    await db.execute(TERMS, {"dormant_days": 20})
    await firm.receive(1_000, on="2025-09-01")
    await on(city, date(2025, 9, 30))
    await firm.receive(20_000_000, on="2025-09-30")
    await on(city, date(2025, 10, 1))
    [case] = await cases(desk)
    assert case["patterns"] == ["dormant_active"]


async def test_what_is_missing_or_made_up_is_found(
    city: City, firm: Firm, other: Firm, desk: dict, db: asyncpg.Connection
):
    await firm.receive(THRESHOLD, on="2025-09-01")
    await pay(firm, other, THRESHOLD - 1_000_000)
    await on(city, FIRST + timedelta(days=1))
    queries = parse(ROOT / "accounts/surveillance/verify.sql")

    async def findings() -> set[str]:
        return {name for name, query in queries.items() if await db.fetch(query.text)}

    planted = {
        "set local session_replication_role = replica; delete from accounts.large_reports":
            {"large_transfer_in_no_report", "large_report_of_another_sum"},
        "update accounts.large_reports set amount_fen = amount_fen + 1":
            {"large_report_of_another_sum"},
        "update accounts.large_reports set entries = '[]'": {"large_transfer_in_no_report"},
        "update accounts.suspicion_cases set patterns = '{}'": {"suspicion_in_no_case"},
        "insert into core.audit (id, business_id, actor, action, at, body) select uuidv7(),"
        " business_id, 'staff:x', 'suspicion.read', now(), '' from accounts.suspicion_cases":
            {"the_firm_was_told"},
    }  # fmt: skip
    assert await findings() == set()
    for what, expected in planted.items():
        planting = db.transaction()
        await planting.start()
        await db.execute(what)
        found = await findings()
        await planting.rollback()
        assert expected <= found, f"{what}: {expected - found} not found"
    with pytest.raises(asyncpg.CheckViolationError, match="two_people_settle_a_case"):
        await db.execute(
            "update accounts.suspicion_cases set state = 'closed', proposal = 'close',"
            " reason = 'x', proposed_by = id, confirmed_by = id, confirmed_at = now()"
        )
