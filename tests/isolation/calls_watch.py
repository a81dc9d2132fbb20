"""Rightful calls: monitors' rules, held payments, large sums, suspicion cases."""

from __future__ import annotations

from typing import Any

from app import database
from tests.city import Person
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation
from tests.isolation.lived import Lived, Town, number

RULES = "/desk/v1/monitor-rules"
HELD = "/desk/v1/payment-reviews/{business_id}/{payment_id}"
LARGE = "/desk/v1/surveillance/large-reports/{business_id}/{report_id}"
CASE = "/desk/v1/surveillance/cases/{business_id}/{case_id}"
# An amount that nothing else in the town pays.
TELLING = 1_000_007
PROPOSAL = {"proposal": "report", "reason": "与经营规模不符"}


def desk(firm: Lived, name: str = "reviewer.li") -> Person:
    """A member of staff as a person of the flows."""
    return Person(firm.city, "", firm.town.desk[name].token)


async def done(firm: Lived, path: str, body: Any = None, who: str = "reviewer.li") -> Any:
    """Something a member of staff did."""
    answer = await desk(firm, who).post(path, body)
    assert answer.status_code < 300, f"{path} {answer.status_code} {answer.text}"
    return answer.json()


# --- rules ---------------------------------------------------------------------------------------


def new_rule() -> dict[str, Any]:
    test = {"feature": "amount_fen", "op": "eq", "value": TELLING}
    return {
        "code": "theft.town", "family": "theft", "score": 60, "conditions": [{"any": [test]}],
        "staff_zh": "测试", "staff_en": "test", "owner_zh": "核实中", "owner_en": "checking",
    }  # fmt: skip


async def _rule(firm: Lived, *, state: str = "draft", replayed: bool = False) -> dict[str, Any]:
    made: dict[str, Any] = await done(firm, RULES, new_rule())
    path = f"{RULES}/{made['id']}"
    if state != "draft":
        await done(firm, f"{path}/watch")
    if replayed:
        await done(firm, f"{path}/replay", {"days": 1})
        await firm.city.idle()
    if state == "proposed":
        await done(firm, f"{path}/propose")
    return made


async def _on_rule(firm: Lived, operation: str, who: str = "reviewer.li", **more: Any) -> Call:
    body = more.pop("body", None)
    made = await _rule(firm, **more)
    return call(operation, firm.town.desk[who], {"rule_id": made["id"]}, body=body)


@for_operation("GET /desk/v1/monitor-rules")
async def list_rules(firm: Lived) -> Call:
    return call("GET /desk/v1/monitor-rules", firm.town.desk["operator.wu"], {})


@for_operation("POST /desk/v1/monitor-rules")
async def draft_rule(firm: Lived) -> Call:
    who = firm.town.desk["reviewer.li"]
    return call("POST /desk/v1/monitor-rules", who, {}, body=new_rule())


@for_operation("GET /desk/v1/monitor-rules/{rule_id}")
async def read_rule(firm: Lived) -> Call:
    return await _on_rule(firm, "GET /desk/v1/monitor-rules/{rule_id}")


@for_operation("POST /desk/v1/monitor-rules/{rule_id}/watch")
async def watch(firm: Lived) -> Call:
    return await _on_rule(firm, "POST /desk/v1/monitor-rules/{rule_id}/watch")


@for_operation("POST /desk/v1/monitor-rules/{rule_id}/replay")
async def replay(firm: Lived) -> Call:
    operation = "POST /desk/v1/monitor-rules/{rule_id}/replay"
    return await _on_rule(firm, operation, body={"days": 1})


@for_operation("GET /desk/v1/monitor-rules/{rule_id}/replay")
async def read_replay(firm: Lived) -> Call:
    operation = "GET /desk/v1/monitor-rules/{rule_id}/replay"
    return await _on_rule(firm, operation, replayed=True)


@for_operation("POST /desk/v1/monitor-rules/{rule_id}/propose")
async def propose(firm: Lived) -> Call:
    operation = "POST /desk/v1/monitor-rules/{rule_id}/propose"
    return await _on_rule(firm, operation, state="shadow", replayed=True)


@for_operation("POST /desk/v1/monitor-rules/{rule_id}/put-live")
async def put_live(firm: Lived) -> Call:
    operation = "POST /desk/v1/monitor-rules/{rule_id}/put-live"
    return await _on_rule(firm, operation, "reviewer.zhou", state="proposed", replayed=True)


@for_operation("POST /desk/v1/monitor-rules/{rule_id}/retire")
async def retire(firm: Lived) -> Call:
    operation = "POST /desk/v1/monitor-rules/{rule_id}/retire"
    return await _on_rule(firm, operation, body={"reason": "误报过多"})


# --- held payments -------------------------------------------------------------------------------


async def _held(firm: Lived) -> dict[str, str]:
    """A payment that the town's one live rule holds, and the names of its place."""
    live = (await desk(firm).get(RULES, state="live")).json()["items"]
    if not any(rule["code"] == "theft.town" for rule in live):
        made = await _rule(firm, state="proposed", replayed=True)
        await done(firm, f"{RULES}/{made['id']}/put-live", who="reviewer.zhou")
    named = {"payee": None, "party_id": firm.ids["party_id"], "confirm_duplicate": True}
    order = firm.order(TELLING, **named)
    payment = await firm.make("/v1/payments", order)
    assert payment["state"] == "under_review", payment
    return {"business_id": firm.ids["business_id"], "payment_id": payment["id"]}


async def _on_held(firm: Lived, verb: str, *, claimed: bool = False, body: Any = None) -> Call:
    ids = await _held(firm)
    if claimed:
        await done(firm, HELD.format(**ids) + "/claim")
    return call(f"POST {HELD}/{verb}", firm.town.desk["reviewer.li"], ids, body=body)


@for_operation("GET /desk/v1/payment-reviews")
async def list_held(firm: Lived) -> Call:
    return call("GET /desk/v1/payment-reviews", firm.town.desk["reviewer.li"], {})


@for_operation(f"GET {HELD}")
async def read_held(firm: Lived) -> Call:
    return call(f"GET {HELD}", firm.town.desk["reviewer.li"], await _held(firm))


@for_operation(f"POST {HELD}/claim")
async def claim_held(firm: Lived) -> Call:
    return await _on_held(firm, "claim")


@for_operation(f"POST {HELD}/let-go")
async def let_go_held(firm: Lived) -> Call:
    return await _on_held(firm, "let-go", claimed=True)


@for_operation(f"POST {HELD}/decide")
async def decide_held(firm: Lived) -> Call:
    body = {"decision": "refuse", "reason": "收款人涉诈"}
    return await _on_held(firm, "decide", claimed=True, body=body)


@for_operation("GET /v1/payments/{payment_id}/check")
async def read_check(firm: Lived) -> Call:
    return call("GET /v1/payments/{payment_id}/check", firm.caller, await _held(firm))


@for_operation("POST /v1/payments/{payment_id}/check/answer")
async def answer_check(firm: Lived) -> Call:
    ids = await _held(firm)
    version = (await firm.read(f"/v1/payments/{ids['payment_id']}"))["version"]
    body = {"answer": "not_mine", "version": version}
    return call("POST /v1/payments/{payment_id}/check/answer", firm.caller, ids, body=body)


# --- large sums and cases ------------------------------------------------------------------------


async def _as_the_night_writes(firm: Lived, statement: str, *values: Any) -> Any:
    """What the night finds, written as it writes it: the town's clock does not wait for one."""
    connection = await database.connect(firm.city.settings)
    try:
        return await connection.fetchval(statement, *values)
    finally:
        await connection.close()


async def _large(firm: Lived) -> dict[str, str]:
    report_id = await _as_the_night_writes(
        firm,
        "insert into accounts.large_reports (business_id, id, booked_on, direction, medium,"
        " currency, amount_fen, movements, entries, due_on) values ($1, uuidv7(),"
        " date '2020-01-01' + $2::int, 'in', 'transfer', 'CNY', 200000000, 1, '[]',"
        " '2026-09-15') returning id",
        firm.business_id, number(),
    )  # fmt: skip
    return {"business_id": firm.ids["business_id"], "report_id": str(report_id)}


async def forget_reports_without_money(town: Town) -> None:
    """Take away what `_large` wrote, before the town's books are checked."""
    connection = await database.connect(town.city.settings)
    try:
        await connection.execute(
            "set session_replication_role = replica;"
            " delete from accounts.large_reports where booked_on < date '2025-01-01'"
        )
    finally:
        await connection.close()


@for_operation("GET /desk/v1/surveillance/large-reports")
async def list_large(firm: Lived) -> Call:
    who = firm.town.desk["reviewer.li"]
    return call("GET /desk/v1/surveillance/large-reports", who, {})


@for_operation(f"GET {LARGE}/file")
async def read_large(firm: Lived) -> Call:
    return call(f"GET {LARGE}/file", firm.town.desk["reviewer.li"], await _large(firm))


@for_operation(f"POST {LARGE}/filed")
async def filed_large(firm: Lived) -> Call:
    body = {"receipt": "LH2026091500001"}
    return call(f"POST {LARGE}/filed", firm.town.desk["reviewer.li"], await _large(firm), body=body)


async def _case(firm: Lived, state: str = "open") -> dict[str, str]:
    """The firm's case, brought to the state that is wanted."""
    found: dict[str, Any] | None = None
    for there in ("open", "proposed"):
        page = await desk(firm).get("/desk/v1/surveillance/cases", state=there, limit=200)
        for one in page.json()["items"]:
            if one["business_id"] == firm.ids["business_id"]:
                found = one
    if found is None:
        case_id = await _as_the_night_writes(
            firm,
            "with opened as (insert into accounts.suspicion_cases (business_id, id, opened_on,"
            " patterns, amount_fen) values ($1, uuidv7(), '2026-09-01', '{quick_in_out}', 100)"
            " returning id) insert into accounts.suspicions (business_id, id, case_id, pattern,"
            " found_on, amount_fen, facts) select $1, uuidv7(), id, 'quick_in_out',"
            " date '2021-01-01' + $2::int, 100, '{}' from opened returning case_id",
            firm.business_id, number(),
        )  # fmt: skip
        found = {"id": str(case_id), "state": "open"}
    ids = {"business_id": firm.ids["business_id"], "case_id": found["id"]}
    path = CASE.format(**ids)
    if found["state"] == "proposed" and state in ("open", "claimed"):
        await done(firm, f"{path}/confirm", {"agree": False}, who="reviewer.zhou")
        found["state"] = "open"
    if state != "open" and found["state"] == "open":
        await done(firm, f"{path}/claim")
        if state in ("proposed", "reported"):
            await done(firm, f"{path}/propose", PROPOSAL)
    if state == "reported":
        await done(firm, f"{path}/confirm", {"agree": True}, who="reviewer.zhou")
    return ids


async def _on_case(
    firm: Lived, operation: str, state: str, *, who: str = "reviewer.li", body: Any = None
) -> Call:
    return call(operation, firm.town.desk[who], await _case(firm, state), body=body)


@for_operation("GET /desk/v1/surveillance/cases")
async def list_cases(firm: Lived) -> Call:
    return call("GET /desk/v1/surveillance/cases", firm.town.desk["reviewer.li"], {})


@for_operation(f"GET {CASE}")
async def read_case(firm: Lived) -> Call:
    return await _on_case(firm, f"GET {CASE}", "open")


@for_operation(f"POST {CASE}/claim")
async def claim_case(firm: Lived) -> Call:
    return await _on_case(firm, f"POST {CASE}/claim", "open")


@for_operation(f"POST {CASE}/notes")
async def note_case(firm: Lived) -> Call:
    return await _on_case(firm, f"POST {CASE}/notes", "open", body={"text": "已查看"})


@for_operation(f"POST {CASE}/propose")
async def propose_case(firm: Lived) -> Call:
    return await _on_case(firm, f"POST {CASE}/propose", "claimed", body=PROPOSAL)


@for_operation(f"POST {CASE}/confirm")
async def confirm_case(firm: Lived) -> Call:
    body = {"agree": True, "remark": "同意"}
    return await _on_case(firm, f"POST {CASE}/confirm", "proposed", who="reviewer.zhou", body=body)


@for_operation(f"GET {CASE}/file")
async def read_case_file(firm: Lived) -> Call:
    return await _on_case(firm, f"GET {CASE}/file", "reported")


@for_operation(f"POST {CASE}/filed")
async def filed_case(firm: Lived) -> Call:
    body = {"receipt": "KY2026091500001"}
    return await _on_case(firm, f"POST {CASE}/filed", "reported", body=body)
