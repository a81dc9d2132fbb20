"""Rightful calls: accounts, payments, parties, limits, invoices, receivables, loans."""

from __future__ import annotations

from typing import Any

from tests import firms
from tests.firms import SUPPLIER
from tests.flows import test_invoice_is_issued_and_paid as invoicing
from tests.flows import test_loan_is_drawn_and_repaid as lending
from tests.isolation.callers import Call
from tests.isolation.calls import asks, call, for_operation, reads
from tests.isolation.lived import Lived, allowance, as_caller, number

BOTH = {"from": "2025-09-01", "until": "2026-10-01"}

reads(
    "GET /v1/accounts", "GET /v1/accounts/{account_id}", "GET /v1/approvals",
    "GET /v1/credits/{credit_id}",
    "GET /v1/facilities", "GET /v1/facilities/consent-texts", "GET /v1/invoices",
    "GET /v1/invoices/{invoice_id}", "GET /v1/invoices/{invoice_id}/pdf",
    "GET /v1/invoices/{invoice_id}/xml", "GET /v1/invoices/quota",
    "POST /v1/invoices/quota/refresh", "GET /v1/limits", "GET /v1/limits/{person_id}",
    "GET /v1/loan-products", "GET /v1/loans", "GET /v1/loans/{loan_id}",
    "GET /v1/loans/{loan_id}/prepayment-quote", "GET /v1/loans/{loan_id}/schedule",
    "GET /v1/parties", "GET /v1/parties/{party_id}", "GET /v1/payments/second-person-rule",
    "GET /v1/payments/{payment_id}", "POST /v1/payments/{payment_id}/receipt",
    "GET /v1/red-letters/{red_letter_id}", "GET /v1/red-letters/{red_letter_id}/pdf",
    "GET /v1/red-letters/{red_letter_id}/xml", "GET /v1/receivables",
    "GET /v1/receivables/unallocated",
    "GET /v1/receivables/{receivable_id}", "POST /v1/credits/{credit_id}/receipt",
    "POST /v1/loans/{loan_id}/repayments",
)  # fmt: skip
reads("GET /v1/accounts/{account_id}/postings", **BOTH)
reads("GET /v1/accounts/{account_id}/statement", **BOTH, format="csv")
reads("GET /v1/accounts/{account_id}/balance", at="2026-09-01T00:00:00Z")

LOAN = {
    "principal_fen": 12_000_000, "annual_rate_ppm": 45_000, "method": "equal_instalment",
    "instalment_count": 12, "disbursed_on": "2026-09-05",
}  # fmt: skip
asks("POST /v1/quotes/loan", LOAN)
asks("POST /v1/quotes/invoice", {
    "issued_on": "2025-09-01",
    "lines": [{"name": "x", "quantity": "1", "unit_price": "101", "rate_ppm": 10_000}],
})  # fmt: skip


@for_operation("GET /v1/payments")
async def list_payments(firm: Lived) -> Call:
    return call("GET /v1/payments", firm.caller, {}, query={"account_id": firm.account_id})


@for_operation("GET /v1/credits")
async def list_credits(firm: Lived) -> Call:
    return call("GET /v1/credits", firm.caller, {}, query={"account_id": firm.account_id})


@for_operation("POST /v1/payments")
async def pay(firm: Lived) -> Call:
    body = firm.order(100, payee=None, party_id=firm.ids["party_id"])
    return call("POST /v1/payments", firm.caller, {}, body=body)


async def waiting(firm: Lived) -> dict[str, Any]:
    """A payment that needs a second person."""
    rule = await firm.read("/v1/payments/second-person-rule")
    if rule["outside_above_fen"] != 1_000_000:
        await firms.set_rule(firm.owner, 1_000_000, rule["in_bank_above_fen"])
    made: dict[str, Any] = await firm.make("/v1/payments", firm.order(1_000_001))
    assert made["state"] == "pending_approval", made
    return made


async def _on_payment(firm: Lived, verb: str, *, by_checker: bool, **more: Any) -> Call:
    made = await waiting(firm)
    who = as_caller(firm.checker) if by_checker else firm.caller
    return call(
        f"POST /v1/payments/{{payment_id}}/{verb}", who, {"payment_id": made["id"]},
        body={"version": made["version"]} | more,
    )  # fmt: skip


@for_operation("POST /v1/payments/{payment_id}/approve")
async def approve(firm: Lived) -> Call:
    return await _on_payment(firm, "approve", by_checker=True)


@for_operation("POST /v1/payments/{payment_id}/reject")
async def reject(firm: Lived) -> Call:
    return await _on_payment(firm, "reject", by_checker=True, reason="不认识")


@for_operation("POST /v1/payments/{payment_id}/cancel")
async def cancel(firm: Lived) -> Call:
    return await _on_payment(firm, "cancel", by_checker=False, reason="重复")


@for_operation("PUT /v1/payments/second-person-rule")
async def set_rule(firm: Lived) -> Call:
    rule = await firm.read("/v1/payments/second-person-rule")
    return call("PUT /v1/payments/second-person-rule", firm.caller, {}, body=rule)


def new_party() -> dict[str, Any]:
    return SUPPLIER | {
        "account_number": f"62284804{number():011d}", "name": "苏州又一材料有限公司",
        "roles": ["payee"],
    }  # fmt: skip


@for_operation("POST /v1/parties")
async def enter_party(firm: Lived) -> Call:
    return call("POST /v1/parties", firm.caller, {}, body=new_party())


async def _on_party(firm: Lived, verb: str) -> Call:
    party = await firm.make("/v1/parties", new_party())
    return call(
        f"POST /v1/parties/{{party_id}}/{verb}", firm.caller, {"party_id": party["id"]},
        body={"version": party["version"]},
    )  # fmt: skip


@for_operation("POST /v1/parties/{party_id}/close")
async def close_party(firm: Lived) -> Call:
    return await _on_party(firm, "close")


@for_operation("POST /v1/parties/{party_id}/trust")
async def trust_party(firm: Lived) -> Call:
    return await _on_party(firm, "trust")


@for_operation("PUT /v1/limits/{person_id}")
async def set_limit(firm: Lived) -> Call:
    seen = await firm.read(f"/v1/limits/{firm.ids['person_id']}")
    body = {"single_fen": 100, "daily_fen": 100, "version": seen["version"]}
    return call("PUT /v1/limits/{person_id}", firm.caller, firm.ids, body=body)


@for_operation("POST /v1/invoices")
async def draft(firm: Lived) -> Call:
    return call("POST /v1/invoices", firm.caller, {}, body=invoicing.invoice())


async def _drafted(firm: Lived, operation: str, **more: Any) -> Call:
    made = await firm.make("/v1/invoices", invoicing.invoice())
    return call(operation, firm.caller, {"invoice_id": made["id"]}, **more)


@for_operation("PUT /v1/invoices/{invoice_id}")
async def change_invoice(firm: Lived) -> Call:
    return await _drafted(firm, "PUT /v1/invoices/{invoice_id}", body=invoicing.invoice(version=1))


@for_operation("POST /v1/invoices/{invoice_id}/issue")
async def issue(firm: Lived) -> Call:
    return await _drafted(firm, "POST /v1/invoices/{invoice_id}/issue")


@for_operation("GET /v1/red-letters")
async def list_red_letters(firm: Lived) -> Call:
    query = {"invoice_id": firm.ids["invoice_id"]}
    return call("GET /v1/red-letters", firm.caller, {}, query=query)


@for_operation("POST /v1/red-letters")
async def take_back(firm: Lived) -> Call:
    """From an invoice of its own: taken back as a whole, one has nothing left for the next."""
    fresh = await invoicing.issued(firm)
    return call("POST /v1/red-letters", firm.caller, {}, body=allowance(fresh["id"]))


@for_operation("POST /v1/receivables/{receivable_id}/allocate")
async def allocate(firm: Lived) -> Call:
    """A fen of money that came in just now for nothing we know."""
    await firm.receive(100 + number(), on="2026-09-05")
    waiting = await firm.read("/v1/receivables/unallocated")
    body = {"receipt_id": waiting[-1]["receipt_id"], "amount_fen": 1}
    return call("POST /v1/receivables/{receivable_id}/allocate", firm.caller, firm.ids, body=body)


@for_operation("POST /v1/facilities/applications")
async def apply(firm: Lived) -> Call:
    await firm.city.idle()
    body = {"product_code": "business_quick", "consents": await lending.consents(firm)}
    return call("POST /v1/facilities/applications", firm.caller, {}, body=body)


@for_operation("GET /v1/facilities/applications/{application_id}")
async def read_application(firm: Lived) -> Call:
    ids = {"application_id": firm.ids["credit_application_id"]}
    return call("GET /v1/facilities/applications/{application_id}", firm.caller, ids)


def _drawing(firm: Lived) -> dict[str, Any]:
    found: dict[str, Any] = lending.drawing(firm, firm.ids["facility_id"], 100_000)
    return found


@for_operation("POST /v1/loans/quotes")
async def disclose(firm: Lived) -> Call:
    return call("POST /v1/loans/quotes", firm.caller, {}, body=_drawing(firm))


@for_operation("POST /v1/loans")
async def draw(firm: Lived) -> Call:
    shown = await firm.make("/v1/loans/quotes", _drawing(firm))
    body = _drawing(firm) | {
        "account_id": firm.account_id, "purpose": "采购原材料",
        "accepted_annual_cost_ppm": shown["annual_cost_compound_ppm"],
    }  # fmt: skip
    return call("POST /v1/loans", firm.caller, {}, body=body)


@for_operation("POST /v1/loans/{loan_id}/prepay")
async def prepay(firm: Lived) -> Call:
    loan_id = firm.ids["loan_id"]
    quote = await firm.read(f"/v1/loans/{loan_id}/prepayment-quote", principal_fen=10_000)
    body = {"principal_fen": 10_000, "accepted_total_fen": quote["total_fen"]}
    return call("POST /v1/loans/{loan_id}/prepay", firm.caller, firm.ids, body=body)
