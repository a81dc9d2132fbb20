"""Rightful calls: batches, schedules, payment requests from either side."""

from __future__ import annotations

from typing import Any

from tests import messages
from tests.batches import as_csv, hand_in, to_firm, to_supplier
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation
from tests.isolation.calls_secured import partner
from tests.isolation.lived import Lived, as_caller, number

BATCH = "/v1/batches/{batch_id}"


async def _file(firm: Lived, *rows: tuple[str, ...]) -> str:
    answer = await hand_in(firm.owner, as_csv(list(rows)), f"付款{number()}.csv")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def _checked(firm: Lived, *, outside: bool = False) -> Any:
    """A batch whose rows have been read."""
    row = to_supplier("1.00")
    if not outside:
        row = to_firm(await partner(firm), f"0.{number() % 90 + 10}")
    body = {
        "account_id": firm.account_id, "file_id": await _file(firm, row), "mode": "continue",
    }  # fmt: skip
    made = await firm.make("/v1/batches", body)
    await firm.city.idle()
    return (await firm.read(f"/v1/batches/{made['id']}"))["batch"]


async def _on_batch(
    firm: Lived, operation: str, batch: Any, *, who: Any = None, **body: Any
) -> Call:
    seen = {"version": batch["version"]} | body
    return call(operation, who or firm.caller, {"batch_id": batch["id"]}, body=seen)


@for_operation("POST /v1/batches")
async def make_batch(firm: Lived) -> Call:
    body = {
        "account_id": firm.account_id, "file_id": await _file(firm, to_supplier("1.00")),
        "mode": "atomic",
    }  # fmt: skip
    return call("POST /v1/batches", firm.caller, {}, body=body)


@for_operation("GET /v1/batches")
async def list_batches(firm: Lived) -> Call:
    return call("GET /v1/batches", firm.caller, {})


@for_operation("GET /v1/batches/template")
async def read_template(firm: Lived) -> Call:
    return call("GET /v1/batches/template", firm.caller, {}, query={"format": "csv"})


def _looks(name: str, **query: Any) -> None:
    operation = f"GET {BATCH}{name}"

    async def build(firm: Lived) -> Call:
        if "batch_id" not in firm.ids:
            firm.ids["batch_id"] = (await _checked(firm))["id"]
        return call(operation, firm.caller, firm.ids, query=dict(query))

    for_operation(operation)(build)


_looks("")
_looks("/rows")
_looks("/result", format="csv")


@for_operation(f"GET {BATCH}/progress")
async def follow_batch(firm: Lived) -> Call:
    batch = await _checked(firm)
    path = f"/v1/batches/{batch['id']}/cancel"
    await firm.make(path, {"version": batch["version"], "reason": "名单有误"})
    return call(f"GET {BATCH}/progress", firm.caller, {"batch_id": batch["id"]})


@for_operation(f"POST {BATCH}/submit/step-up")
async def ask_step_up(firm: Lived) -> Call:
    ids = {"batch_id": (await _checked(firm))["id"]}
    return call(f"POST {BATCH}/submit/step-up", firm.caller, ids)


@for_operation(f"POST {BATCH}/submit")
async def submit(firm: Lived) -> Call:
    batch = await _checked(firm)
    return await _on_batch(firm, f"POST {BATCH}/submit", batch, content_hash=batch["content_hash"])


async def _waiting(firm: Lived) -> Any:
    """A batch that waits for the checker."""
    batch = await _checked(firm, outside=True)
    seen = {"version": batch["version"], "content_hash": batch["content_hash"]}
    rule = await firm.read("/v1/payments/second-person-rule")
    if rule["outside_above_fen"] != 0:
        asked = {"outside_above_fen": 0, "in_bank_above_fen": rule["in_bank_above_fen"],
                 "version": rule["version"]}  # fmt: skip
        await firm.owner.put("/v1/payments/second-person-rule", asked)
    batch = await firm.make(f"/v1/batches/{batch['id']}/submit", seen)
    assert batch["state"] == "pending_approval", batch
    return batch


@for_operation(f"POST {BATCH}/approve")
async def approve(firm: Lived) -> Call:
    batch = await _waiting(firm)
    return await _on_batch(
        firm, f"POST {BATCH}/approve", batch, who=as_caller(firm.checker),
        content_hash=batch["content_hash"],
    )  # fmt: skip


@for_operation(f"POST {BATCH}/reject")
async def reject(firm: Lived) -> Call:
    batch = await _waiting(firm)
    return await _on_batch(
        firm, f"POST {BATCH}/reject", batch, who=as_caller(firm.checker), reason="不认识"
    )


async def _released(firm: Lived) -> Any:
    batch = await _checked(firm)
    seen = {"version": batch["version"], "content_hash": batch["content_hash"]}
    path = f"/v1/batches/{batch['id']}"
    asked = await firm.make(f"{path}/submit", seen)
    if asked["state"] != "pending_approval":
        return asked
    # Another case has given the firm a mandate under which a second person agrees.
    return await firm.make(f"{path}/approve", seen | {"version": asked["version"]}, firm.checker)


@for_operation(f"POST {BATCH}/pause")
async def pause(firm: Lived) -> Call:
    return await _on_batch(firm, f"POST {BATCH}/pause", await _released(firm))


@for_operation(f"POST {BATCH}/resume")
async def resume(firm: Lived) -> Call:
    batch = await _released(firm)
    path = f"/v1/batches/{batch['id']}/pause"
    paused = await firm.make(path, {"version": batch["version"]})
    return await _on_batch(firm, f"POST {BATCH}/resume", paused)


@for_operation(f"POST {BATCH}/cancel")
async def cancel(firm: Lived) -> Call:
    return await _on_batch(firm, f"POST {BATCH}/cancel", await _checked(firm), reason="名单有误")


@for_operation(f"POST {BATCH}/retry")
async def retry(firm: Lived) -> Call:
    batch = await _checked(firm)
    path = f"/v1/batches/{batch['id']}/cancel"
    ended = await firm.make(path, {"version": batch["version"], "reason": "名单有误"})
    return await _on_batch(firm, f"POST {BATCH}/retry", ended)


SCHEDULE = "/v1/schedules/{schedule_id}"


def schedule(firm: Lived) -> dict[str, Any]:
    return {
        "account_id": firm.account_id, "amount_fen": 100, "party_id": firm.ids["party_id"],
        "pattern": {"every": "monthly", "first_on": "2026-12-01", "month_day": 31,
                    "holiday": "before"},
    }  # fmt: skip


@for_operation("POST /v1/schedules")
async def make_schedule(firm: Lived) -> Call:
    return call("POST /v1/schedules", firm.caller, {}, body=schedule(firm))


@for_operation("GET /v1/schedules")
async def list_schedules(firm: Lived) -> Call:
    return call("GET /v1/schedules", firm.caller, {})


def _on_schedule(operation: str, *, before: str = "", **more: Any) -> None:
    async def build(firm: Lived) -> Call:
        made = await firm.make("/v1/schedules", schedule(firm))
        if before:
            path = f"/v1/schedules/{made['id']}/{before}"
            made = await firm.make(path, {"version": made["version"]})
        reads = operation.startswith("GET")
        body = None if reads else {"version": made["version"]} | more
        return call(operation, firm.caller, {"schedule_id": made["id"]}, body=body)

    for_operation(operation)(build)


_on_schedule(f"GET {SCHEDULE}")
_on_schedule(f"GET {SCHEDULE}/runs")
_on_schedule(f"POST {SCHEDULE}/pause")
_on_schedule(f"POST {SCHEDULE}/resume", before="pause")
_on_schedule(f"POST {SCHEDULE}/skip")
_on_schedule(f"POST {SCHEDULE}/cancel")
_on_schedule(f"PUT {SCHEDULE}/amount", amount_fen=200)

REQUEST = "/v1/payment-requests/{request_id}"


def request(firm: Lived) -> dict[str, Any]:
    return {"account_id": firm.account_id, "amount_fen": 100, "memo": "货款"}


@for_operation("POST /v1/payment-requests")
async def make_request(firm: Lived) -> Call:
    return call("POST /v1/payment-requests", firm.caller, {}, body=request(firm))


@for_operation("GET /v1/payment-requests")
async def list_requests(firm: Lived) -> Call:
    return call("GET /v1/payment-requests", firm.caller, {})


@for_operation("GET /v1/payment-requests/received")
async def list_received(firm: Lived) -> Call:
    return call("GET /v1/payment-requests/received", firm.caller, {})


def _on_request(operation: str) -> None:
    async def build(firm: Lived) -> Call:
        made = await firm.make("/v1/payment-requests", request(firm))
        return call(operation, firm.caller, {"request_id": made["id"]})

    for_operation(operation)(build)


_on_request(f"GET {REQUEST}")
_on_request(f"GET {REQUEST}/receipts")
_on_request(f"GET {REQUEST}/qr")
_on_request(f"POST {REQUEST}/cancel")


async def _asked_of(firm: Lived) -> Any:
    """What a partner asks this firm for, and nobody else."""
    theirs = await partner(firm)
    body = {"account_id": theirs.account_id, "amount_fen": 100}
    made = await theirs.owner.post(
        "/v1/payment-requests", body | {"payer_account_number": firm.number}
    )
    assert made.status_code == 201, made.text
    return made.json()


@for_operation(f"GET {REQUEST}/progress")
async def follow_request(firm: Lived) -> Call:
    """A request that has been paid: its stream has an end."""
    theirs = await partner(firm)
    made = await firm.make("/v1/payment-requests", request(firm))
    path = f"/v1/requested/{made['code']}/pay"
    paid = await theirs.owner.post(path, {"account_id": theirs.account_id})
    assert paid.status_code == 201, paid.text
    await firm.city.idle()
    return call(f"GET {REQUEST}/progress", firm.caller, {"request_id": made["id"]})


@for_operation("GET /v1/requested/{code}")
async def read_asked(firm: Lived) -> Call:
    made = await _asked_of(firm)
    return call("GET /v1/requested/{code}", firm.caller, {"code": made["code"]})


@for_operation("POST /v1/requested/{code}/pay")
async def pay_asked(firm: Lived) -> Call:
    made = await _asked_of(firm)
    body = {"account_id": firm.account_id}
    return call("POST /v1/requested/{code}/pay", firm.caller, {"code": made["code"]}, body=body)


@for_operation("GET /pay/{code}")
async def read_landing(firm: Lived) -> Call:
    made = await firm.make("/v1/payment-requests", request(firm))
    return call("GET /pay/{code}", firm.town.nobody, {"code": made["code"]})


@for_operation(f"GET {BATCH}/status-report")
async def read_status_report(firm: Lived) -> Call:
    """A batch that was read from a message of this firm."""
    credit = messages.to_firm(await partner(firm), "0.01", "R-1")
    content = messages.initiation(firm, [credit], message_id=f"T{number()}")
    file = await hand_in(firm.owner, content, "pain.xml")
    assert file.status_code == 201, file.text
    body = {"account_id": firm.account_id, "file_id": file.json()["id"], "mode": "continue"}
    made = await firm.make("/v1/batches", body)
    await firm.city.idle()
    return call(f"GET {BATCH}/status-report", firm.caller, {"batch_id": made["id"]})
