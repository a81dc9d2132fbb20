"""A firm asks for credit with consent, is told why it gets what, draws, and repays on the day."""

from __future__ import annotations

import asyncio
from datetime import date, datetime
from typing import Any

from app.clock import SHANGHAI
from app.identity import operations as identity
from lending.servicing import jobs as servicing
from tests.city import City
from tests.firms import Firm, open_firm

USCC = "91330100799655058B"
RECEIVED = 30_000_000
# What half a year of 300,000 yuan a month without tax data is worth: 2,100,000 × 30 % × ½.
LIMIT = 31_500_000
CLEAN = {"external_debt_fen": 0}


async def on(city: City, day: str) -> None:
    """Business time moves to ten in the morning of a day."""
    year, month, dom = map(int, day.split("-"))
    await city.move_clock(datetime(year, month, dom, 10, tzinfo=SHANGHAI))


async def reported(city: City, **facts: Any) -> None:
    """What other lenders and courts tell the bureau about the firm."""
    answer = await city.world.post(
        "/bureau/simulate/subject", json={"subject_id": USCC, "facts": CLEAN | facts}
    )
    assert answer.status_code == 200, answer.text


async def grown_firm(city: City, **facts: Any) -> Firm:
    """A firm a year old, with money coming in for seven months; the bureau knows `facts`."""
    firm = await open_firm(city)
    async with city.ctx.begin(firm.business_id) as work:
        await identity.register_business(work, uscc=USCC, name=firm.name)
        await identity.activate_business(work)
    for day in ("2025-12-05", "2026-02-05", "2026-04-05", "2026-06-05", "2026-07-05",
                "2026-08-05", "2026-09-05"):  # fmt: skip
        await on(city, day)
        await firm.receive(RECEIVED, on=day)
    await reported(city, **facts)
    return firm


async def consents(firm: Firm) -> list[dict[str, str]]:
    """The owner reads the texts and agrees to each."""
    texts = (await firm.owner.get("/v1/facilities/consent-texts")).json()
    return [{"kind": text["kind"], "text_version": text["version"]} for text in texts]


async def apply(firm: Firm, **changes: Any) -> dict[str, Any]:
    """Apply and wait for the bureau: the application as decided."""
    body = {"product_code": "business_quick", "consents": await consents(firm)} | changes
    answer = await firm.owner.post("/v1/facilities/applications", body)
    assert answer.status_code == 202, answer.text
    await firm.city.idle()
    return (await firm.owner.get(f"/v1/facilities/applications/{answer.json()['id']}")).json()


async def facility(firm: Firm) -> dict[str, Any]:
    return (await firm.owner.get("/v1/facilities")).json()[0]


def drawing(firm: Firm, facility_id: str, amount_fen: int = 12_000_000, **more: Any) -> Any:
    return {
        "facility_id": facility_id, "amount_fen": amount_fen, "term_months": 12,
        "method": "equal_instalment",
    } | more  # fmt: skip


async def draw(firm: Firm, **more: Any) -> dict[str, Any]:
    """Look at the cost, accept it, draw."""
    body = drawing(firm, (await facility(firm))["id"], **more)
    shown = await firm.owner.post("/v1/loans/quotes", body)
    assert shown.status_code == 200, shown.text
    answer = await firm.owner.post(
        "/v1/loans",
        body
        | {
            "account_id": firm.account_id,
            "purpose": "采购原材料",
            "accepted_annual_cost_ppm": shown.json()["annual_cost_compound_ppm"],
        },
    )
    assert answer.status_code == 201, answer.text
    await firm.city.idle()
    return answer.json()


async def schedule(firm: Firm, loan_id: str) -> list[dict[str, Any]]:
    return (await firm.owner.get(f"/v1/loans/{loan_id}/schedule")).json()


async def loan(firm: Firm, loan_id: str) -> dict[str, Any]:
    return (await firm.owner.get(f"/v1/loans/{loan_id}")).json()


async def balance(firm: Firm) -> int:
    return int((await firm.account())["balance_fen"])


async def test_the_first_instalment_is_taken_on_its_day_and_once(city: City):
    firm = await grown_firm(city)
    decided = await apply(firm)
    assert (decided["state"], decided["limit_fen"]) == ("granted", LIMIT)
    named = {reason["code"] for reason in decided["reasons"]}
    assert {"no_tax_record", "limited_by_sales", "few_invoices"} <= named
    assert all(reason["zh"] and reason["en"] for reason in decided["reasons"])

    before = await balance(firm)
    drawn = await draw(firm)
    of = drawn["loan"]
    assert await balance(firm) == before + 12_000_000
    assert (of["annual_rate_ppm"], of["prime_rate_ppm"]) == (45_000, 30_000)
    assert (await facility(firm))["available_fen"] == LIMIT - 12_000_000

    # The same table comes from the open calculator.
    terms = {
        "principal_fen": 12_000_000, "annual_rate_ppm": 45_000, "method": "equal_instalment",
        "instalment_count": 12, "disbursed_on": "2026-09-05",
    }  # fmt: skip
    table = (await city.api.post("/v1/quotes/loan", json=terms)).json()["instalments"]
    rows = await schedule(firm, of["id"])
    parts = ("no", "from_on", "due_on", "principal_fen", "interest_fen")
    assert [{k: r[k] for k in parts} for r in rows] == [{k: r[k] for k in parts} for r in table]
    assert table == drawn["disclosure"]["instalments"]

    contract = (await loan(firm, of["id"]))["contract_file_id"]
    assert (await firm.owner.get(f"/v1/files/{contract}")).content.startswith(b"%PDF")
    await on(city, "2026-10-04")
    assert await balance(firm) == before + 12_000_000
    # The clock's own job and four more workers at the same date: taken once.
    due = date(2026, 10, 5)
    await asyncio.gather(*(servicing.service_loans(city.ctx, on=due) for _ in range(4)))
    await on(city, "2026-10-05")
    await city.tick()
    paid = table[0]["payment_fen"]
    assert await balance(firm) == before + 12_000_000 - paid
    first, second = (await schedule(firm, of["id"]))[:2]
    assert (first["state"], second["state"]) == ("paid", "planned")
    now = await loan(firm, of["id"])
    assert now["outstanding_fen"] == table[0]["balance_fen"]
    used = (await facility(firm))["used_fen"]
    assert used == table[0]["balance_fen"]


async def test_what_is_short_becomes_overdue_with_penalty_until_money_comes(city: City):
    firm = await grown_firm(city)
    await apply(firm)
    drawn = await draw(firm, method="interest_only")
    loan_id = drawn["loan"]["id"]
    # 120,000 × 4.5 % × 30 days over 360
    assert drawn["disclosure"]["instalments"][0]["interest_fen"] == 45_000
    await spend_all_but(firm, 20_000)
    await on(city, "2026-10-05")
    row = (await schedule(firm, loan_id))[0]
    assert (row["state"], row["paid_interest_fen"]) == ("overdue", 20_000)
    assert await balance(firm) == 0
    await on(city, "2026-10-15")
    found = await loan(firm, loan_id)
    assert (found["state"], found["category"], found["overdue_days"]) == (
        "overdue", "special_mention", 10,
    )  # fmt: skip
    refused = await firm.owner.get(f"/v1/loans/{loan_id}/prepayment-quote")
    assert refused.status_code == 409 and refused.json()["type"].endswith("dues-first")
    await firm.receive(1_000_000, on="2026-10-15")
    answer = await firm.owner.post(f"/v1/loans/{loan_id}/repayments")
    # 250.00 unpaid × 6.75 % × 10 days over 360 = 0.47
    assert [(p["interest_fen"], p["penalty_fen"]) for p in answer.json()] == [(25_000, 47)]
    found = await loan(firm, loan_id)
    assert (found["state"], found["category"], found["overdue_days"]) == ("active", "normal", 0)


async def spend_all_but(firm: Firm, fen: int) -> None:
    """The firm pays nearly everything to another firm of this bank."""
    other = await open_firm(firm.city, name="杭州示例商贸有限公司")
    amount = await balance(firm) - fen
    answer = await firm.owner.post("/v1/payments", firm.order_to(other, amount))
    assert answer.status_code == 201, answer.text
    await firm.city.idle()
    assert await balance(firm) == fen


async def test_prepaying_saves_the_rest_of_the_interest(city: City):
    firm = await grown_firm(city)
    await apply(firm)
    loan_id = (await draw(firm, amount_fen=10_000_000))["loan"]["id"]
    await on(city, "2026-09-15")
    part = await firm.owner.get(f"/v1/loans/{loan_id}/prepayment-quote", principal_fen=4_000_000)
    # 40,000 × 4.5 % × 10 days over 360
    assert part.json()["interest_fen"] == 5_000
    body = {"principal_fen": 4_000_000, "accepted_total_fen": 4_005_001}
    stale = await firm.owner.post(f"/v1/loans/{loan_id}/prepay", body)
    assert stale.status_code == 409 and stale.json()["total_fen"] == 4_005_000
    body["accepted_total_fen"] = 4_005_000
    done = await firm.owner.post(f"/v1/loans/{loan_id}/prepay", body)
    assert done.status_code == 200, done.text
    left = [r for r in done.json()["schedule"] if r["state"] == "planned"]
    assert len(left) == 12 and sum(r["principal_fen"] for r in left) == 6_000_000
    whole = (await firm.owner.get(f"/v1/loans/{loan_id}/prepayment-quote")).json()
    before = await balance(firm)
    settled = await firm.owner.post(
        f"/v1/loans/{loan_id}/prepay", {"accepted_total_fen": whole["total_fen"]}
    )
    assert settled.status_code == 200, settled.text
    assert await balance(firm) == before - whole["total_fen"]
    assert (await loan(firm, loan_id))["state"] == "settled"
    assert (await facility(firm))["available_fen"] == LIMIT
    again = await firm.owner.get(f"/v1/loans/{loan_id}/prepayment-quote")
    assert again.status_code == 409
    for wrong in ({"limit": 0}, {"limit": 201}, {"after": "zzz"}):
        assert (await firm.owner.get("/v1/loans", **wrong)).status_code == 400, wrong
    nothing = await firm.owner.get(f"/v1/loans/{loan_id}/prepayment-quote", principal_fen=0)
    assert nothing.status_code == 400


async def test_credit_is_refused_with_reasons_and_nothing_is_drawn_beyond_it(city: City):
    firm = await grown_firm(city, enforcement_cases=1)
    decided = await apply(firm)
    assert decided["state"] == "declined"
    assert "court_enforcement" in {r["code"] for r in decided["reasons"]}
    # What was offered from the firm's own data stays an offer: it cannot be drawn on.
    offered = await facility(firm)
    assert (offered["state"], offered["available_fen"]) == ("offered", 0)
    missing = {"product_code": "business_quick", "consents": (await consents(firm))[:2]}
    answer = await firm.owner.post("/v1/facilities/applications", missing)
    assert answer.status_code == 422 and answer.json()["missing"]

    await reported(city)
    assert (await apply(firm, asked_fen=5_000_000))["limit_fen"] == 5_000_000
    body = drawing(firm, (await facility(firm))["id"], 5_000_001)
    too_much = await firm.owner.post("/v1/loans/quotes", body)
    assert too_much.status_code == 422 and too_much.json()["available_fen"] == 5_000_000
    body |= {"account_id": firm.account_id, "purpose": "进货", "amount_fen": 3_000_000}
    changed = await firm.owner.post("/v1/loans", body | {"accepted_annual_cost_ppm": 1})
    assert changed.status_code == 409 and changed.json()["type"].endswith("cost-not-accepted")
    accepted = body | {"accepted_annual_cost_ppm": changed.json()["annual_cost_compound_ppm"]}
    # Three drawings at once on a limit for one: exactly one succeeds.
    answers = await asyncio.gather(*(firm.owner.post("/v1/loans", accepted) for _ in range(3)))
    assert sorted(a.status_code for a in answers) == [201, 422, 422]
    other = await open_firm(city, name="杭州示例商贸有限公司")
    loan_id = next(a.json()["loan"]["id"] for a in answers if a.status_code == 201)
    theirs = await other.owner.get(f"/v1/loans/{loan_id}")
    assert theirs.status_code == 404
