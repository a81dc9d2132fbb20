"""Everything once more from the demo's own inputs, by code and tables that the bank does not use.

What the outside saw is compared with the outside's own records; what is computed is computed
again with decimal arithmetic and statutory figures written out here, so that a mistake in the
system's tables or rules shows as a difference.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.demo.life import Life

CENT = Decimal("0.01")
# 个人所得税法, annual table: upper bound, rate, quick deduction (yuan).
TABLE = (
    (36000, "0.03", 0),
    (144000, "0.10", 2520),
    (300000, "0.20", 16920),
    (420000, "0.25", 31920),
    (660000, "0.30", 52920),
    (960000, "0.35", 85920),
    (10**12, "0.45", 181920),
)
# Shanghai: floor and cap of the base by social-insurance year, employee's shares.
BASES = {"2025": ("7460", "37302"), "2026": ("7546", "37731")}
SHARES = ("0.08", "0.02", "0.005")
HOUSING = ("0.07", "2740")


def yuan(fen: int) -> Decimal:
    """Fen as yuan."""
    return Decimal(fen) / 100


def fen(amount: Decimal) -> int:
    """Yuan to whole fen, half up."""
    return int((amount.quantize(CENT, ROUND_HALF_UP) * 100).to_integral_value())


async def differences(life: Life) -> list[str]:
    """A line for every figure that is not what it should be."""
    found: list[str] = []
    account = await life.owner.get(f"/v1/accounts/{life.account_id}")
    found += await _money(life, account)
    found += await _outside(life)
    found += _wages(life)
    found += _schedule(life)
    found += await _books(life, account)
    return found


def expect(what: str, is_: Any, should: Any) -> list[str]:
    """A line if the two differ."""
    return [] if is_ == should else [f"{what}: {is_} instead of {should}"]


async def _money(life: Life, account: dict[str, Any]) -> list[str]:
    """The balance from what went in and out, as the outside saw it arrive."""
    house = await life.bank.witness("clearing_house")
    ours = {p["id"] for p in life.paid}
    done = {r["reference"]: r for r in house["requests"] if r["reference"] in ours}
    found = expect("payments that reached the clearing house", len(done), len(ours))
    for payment in life.paid:
        seen = done.get(payment["id"], {"settled": False, "body": {}, "decided": {}})
        what = (seen["settled"], seen["decided"].get("state"), seen["body"].get("amount_fen"))
        found += expect(
            f"payment {payment['id']} outside", what, (True, "done", payment["amount_fen"])
        )
    came = sum(r["amount_fen"] for r in life.received)
    went = sum(p["amount_fen"] for p in life.paid)
    wages = sum(line["net_fen"] for run in life.runs for line in run["lines"])
    lent = sum(loan["asked"]["amount_fen"] for loan in life.loans)
    taken = sum(r["paid_principal_fen"] + r["paid_interest_fen"] for r in life.instalments)
    reckoning = await life.owner.get(f"/v1/accounts/{account['id']}/interest")
    settled = [one for one in reckoning["settled"] if one["state"] == "paid"]
    for one in settled:
        earned = sum(part["fen_days"] * part["rate_ppm"] for part in one["parts"])
        due = (2 * earned + 360_000_000) // 720_000_000
        found += expect(f"interest until {one['until_on']}", one["interest_fen"], due)
    earned = sum(one["interest_fen"] for one in settled)
    should = came - went - wages + lent - taken + earned
    return found + expect("the balance", account["balance_fen"], should)


def _quarter(on: str) -> str:
    """The quarter of a date: `2025Q3`."""
    return f"{on[:4]}Q{(int(on[5:7]) + 2) // 3}"


def _taxes(life: Life, filed: list[dict[str, Any]]) -> list[str]:
    """What was filed is what the platform has; VAT of each quarter from the invoices alone.

    1 % for small-scale taxpayers; up to 300,000 yuan a quarter free, from 2026 only below it.
    """
    told = {r["receipt_number"]: r["payable_fen"] for r in filed if r["uscc"] == life.uscc}
    found = expect("returns at the tax platform", len(told), len(life.returns))
    found += expect(
        "taxes declared", sorted(told.values()), sorted(r["payable_fen"] for r in life.returns)
    )
    for row in life.returns:
        if row["tax"] != "vat":
            continue
        quarter = _quarter(row["period_from"])
        net = sum(i["issued"]["amount_fen"] for i in life.invoices if _quarter(i["on"]) == quarter)
        free = net <= 30_000_000 if quarter < "2026" else net < 30_000_000
        due = 0 if free else fen(yuan(net) * Decimal("0.01"))
        found += expect(f"VAT of {quarter}", row["payable_fen"], due)
    return found


async def _outside(life: Life) -> list[str]:
    """Invoice numbers, the filing and the messages, as the outside has them."""
    tax = await life.bank.witness("tax")
    numbers = {
        i["number"]: i["total_fen"] for i in tax["invoices"] if i["seller_uscc"] == life.uscc
    }
    ours = {i["issued"]["number"]: i["issued"]["total_fen"] for i in life.invoices}
    found = expect("invoices at the tax platform", numbers, ours)
    found += _taxes(life, tax["returns"])
    filed = [a["account_number"] for a in (await life.bank.witness("account_filing"))["accounts"]]
    found += expect("the account is filed once", filed.count(life.number), 1)
    registry = await life.bank.witness("registry")
    found += expect(
        "the firm in the register", life.uscc in {f["uscc"] for f in registry["licences"]}, True
    )
    texts = [m["text"] for m in await life.bank._messages(life.phone)]
    found += expect("a message about the open account", any("账户" in t for t in texts), True)
    for invoice in life.invoices:
        total = sum(
            fen(Decimal(row["quantity"]) * Decimal(row["unit_price"])) for row in invoice["lines"]
        )
        net = sum(
            fen(Decimal(row["quantity"]) * Decimal(row["unit_price"]) / Decimal("1.01"))
            for row in invoice["lines"]
        )
        issued = invoice["issued"]
        found += expect("an invoice", (issued["amount_fen"], issued["total_fen"]), (net, total))
    return found


def _social(wage_fen: int, paid_on: str) -> int:
    """The employee's social insurance and housing fund of a month, in fen."""
    year = str(int(paid_on[:4]) - (paid_on[5:7] < "07"))
    floor, cap = (Decimal(x) for x in BASES[year])
    base = min(max(yuan(wage_fen), floor), cap)
    social = sum(fen(base * Decimal(share)) for share in SHARES)
    rate, lowest = (Decimal(x) for x in HOUSING)
    housing = (min(max(yuan(wage_fen), lowest), cap) * rate).quantize(Decimal(1), ROUND_HALF_UP)
    return social + fen(housing)


def _wages(life: Life) -> list[str]:
    """Every withholding of every month, cumulatively by the year of payment."""
    found: list[str] = []
    for employee in life.employees:
        year, months, taxable_base, withheld = "", 0, Decimal(0), 0
        for run in life.runs:
            if run["paid_on"][:4] != year:
                year, months, taxable_base, withheld = run["paid_on"][:4], 0, Decimal(0), 0
            months += 1
            row = next(x for x in run["lines"] if x["employee_id"] == employee["id"])
            social = _social(employee["base_wage_fen"], run["paid_on"])
            taxable_base += yuan(employee["base_wage_fen"] - social - employee["additional_fen"])
            taxable = max(taxable_base - 5000 * months, Decimal(0))
            _, rate, quick = next(t for t in TABLE if taxable <= t[0])
            due = max(fen(taxable * Decimal(rate) - quick) - withheld, 0)
            withheld += due
            net = employee["base_wage_fen"] - social - due
            where = f"{employee['name']} {run['month_on'][:7]}"
            found += expect(f"tax of {where}", row["tax_fen"], due)
            found += expect(f"net pay of {where}", row["net_fen"], net)
    return found


def _schedule(life: Life) -> list[str]:
    """等额本息 with decimals: P·i·(1+i)^n / ((1+i)^n − 1), interest on what is left."""
    found: list[str] = []
    for drawn in life.loans:
        principal = yuan(drawn["asked"]["amount_fen"])
        count = drawn["asked"]["term_months"]
        rate = Decimal(drawn["loan"]["annual_rate_ppm"]) / 12 / 1_000_000
        growth = (1 + rate) ** count
        payment = (principal * rate * growth / (growth - 1)).quantize(CENT, ROUND_HALF_UP)
        left = principal
        for row in drawn["schedule"]:
            interest = (left * rate).quantize(CENT, ROUND_HALF_UP)
            part = left if row["no"] == count else payment - interest
            left -= part
            found += expect(
                f"instalment {row['no']}",
                (row["principal_fen"], row["interest_fen"]),
                (fen(part), fen(interest)),
            )
    return found


async def _books(life: Life, account: dict[str, Any]) -> list[str]:
    """The trial balance from the inputs: what each account must hold in the end."""
    books = await life.owner.get(
        "/v1/books/trial-balance", **{"from": "2025-09-01", "until": "2028-01-01"}
    )
    held = {row["code"]: row["closing_fen"] for row in books["accounts"]}
    gross = sum(
        len(life.employees) and sum(e["base_wage_fen"] for e in life.employees) for _ in life.runs
    )
    withheld = sum(line["tax_fen"] for run in life.runs for line in run["lines"])
    principal = sum(row["paid_principal_fen"] for row in life.instalments)
    declared = {_quarter(r["period_from"]) for r in life.returns if r["tax"] == "vat"}
    should = {
        "1002": account["balance_fen"],
        "5001": sum(i["issued"]["amount_fen"] for i in life.invoices),
        "222101": sum(
            i["issued"]["tax_fen"] for i in life.invoices if _quarter(i["on"]) not in declared
        ),
        "222102": sum(r["payable_fen"] for r in life.returns if r["tax"] == "vat"),
        "1122": 0,
        "2202": sum(p["amount_fen"] for p in life.paid if p["purpose"] == "goods"),
        "3001": sum(r["amount_fen"] for r in life.received if r["remark"] == "投资款"),
        "2001": sum(x["asked"]["amount_fen"] for x in life.loans) - principal,
        "222110": withheld,
    }
    found = expect("debits against credits", books["debit_fen"], books["credit_fen"])
    for code, amount in should.items():
        found += expect(f"account {code}", abs(held.get(code, 0)), amount)
    employer = sum(r["employer_social_fen"] + r["employer_housing_fund_fen"] for r in life.runs)
    return found + expect("wages as a cost", abs(held.get("560204", 0)), gross + employer)
