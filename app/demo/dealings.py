"""What a firm does all year: money in, money out, invoices, wages."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

from app.demo.client import Failed, body, until
from app.demo.life import Life

SETTLED = ("settled", "failed", "returned")


async def receive(life: Life, payer: Any, amount_fen: int, remark: str) -> dict[str, Any]:
    """A customer of another bank pays us; wait until it is on the account."""
    credit = {
        "payer_bank": payer.bank_code,
        "payer_account": payer.account_number,
        "payer_name": payer.name,
        "payee_account": life.number,
        "payee_name": life.name,
        "amount_fen": amount_fen,
        "purpose": remark,
        "on": life.today.isoformat(),
    }
    sent = body(await life.bank.world.post("/clearing_house/simulate/incoming", json=credit))
    life.received.append({"amount_fen": amount_fen, "remark": remark, "sent": sent})
    return dict(sent)


async def arrived(life: Life) -> int:
    """Wait until everything sent to us is on the account; how many credits that are."""

    async def all_there() -> Any:
        found, after = 0, None
        while True:
            page = await life.owner.get(
                "/v1/credits", limit=200, **({"after": after} if after else {})
            )
            found += len(page["items"])
            after = page["next"]
            if after is None:
                return found if found >= len(life.received) else None

    return int(await until("the money that was sent to us", all_there))


async def pay(life: Life, payee: Any, amount_fen: int, memo: str, purpose: str = "goods") -> str:
    """Order a payment to another bank; its id."""
    order = {
        "account_id": life.account_id,
        "amount_fen": amount_fen,
        "memo": memo,
        "purpose": purpose,
        "payee": {
            "name": payee.name,
            "account_number": payee.account_number,
            "bank_code": payee.bank_code,
        },
    }
    made = await life.owner.post("/v1/payments", order)
    life.paid.append(
        {
            "id": made["id"],
            "amount_fen": amount_fen,
            "payee": payee.account_number,
            "purpose": purpose,
            "version": made["version"],
        }
    )
    return str(made["id"])


async def approve(life: Life, payment_id: str) -> None:
    """The second person agrees to what the first has ordered, as they saw it."""
    version = next(p["version"] for p in life.paid if p["id"] == payment_id)
    await life.second.post(f"/v1/payments/{payment_id}/approve", {"version": version})


async def settle(life: Life, payment_id: str) -> dict[str, Any]:
    """Wait until a payment has its outcome."""

    async def final() -> Any:
        found = await life.owner.get(f"/v1/payments/{payment_id}")
        return found if found["state"] in SETTLED else None

    found = await until(f"the outcome of payment {payment_id}", final)
    if found["state"] != "settled":
        raise Failed(f"payment {payment_id} {found['state']}: {found['reason']}")
    return dict(found)


async def issue(life: Life, customer: Any, lines: list[dict[str, Any]]) -> dict[str, Any]:
    """Write an invoice and have it numbered by the tax platform."""
    draft = await life.owner.post(
        "/v1/invoices",
        {
            "kind": "ordinary",
            "buyer_name": customer.name,
            "buyer_uscc": customer.uscc,
            "lines": lines,
            "drawer": "王会计",
        },
    )
    path = f"/v1/invoices/{draft['id']}"
    await life.owner.post(f"{path}/issue")

    async def numbered() -> Any:
        found = await life.owner.get(path)
        if found["state"] == "refused":
            raise Failed(f"the tax platform refused: {found}")
        return found if found["state"] == "issued" else None

    found = await until("the invoice's number", numbered)
    life.invoices.append({"lines": lines, "issued": found, "on": life.today.isoformat()})
    return dict(found)


async def hire(life: Life, people: int) -> None:
    """Twelve people, most with something to deduct; wages from 5,800 to 30,000 a month."""
    dice = life.dice
    for no in range(people):
        worker = life.worker(no)
        life.employees.append(
            {
                "name": worker.name,
                "resident_id": worker.id_number,
                "phone": worker.phone,
                "account_number": worker.card_number,
                "bank_code": worker.bank_code,
                "base_wage_fen": 580_000 + no * 180_000 + dice.randrange(0, 40) * 1_000,
                "joined_on": life.today.replace(day=1).isoformat(),
                "city": "310115",
                "additional_fen": dice.choice((0, 100_000, 150_000, 300_000)),
            }
        )
    done = await life.owner.post("/v1/employees/bulk", {"employees": life.employees})
    if done["hired"] != people:
        raise Failed(f"hired {done['hired']} of {people}: {done['results']}")
    for employee, result in zip(life.employees, done["results"], strict=True):
        employee["id"] = result["employee_id"]


async def pay_wages(life: Life) -> dict[str, Any]:
    """A month's wages: computed, approved by the second person, paid."""
    month = life.today.isoformat()[:7]
    run = await life.owner.post(
        "/v1/payroll/runs", {"month": month, "pay_on": life.today.isoformat()}
    )
    path = f"/v1/payroll/runs/{run['id']}"
    submitted = await life.owner.post(f"{path}/submit", {"version": run["version"]})
    await life.second.post(f"{path}/approve", {"version": submitted["version"]})

    async def paid() -> Any:
        found = await life.owner.get(path)
        return found if found["state"] == "paid" else None

    found = await until("the wages to be paid", paid)
    life.runs.append(found | {"paid_on": life.today.isoformat()})
    return dict(found)


async def file_returns(life: Life) -> None:
    """The month that has ended, and the quarter with it: computed from the books, filed as seen.

    A return that the clock's own job has computed anew meanwhile is looked at again.
    """
    month = (life.today.replace(day=1) - timedelta(days=1)).isoformat()[:7]
    done: set[str] = set()
    for _ in range(5):
        prepared = (await life.owner.post("/v1/tax/returns", {"month": month}))["items"]
        try:
            for row in prepared:
                if row["id"] not in done:
                    life.returns.append(await _file(life, row))
                    done.add(row["id"])
        except Failed as failed:
            if "return-changed" not in str(failed):
                raise
            continue
        return
    raise Failed(f"the returns of {month} change whenever they are looked at")


async def _file(life: Life, row: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/tax/returns/{row['id']}"
    await life.owner.post(f"{path}/file", {"version": row["version"]})

    async def filed() -> Any:
        found = await life.owner.get(path)
        if found["state"] == "refused":
            raise Failed(f"the tax platform refused: {found}")
        return found if found["state"] == "filed" else None

    return dict(await until(f"the receipt of {row['tax']}", filed))


async def booked(life: Life) -> dict[str, Any]:
    """Wait until the books agree with the bank: the vouchers write themselves a moment later."""
    on = life.today
    until_on = date(on.year + on.month // 12, on.month % 12 + 1, 1).isoformat()

    async def agree() -> Any:
        account, books = await asyncio.gather(
            life.owner.get(f"/v1/accounts/{life.account_id}"),
            life.owner.get("/v1/books/trial-balance", **{"from": "2025-09-01", "until": until_on}),
        )
        closing = {row["code"]: row["closing_fen"] for row in books["accounts"]}
        agreed = closing.get("1002") == account["balance_fen"] and account["held_fen"] == 0
        return books if agreed else None

    return dict(await until("the books to agree with the account", agree))
