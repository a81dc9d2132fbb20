"""Rightful calls: vouchers, statements, employees, wages, taxes, and the open calculators."""

from __future__ import annotations

from typing import Any

from tests.flows import founding
from tests.flows import test_payroll_pays_everybody as payroll
from tests.isolation.callers import Call
from tests.isolation.calls import asks, call, for_operation, reads
from tests.isolation.lived import Lived, as_caller, number

SPAN = {"from": "2025-09-01", "until": "2026-10-01"}

reads(
    "GET /v1/books/accounts", "GET /v1/books/periods", "GET /v1/books/vouchers/{voucher_id}",
    "GET /v1/employees", "GET /v1/employees/{employee_id}", "GET /v1/payroll/payslips",
    "GET /v1/payroll/runs", "GET /v1/payroll/runs/{run_id}", "GET /v1/payroll/runs/{run_id}/lines",
    "GET /v1/payroll/runs/{run_id}/payslips/{employee_id}", "GET /v1/tax/profile",
    "GET /v1/tax/returns", "GET /v1/tax/returns/{return_id}",
)  # fmt: skip
reads(
    "GET /v1/books/cash-flow", "GET /v1/books/income-statement", "GET /v1/books/trial-balance",
    "GET /v1/books/vouchers", "GET /v1/tax/deadlines", **SPAN,
)  # fmt: skip
reads("GET /v1/books/balance-sheet", on="2026-09-05")
reads("GET /v1/books/export", format="csv")

MONTHS = [{"paid_on": "2025-09-10", "income_fen": 1_500_000, "social_fen": 150_000}]
asks("POST /v1/quotes/wages-tax", {"joined_on": "2025-09-01", "months": MONTHS})
asks("POST /v1/quotes/bonus-tax", {"amount_fen": 3_000_000, "paid_on": "2025-12-20"})
asks("POST /v1/quotes/labour-tax", {
    "kind": "labour", "amount_fen": 500_000, "paid_on": "2025-12-20", "resident": True,
})  # fmt: skip
asks("POST /v1/quotes/tax", {
    "taxpayer": "small_scale", "period_from": "2025-07-01", "period_until": "2025-10-01",
    "sales_fen": 32_000_000,
})  # fmt: skip


def _voucher() -> dict[str, Any]:
    return {
        "dated_on": "2026-09-05", "summary": "测试",
        "lines": [
            {"account": "560201", "debit_fen": 100, "credit_fen": 0},
            {"account": "1001", "debit_fen": 0, "credit_fen": 100},
        ],
    }  # fmt: skip


@for_operation("POST /v1/books/vouchers")
async def enter(firm: Lived) -> Call:
    return call("POST /v1/books/vouchers", firm.caller, {}, body=_voucher())


@for_operation("POST /v1/books/vouchers/bulk")
async def enter_many(firm: Lived) -> Call:
    body = {"vouchers": [_voucher(), _voucher()]}
    return call("POST /v1/books/vouchers/bulk", firm.caller, {}, body=body)


@for_operation("POST /v1/books/vouchers/{voucher_id}/reverse")
async def reverse(firm: Lived) -> Call:
    made = await firm.make("/v1/books/vouchers", _voucher())
    return call(
        "POST /v1/books/vouchers/{voucher_id}/reverse", firm.caller, {"voucher_id": made["id"]},
        body={"reason": "记错了"},
    )  # fmt: skip


@for_operation("POST /v1/books/accounts")
async def add_account(firm: Lived) -> Call:
    body = {"code": f"5602{number() + 1000:04d}", "name": "测试", "parent": "5602",
            "normal": "debit"}  # fmt: skip
    return call("POST /v1/books/accounts", firm.caller, {}, body=body)


@for_operation("POST /v1/books/periods/close")
async def close(firm: Lived) -> Call:
    """The first month still open."""
    months = [row["month_on"][:7] for row in await firm.read("/v1/books/periods")
              if row["state"] == "open"]  # fmt: skip
    return call("POST /v1/books/periods/close", firm.caller, {}, body={"month": min(months)})


def new_employee() -> dict[str, Any]:
    no = number()
    born = f"{1950 + no // 900 % 50}0303"
    return payroll.employee(
        no % 900, joined_on="2026-09-01", account_number=payroll.card(no), base_wage_fen=800_000,
        resident_id=founding.resident_id(no % 900 + 1, born=born),
    )  # fmt: skip


@for_operation("POST /v1/employees")
async def hire(firm: Lived) -> Call:
    return call("POST /v1/employees", firm.caller, {}, body=new_employee())


@for_operation("POST /v1/employees/bulk")
async def hire_many(firm: Lived) -> Call:
    body = {"employees": [new_employee(), new_employee()]}
    return call("POST /v1/employees/bulk", firm.caller, {}, body=body)


async def _on_employee(firm: Lived, verb: str, **more: Any) -> Call:
    hired = await firm.make("/v1/employees", new_employee())
    body = {"version": hired["version"]} | more
    return call(
        f"POST /v1/employees/{{employee_id}}/{verb}", firm.caller, {"employee_id": hired["id"]},
        body=body,
    )  # fmt: skip


@for_operation("POST /v1/employees/{employee_id}/change")
async def change(firm: Lived) -> Call:
    return await _on_employee(firm, "change", base_wage_fen=900_000)


@for_operation("POST /v1/employees/{employee_id}/leave")
async def leave(firm: Lived) -> Call:
    return await _on_employee(firm, "leave", left_on="2026-09-30")


async def _free(firm: Lived) -> dict[str, Any]:
    """What a further run of the month takes, with no run open before it."""
    for run in (await firm.read("/v1/payroll/runs"))["items"]:
        if run["state"] in ("draft", "submitted", "approved"):
            await firm.make(f"/v1/payroll/runs/{run['id']}/cancel", {"version": run["version"]})
    line = {"employee_id": firm.ids["employee_id"], "bonus_fen": 10_000}
    return {"month": "2026-09", "pay_on": "2026-09-05", "lines": [line], "reason": "补发"}


@for_operation("POST /v1/payroll/runs")
async def make_run(firm: Lived) -> Call:
    return call("POST /v1/payroll/runs", firm.caller, {}, body=await _free(firm))


async def _run(firm: Lived, *, submitted: bool) -> dict[str, Any]:
    run: dict[str, Any] = await firm.make("/v1/payroll/runs", await _free(firm))
    if submitted:
        path = f"/v1/payroll/runs/{run['id']}/submit"
        run = await firm.make(path, {"version": run["version"]})
    return run


def _on_run(firm: Lived, verb: str, run: dict[str, Any], *, by_checker: bool = False) -> Call:
    who = as_caller(firm.checker) if by_checker else firm.caller
    body = {"version": run["version"]}
    return call(f"POST /v1/payroll/runs/{{run_id}}/{verb}", who, {"run_id": run["id"]}, body=body)


@for_operation("POST /v1/payroll/runs/{run_id}/submit")
async def submit(firm: Lived) -> Call:
    return _on_run(firm, "submit", await _run(firm, submitted=False))


@for_operation("POST /v1/payroll/runs/{run_id}/cancel")
async def cancel(firm: Lived) -> Call:
    return _on_run(firm, "cancel", await _run(firm, submitted=False))


@for_operation("POST /v1/payroll/runs/{run_id}/approve")
async def approve(firm: Lived) -> Call:
    return _on_run(firm, "approve", await _run(firm, submitted=True), by_checker=True)


@for_operation("POST /v1/payroll/runs/{run_id}/pay")
async def pay(firm: Lived) -> Call:
    return call("POST /v1/payroll/runs/{run_id}/pay", firm.caller, firm.ids)


@for_operation("PUT /v1/tax/profile")
async def set_profile(firm: Lived) -> Call:
    body = {"taxpayer": "small_scale", "city_tax_class": "city"}
    seen = await firm.read("/v1/tax/profile")
    return call("PUT /v1/tax/profile", firm.caller, {}, body=body | {"version": seen["version"]})


@for_operation("POST /v1/tax/returns")
async def prepare(firm: Lived) -> Call:
    return call("POST /v1/tax/returns", firm.caller, {}, body={"month": "2026-08"})


@for_operation("POST /v1/tax/returns/{return_id}/file")
async def file_return(firm: Lived) -> Call:
    """The first return of the months gone by that has not been sent."""
    for month in ("2026-08", "2026-07", "2026-05", "2026-04", "2026-02", "2026-01", "2025-11"):
        found = await firm.make("/v1/tax/returns", {"month": month})
        row = next((r for r in found["items"] if r["state"] == "computed"), found["items"][0])
        if row["state"] == "computed":
            break
    return call(
        "POST /v1/tax/returns/{return_id}/file", firm.caller, {"return_id": row["id"]},
        body={"version": row["version"]},
    )  # fmt: skip
