"""Rightful calls: the way of a payment, messages at the desk, comparisons and differences."""

from __future__ import annotations

from uuid import uuid4

from app import database
from tests.city import Person
from tests.firms import OTHER_BANK
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.lived import Lived, number

DIFFERENCE = "/desk/v1/reconciliation/differences/{difference_id}"
FOUND = """
insert into accounts.differences
  (id, reconciled_on, direction, reference, line_no, our_fen, their_fen, found_at)
values ($1, '2025-09-01', 'incoming', $2, 0, null, 5, now())
"""

reads("GET /v1/payment-systems/quote", bank_code=OTHER_BANK, amount_fen=1_000)
reads("GET /v1/payments/{payment_id}/recalls")


@for_operation("POST /v1/payments/{payment_id}/recalls")
async def recall(firm: Lived) -> Call:
    """A payment that has reached the other bank, of an amount of its own."""
    made = await firm.make("/v1/payments", firm.order(1_000 + number()))
    await firm.city.idle()
    ids = {"payment_id": made["id"]}
    return call(
        "POST /v1/payments/{payment_id}/recalls", firm.caller, ids, body={"why": "duplicate"}
    )


@for_operation("GET /desk/v1/messages/{business_id}/{subject_id}")
async def read_messages(firm: Lived) -> Call:
    ids = {"business_id": str(firm.business_id), "subject_id": firm.ids["payment_id"]}
    operation = "GET /desk/v1/messages/{business_id}/{subject_id}"
    return call(operation, firm.town.desk["operator.wu"], ids)


@for_operation("GET /desk/v1/reconciliation/comparisons")
async def list_comparisons(firm: Lived) -> Call:
    return call("GET /desk/v1/reconciliation/comparisons", firm.town.desk["operator.wu"], {})


@for_operation("GET /desk/v1/reconciliation/differences")
async def list_differences(firm: Lived) -> Call:
    return call("GET /desk/v1/reconciliation/differences", firm.town.desk["operator.wu"], {})


async def _found(firm: Lived, *, claimed: bool = False) -> dict[str, str]:
    """A difference that nothing in this town explains, as the nightly comparison leaves it."""
    difference_id = uuid4()
    connection = await database.connect(firm.city.settings)
    try:
        await connection.execute(FOUND, difference_id, f"TOWN-{difference_id}")
    finally:
        await connection.close()
    ids = {"difference_id": str(difference_id)}
    if claimed:
        operator = Person(firm.city, "", firm.town.desk["operator.wu"].token)
        answer = await operator.post(DIFFERENCE.format(**ids) + "/claim", {"version": 1})
        assert answer.status_code == 200, answer.text
    return ids


async def _on_difference(firm: Lived, verb: str) -> Call:
    ids = await _found(firm)
    operator = firm.town.desk["operator.wu"]
    return call(f"POST {DIFFERENCE}/{verb}", operator, ids, body={"version": 1})


@for_operation(f"POST {DIFFERENCE}/claim")
async def claim(firm: Lived) -> Call:
    return await _on_difference(firm, "claim")


@for_operation(f"POST {DIFFERENCE}/ask")
async def ask(firm: Lived) -> Call:
    return await _on_difference(firm, "ask")


@for_operation(f"POST {DIFFERENCE}/explain")
async def explain(firm: Lived) -> Call:
    ids = await _found(firm, claimed=True)
    body = {"version": 2, "explanation": "对方次日入账"}
    return call(f"POST {DIFFERENCE}/explain", firm.town.desk["operator.wu"], ids, body=body)
