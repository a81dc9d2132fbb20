"""A month's wages are approved by another, reach everybody once, and stand in the books."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import uuid4

import asyncpg
import pytest

from app.reference import rules as reference
from bookkeeping.payroll import jobs
from tests.city import City, Person
from tests.firms import OTHER_BANK, Firm, open_firm, order_faults

PEOPLE = 4


def resident_id(no: int) -> str:
    first = f"3101151990{no // 28 % 12 + 1:02d}{no % 28 + 1:02d}{no:03d}"
    return first + reference.resident_check(first)


def card(no: int) -> str:
    first = f"622848{no:012d}"
    return next(first + digit for digit in "0123456789" if reference.bank_card(first + digit).valid)


def employee(no: int, **changes: object) -> dict:
    return {
        "name": "王小微" if no == 0 else "陈" + "一二三四五六七八九十百千"[no % 12],
        "resident_id": resident_id(no),
        "phone": f"1350000{no:04d}",
        "account_number": card(no),
        "bank_code": OTHER_BANK,
        "base_wage_fen": 800_000 + no * 250_000,
        "joined_on": "2025-09-01",
        "city": "310115",
        "additional_fen": 100_000 * (no % 3),
    } | changes


async def open_cards(city: City, people: list[dict]) -> None:
    accounts = [
        {key: one[key] for key in ("bank_code", "account_number", "name")} for one in people
    ]
    answer = await city.world.post("/clearing_house/simulate/accounts", json={"accounts": accounts})
    assert answer.status_code == 200, answer.text


async def got(city: City) -> dict[str, int]:
    """What each card holds, as the outside world says."""
    witness = (await city.world.get("/witness/clearing_house")).json()
    return {a["account_number"]: a["balance_fen"] for a in witness["accounts"]}


async def hire(firm: Firm, numbers: range) -> None:
    people = [employee(no) for no in numbers]
    await open_cards(firm.city, people)
    answer = await firm.owner.post("/v1/employees/bulk", {"employees": people})
    assert answer.status_code == 200, answer.text
    assert answer.json()["hired"] == len(people), answer.text


@pytest.fixture
async def firm(city: City) -> Firm:
    firm = await open_firm(city, fen=100_000_000)
    await hire(firm, range(PEOPLE))
    return firm


@pytest.fixture
async def checker(firm: Firm) -> Person:
    return await firm.member(f"137{str(uuid4().int)[:8]}", "checker")


async def make(firm: Firm, status: int = 201, **changes: object) -> dict:
    body = {"month": "2025-09", "pay_on": "2025-09-01"} | changes
    answer = await firm.owner.post("/v1/payroll/runs", body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def step(person: Person, run: dict, verb: str, status: int = 200, **more: object) -> dict:
    body = {"version": run["version"]} | more
    answer = await person.post(f"/v1/payroll/runs/{run['id']}/{verb}", body)
    assert answer.status_code == status, answer.text
    return answer.json()


async def pay(firm: Firm, checker: Person, **changes: object) -> dict:
    run = await make(firm, **changes)
    submitted = await step(firm.owner, run, "submit")
    approved = await step(checker, submitted, "approve")
    assert approved["state"] == "sent"
    await firm.city.idle()
    return await read(firm, run)


async def read(firm: Firm, run: dict) -> dict:
    return (await firm.owner.get(f"/v1/payroll/runs/{run['id']}")).json()


async def test_twelve_people_are_paid_once_and_the_books_know_it(firm: Firm, checker: Person):
    await hire(firm, range(PEOPLE, 12))
    run = await pay(firm, checker)
    assert (run["state"], run["people"], run["failed_fen"]) == ("paid", 12, 0)
    assert run["settled_fen"] == run["net_fen"] == sum(x["net_fen"] for x in run["lines"])
    held = await got(firm.city)
    for no, line in enumerate(run["lines"]):
        assert held[card(no)] == line["net_fen"] > 0
        assert line["account_number"].count("*") > 5
    assert (await firm.account())["balance_fen"] == 100_000_000 - run["net_fen"]
    books = (
        await firm.owner.get(
            "/v1/books/trial-balance", **{"from": "2025-09-01", "until": "2025-10-01"}
        )
    ).json()
    closing = {a["code"]: a["closing_fen"] for a in books["accounts"]}
    owed = run["social_fen"], run["housing_fund_fen"], run["tax_fen"]
    assert [abs(closing[code]) for code in ("224101", "224102", "222110")] == list(owed)
    cost = run["gross_fen"] + run["employer_social_fen"] + run["employer_housing_fund_fen"]
    assert abs(closing["560204"]) == cost
    assert closing.get("221101", 0) == 0


async def test_tax_grows_with_the_year_and_begins_anew_in_january(firm: Firm, checker: Person):
    first = await pay(firm, checker)
    await firm.city.move_clock(datetime.fromisoformat("2025-10-10T10:00:00+08:00"))
    second = await pay(firm, checker, month="2025-10", pay_on="2025-10-10")
    rich = first["lines"][-1], second["lines"][-1]
    assert rich[1]["taxable_fen"] == 2 * rich[0]["taxable_fen"]
    await firm.city.move_clock(datetime.fromisoformat("2026-01-09T10:00:00+08:00"))
    third = await pay(firm, checker, month="2026-01", pay_on="2026-01-09")
    assert third["lines"][-1]["taxable_fen"] == rich[0]["taxable_fen"]


async def test_a_wrong_card_brings_its_money_back_and_says_why(firm: Firm, checker: Person):
    await open_cards(firm.city, [employee(3, name="别人")])
    run = await pay(firm, checker)
    failed = run["lines"][3]
    assert (run["state"], failed["state"], failed["failure"]) == ("paid", "failed", "户名不符")
    assert run["failed_fen"] == failed["net_fen"]
    assert (await firm.account())["balance_fen"] == 100_000_000 - run["settled_fen"]


@pytest.mark.parametrize(
    "orders",
    [
        {"done_but_failed": True, "count": 1},
        {"done_but_timed_out": True, "stall_ms": 4_000, "count": 1},
        {"callbacks": "never"},
    ],
)
async def test_whatever_the_clearing_house_does_everybody_is_paid_once(
    firm: Firm, checker: Person, orders: dict
):
    await order_faults(firm.city, settle_ms=300, **orders)
    run = await pay(firm, checker)
    for _ in range(8):
        if run["state"] == "paid":
            break
        await firm.city.idle()
        run = await read(firm, run)
    assert run["state"] == "paid"
    await order_faults(firm.city)
    held = await got(firm.city)
    assert [held[card(no)] for no in range(PEOPLE)] == [x["net_fen"] for x in run["lines"]]


async def test_wages_sent_back_later_are_payable_again(firm: Firm, checker: Person):
    run = await pay(firm, checker)
    line = run["lines"][2]
    batch = f"WAGES-{firm.business_id.hex}-{run['id'].replace('-', '')}-1"
    answer = await firm.city.world.post(
        "/clearing_house/simulate/return",
        json={
            "kind": "batch",
            "reference": batch,
            "line_no": 3,
            "reason": "账户已销户",
            "on": "2025-09-01",
        },
    )
    assert answer.status_code == 200, answer.text
    await firm.city.idle()
    after = await read(firm, run)
    assert after["lines"][2]["state"] == "returned"
    assert after["failed_fen"] == line["net_fen"]
    assert (await firm.account())["balance_fen"] == 100_000_000 - after["settled_fen"]


async def test_the_maker_does_not_approve_and_a_no_ends_it(firm: Firm, checker: Person):
    run = await make(firm)
    submitted = await step(firm.owner, run, "submit")
    assert (await step(firm.owner, submitted, "approve", 403))["type"].endswith("self-approval")
    assert (await step(checker, run, "approve", 409)) is not None
    rejected = await step(checker, submitted, "approve", approve=False, reason="金额不对")
    assert rejected["state"] == "rejected"
    assert (await firm.account())["available_fen"] == 100_000_000
    assert (await make(firm))["state"] == "draft"


async def test_a_month_is_paid_twice_only_for_a_reason(firm: Firm, checker: Person):
    run = await make(firm)
    refused = await make(firm, 409)
    assert refused["run_id"] == run["id"]
    await step(firm.owner, run, "cancel")
    paid = await pay(firm, checker)
    assert (await make(firm, 409))["month"] == "2025-09"
    one = paid["lines"][0]["employee_id"]
    extra = await make(firm, reason="补发奖金", lines=[{"employee_id": one, "bonus_fen": 500_000}])
    assert (extra["people"], extra["gross_fen"], extra["social_fen"]) == (1, 500_000, 0)


async def test_missing_money_is_seen_at_the_approval(firm: Firm, checker: Person):
    run = await make(
        firm,
        lines=[
            {
                "employee_id": (await firm.owner.get("/v1/employees")).json()["items"][0]["id"],
                "bonus_fen": 200_000_000,
            }
        ],
    )
    submitted = await step(firm.owner, run, "submit")
    short = await step(checker, submitted, "approve", 422)
    assert short["short_fen"] > 0
    await firm.receive(100_000_000)
    assert (await step(checker, submitted, "approve"))["state"] == "sent"


async def test_a_run_waits_for_its_day(firm: Firm, checker: Person):
    run = await make(firm, pay_on="2025-09-05")
    submitted = await step(firm.owner, run, "submit")
    assert (await step(checker, submitted, "approve"))["state"] == "approved"
    early = await checker.post(f"/v1/payroll/runs/{run['id']}/pay")
    assert early.status_code == 409
    await firm.city.move_clock(datetime.fromisoformat("2025-09-05T09:00:00+08:00"))
    assert (await read(firm, run))["state"] == "paid"


async def test_settled_wages_are_swept_to_the_bank(firm: Firm, checker: Person, db):
    run = await pay(firm, checker)
    await jobs.sweep(firm.city.ctx)
    left = "select balance_fen from ledger.accounts where kind = 'wages_in_transit'"
    assert await db.fetchval(left) == 0
    swept = "select sum(balance_fen) from ledger.accounts where kind = 'clearing_house'"
    assert await db.fetchval(swept) == run["net_fen"]


async def test_an_employee_reads_their_own_payslip_and_nobody_elses(firm: Firm, checker: Person):
    run = await pay(firm, checker)
    own, other = run["lines"][0]["employee_id"], run["lines"][1]["employee_id"]
    person = await firm.member(employee(0)["phone"], "employee")
    slips = (await person.get("/v1/payroll/payslips")).json()["items"]
    assert [(slip["employee_id"], slip["ready"]) for slip in slips] == [(own, True)]
    path = f"/v1/payroll/runs/{run['id']}/payslips/"
    document = await person.get(path + own)
    assert document.status_code == 200
    assert document.headers["content-type"] == "application/pdf"
    assert document.content.startswith(b"%PDF-")
    for hidden in (other, str(uuid4())):
        assert (await person.get(path + hidden)).status_code == 404
    assert (await person.get(f"/v1/payroll/runs/{run['id']}")).status_code == 403
    assert (await firm.owner.get(path + other)).status_code == 200


async def test_twenty_approvals_at_once_are_one(firm: Firm, checker: Person, db):
    submitted = await step(firm.owner, await make(firm), "submit")
    path, body = f"/v1/payroll/runs/{submitted['id']}/approve", {"version": submitted["version"]}
    answers = await asyncio.gather(*(checker.post(path, body) for _ in range(20)))
    assert sorted(a.status_code for a in answers).count(200) == 1
    await firm.city.idle()
    entries = "select count(*) from ledger.entries where kind = 'payroll'"
    assert await db.fetchval(entries) == 1
    assert (await read(firm, submitted))["state"] == "paid"


async def test_lines_are_read_by_pages(firm: Firm):
    run = await make(firm)
    path = f"/v1/payroll/runs/{run['id']}/lines"
    first = (await firm.owner.get(path, limit=3)).json()
    rest = (await firm.owner.get(path, limit=3, after=first["next"])).json()
    numbers = [line["no"] for line in first["items"] + rest["items"]]
    assert (numbers, rest["next"]) == ([1, 2, 3, 4], None)
    assert (await firm.owner.get(f"/v1/payroll/runs/{uuid4()}/lines")).status_code == 404


ATTACKS = (
    "update bookkeeping.payroll_lines set net_fen = net_fen + 1, gross_fen = gross_fen + 1",
    "update bookkeeping.payroll_lines set state = 'waiting'",
    "update bookkeeping.payroll_runs set pay_on = pay_on + 1",
    "update bookkeeping.payroll_runs set state = 'draft'",
)


async def test_paid_wages_are_not_rewritten(firm: Firm, checker: Person, db):
    await pay(firm, checker)
    for attack in ATTACKS:
        with pytest.raises(asyncpg.PostgresError) as refused:
            await db.execute(attack)
        assert refused.value.sqlstate == "XW052", attack


async def test_employees_change_leave_and_are_not_entered_twice(firm: Firm):
    one = (await firm.owner.get("/v1/employees")).json()["items"][1]
    assert one["resident_id"].count("*") > 5 and one["name"].startswith("陈")
    path = f"/v1/employees/{one['id']}"
    again = await firm.owner.post("/v1/employees", employee(1))
    assert again.status_code == 409
    raised = await firm.owner.post(f"{path}/change", {"version": 1, "base_wage_fen": 1_500_000})
    assert (raised.json()["base_wage_fen"], raised.json()["version"]) == (1_500_000, 2)
    stale = await firm.owner.post(f"{path}/change", {"version": 1, "base_wage_fen": 1})
    assert stale.status_code == 409
    early = await firm.owner.post(f"{path}/leave", {"version": 2, "left_on": "2025-08-31"})
    assert early.status_code == 422
    left = await firm.owner.post(f"{path}/leave", {"version": 2, "left_on": "2025-09-01"})
    assert left.json()["state"] == "left"
    assert (await make(firm))["people"] == PEOPLE
    elsewhere = await firm.owner.post("/v1/employees", employee(9, city="440305"))
    assert elsewhere.status_code == 422 and elsewhere.json()["region"] == "440300"
