"""A limit from the firm's own data, a loan, its first instalment on its day."""

from __future__ import annotations

from datetime import date
from typing import Any

from app.demo.client import Failed, until
from app.demo.life import Life
from app.demo.show import money

LOAN_FEN = 12_000_000
TERM = 12


async def limit(life: Life) -> dict[str, Any]:
    """Ask with consent; the decision comes with its reasons."""
    with life.show.step("A credit limit from the firm's own data") as figures:
        texts = await life.owner.get("/v1/facilities/consent-texts")
        asked = {
            "product_code": "business_quick",
            "consents": [{"kind": t["kind"], "text_version": t["version"]} for t in texts],
        }
        begun = await life.owner.post("/v1/facilities/applications", asked)

        async def decided() -> Any:
            found = await life.owner.get(f"/v1/facilities/applications/{begun['id']}")
            return found if found["decided_at"] else None

        found = await until("the bureau and the decision", decided)
        reasons = ", ".join(reason["code"] for reason in found["reasons"])
        if found["state"] != "granted":
            raise Failed(f"no credit: {reasons}")
        figures.append(f"{money(found['limit_fen'])}, score {found['score']}")
        figures.append(f"reasons: {reasons}")
        return dict(
            next(
                f
                for f in await life.owner.get("/v1/facilities")
                if f["state"] not in ("ended", "expired")
            )
        )


async def draw(life: Life, facility: dict[str, Any]) -> dict[str, Any]:
    """Show the whole cost, accept it, draw; the schedule is stored as shown."""
    with life.show.step("A loan is drawn, its cost and schedule shown first") as figures:
        asked = {
            "facility_id": facility["id"],
            "amount_fen": min(LOAN_FEN, facility["available_fen"] // 100 * 100),
            "term_months": TERM,
            "method": "equal_instalment",
        }
        shown = await life.owner.post("/v1/loans/quotes", asked)
        accepted = {
            "account_id": life.account_id,
            "purpose": "采购原材料",
            "accepted_annual_cost_ppm": shown["annual_cost_compound_ppm"],
        }
        drawn = await life.owner.post("/v1/loans", asked | accepted)
        schedule = await life.owner.get(f"/v1/loans/{drawn['loan']['id']}/schedule")
        first = schedule[0]
        life.loans.append(
            {"loan": drawn["loan"], "schedule": schedule, "asked": asked, "on": life.today}
        )
        figures.append(
            f"{money(asked['amount_fen'])} over {TERM} months at "
            f"{drawn['loan']['annual_rate_ppm'] / 10_000:.2f} %, all-in "
            f"{shown['annual_cost_compound_ppm'] / 10_000:.2f} % a year (compound)"
        )
        figures.append(
            f"first instalment {first['due_on']}: principal {money(first['principal_fen'])}"
            f" + interest {money(first['interest_fen'])}"
        )
        return dict(drawn["loan"])


async def first_instalment(life: Life, loan: dict[str, Any]) -> None:
    """Business time moves to the day; the bank takes what is due, once."""
    with life.show.step("The first instalment is debited on its day") as figures:
        path = f"/v1/loans/{loan['id']}/schedule"
        first = (await life.owner.get(path))[0]
        await life.go_to(date.fromisoformat(first["due_on"]))

        async def taken() -> Any:
            row = (await life.owner.get(path))[0]
            return row if row["state"] == "paid" else None

        row = await until("the instalment to be taken", taken)
        life.instalments.append(row)
        figures.append(
            f"{money(row['paid_principal_fen'] + row['paid_interest_fen'])} on {row['due_on']}"
        )
