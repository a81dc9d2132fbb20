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


UNAPPLIED = "/desk/v1/unapplied-credits/{item_id}"
UNKNOWN = """
insert into accounts.unapplied_credits
  (business_id, id, reference, moved_on, amount_fen, why, found_at, wanted, wanted_why,
   proposed_by, proposed_at)
select (p.value ->> 'business_id')::uuid, $1::uuid, $2, '2025-09-01', 5, 'unknown', now(), $3,
       case when $3::text is not null then '待查来账' end,
       case when $3::text is not null then $1::uuid end,
       case when $3::text is not null then now() end
from accounts.policies p where p.kind = 'bank.identity'
"""


async def _unapplied(firm: Lived, *, wanted: str | None = None) -> dict[str, str]:
    """A credit that nothing in this town explains, in the bank's own firm."""
    item_id = uuid4()
    connection = await database.connect(firm.city.settings)
    try:
        await connection.execute(UNKNOWN, item_id, f"TOWN-{item_id}", wanted)
    finally:
        await connection.close()
    return {"item_id": str(item_id)}


@for_operation("GET /desk/v1/unapplied-credits")
async def list_unapplied(firm: Lived) -> Call:
    return call("GET /desk/v1/unapplied-credits", firm.town.desk["operator.wu"], {})


@for_operation("POST /desk/v1/unapplied-credits")
async def suspend_difference(firm: Lived) -> Call:
    body = {"difference_id": (await _found(firm))["difference_id"], "reason": "用途不明"}
    return call("POST /desk/v1/unapplied-credits", firm.town.desk["operator.wu"], {}, body=body)


@for_operation(f"GET {UNAPPLIED}")
async def read_unapplied(firm: Lived) -> Call:
    ids = await _unapplied(firm)
    return call(f"GET {UNAPPLIED}", firm.town.desk["operator.wu"], ids)


@for_operation(f"POST {UNAPPLIED}/propose")
async def propose_step(firm: Lived) -> Call:
    ids = await _unapplied(firm)
    body = {"step": "suspend", "reason": "收款账号不存在", "version": 1}
    return call(f"POST {UNAPPLIED}/propose", firm.town.desk["operator.wu"], ids, body=body)


@for_operation(f"POST {UNAPPLIED}/agree")
async def agree_to_step(firm: Lived) -> Call:
    ids = await _unapplied(firm, wanted="suspend")
    return call(f"POST {UNAPPLIED}/agree", firm.town.desk["operator.wu"], ids, body={"version": 1})


@for_operation(f"POST {UNAPPLIED}/turn-down")
async def turn_step_down(firm: Lived) -> Call:
    ids = await _unapplied(firm, wanted="suspend")
    body = {"version": 1, "reason": "尚未核实"}
    return call(f"POST {UNAPPLIED}/turn-down", firm.town.desk["operator.wu"], ids, body=body)
