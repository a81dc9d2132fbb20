"""Random lives of a loan against a model of their own: every debit, penalty and balance agrees."""

from __future__ import annotations

import random
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

import pytest

from lending.servicing import jobs as servicing
from tests.city import City
from tests.firms import Firm
from tests.flows.test_loan_is_drawn_and_repaid import (
    apply,
    balance,
    draw,
    grown_firm,
    loan,
    on,
    schedule,
    spend_all_but,
)

STEPS = 22
CASH = 900_000
RATE, PENALTY = Decimal("0.045"), Decimal("0.0675")


def fen(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


class Model:
    """A loan as the contract words it, in Decimal, knowing nothing of the product's code."""

    def __init__(self, rows: list[dict[str, Any]], cash: int) -> None:
        self.cash = cash
        self.rows = [
            {
                "due": date.fromisoformat(r["due_on"]), "p": r["principal_fen"],
                "i": r["interest_fen"], "pen": 0, "since": None, "start": r["from_on"],
            }
            for r in rows
        ]  # fmt: skip

    def serve(self, day: date) -> None:
        """One business date: oldest first; penalty, interest, principal (principal first after
        ninety days)."""
        for row in self.rows:
            if row["due"] > day or not (row["p"] or row["i"] or row["pen"] or row["since"]):
                continue
            fresh = row["since"] is None
            grown = 0 if fresh else fen(
                (row["p"] + row["i"]) * PENALTY * (day - row["since"]).days / 360
            )  # fmt: skip
            owed = {"pen": row["pen"] + grown, "i": row["i"], "p": row["p"]}
            order = ("p", "pen", "i") if (day - row["due"]).days > 90 else ("pen", "i", "p")
            taken = 0
            for part in order:
                piece = min(owed[part], self.cash)
                owed[part] -= piece
                self.cash -= piece
                taken += piece
            if taken or fresh:
                row.update(owed)
                row["since"] = day if any(owed.values()) else None

    @property
    def outstanding(self) -> int:
        return sum(row["p"] for row in self.rows)

    @property
    def overdue(self) -> bool:
        return any(row["since"] is not None for row in self.rows)


async def move(city: City, model: Model, today: date, days: int) -> date:
    """Business time moves on; every date passed is served, in whatever order the jobs run."""
    for _ in range(days):
        today += timedelta(days=1)
        model.serve(today)
    await on(city, today.isoformat())
    return today


async def agree(firm: Firm, model: Model, loan_id: str) -> None:
    found = await loan(firm, loan_id)
    assert await balance(firm) == model.cash
    assert found["outstanding_fen"] == model.outstanding
    expected = "settled" if model.outstanding == 0 else "overdue" if model.overdue else "active"
    assert found["state"] == expected
    assert await firm.city.findings() == []


@pytest.mark.parametrize("seed", [1, 2])
async def test_any_life_of_a_loan_is_booked_as_the_contract_says(city: City, seed: int):
    dice = random.Random(seed)
    firm = await grown_firm(city)
    await apply(firm)
    drawn = await draw(firm, amount_fen=10_000_000)
    loan_id = drawn["loan"]["id"]
    await spend_all_but(firm, CASH)
    model = Model(await schedule(firm, loan_id), CASH)
    today = date(2026, 9, 5)
    for _ in range(STEPS):
        match dice.choice(["wait", "wait", "long", "receive", "receive", "pay", "prepay"]):
            case "wait":
                today = await move(city, model, today, dice.randint(1, 20))
            case "long":
                today = await move(city, model, today, dice.randint(31, 100))
            case "receive":
                amount = dice.randint(1, 1_500_000)
                await firm.receive(amount, on=today.isoformat())
                model.cash += amount
            case "pay":
                answer = await firm.owner.post(f"/v1/loans/{loan_id}/repayments")
                assert answer.status_code == 200, answer.text
                model.serve(today)
            case "prepay":
                await prepay(firm, model, loan_id, today, dice)
        await agree(firm, model, loan_id)
    # However often the day's work is repeated, nothing is taken again.
    await servicing.service_loans(city.ctx, on=today)
    await agree(firm, model, loan_id)
    assert UUID(loan_id)


async def prepay(firm: Firm, model: Model, loan_id: str, today: date, dice: random.Random) -> None:
    """Prepay a part if nothing is due: the principal, and what it earned by days."""
    amount = dice.randint(1, 3_000_000)
    path = f"/v1/loans/{loan_id}"
    quote = await firm.owner.get(f"{path}/prepayment-quote", principal_fen=amount)
    if model.overdue or model.outstanding == 0:
        assert quote.status_code == 409
        return
    if amount > model.outstanding:
        assert quote.status_code == 422
        return
    current = next(r for r in model.rows if r["p"] or r["i"])
    days = (today - date.fromisoformat(current["start"])).days
    interest = min(fen(amount * RATE * days / 360), current["i"])
    assert quote.json()["total_fen"] == amount + interest
    body = {"principal_fen": amount, "accepted_total_fen": amount + interest}
    answer = await firm.owner.post(f"{path}/prepay", body)
    if amount + interest > model.cash:
        assert answer.status_code == 422, answer.text
        return
    assert answer.status_code == 200, answer.text
    left = [r for r in answer.json()["schedule"] if r["state"] == "planned"]
    assert sum(r["principal_fen"] for r in left) == model.outstanding - amount
    paid = amount + interest
    model.__init__(left, model.cash - paid)  # type: ignore[misc]
