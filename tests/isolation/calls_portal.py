"""Rightful calls of a portal: papers, applications, batches, call-backs; the desk's part."""

from __future__ import annotations

from typing import Any

from tests.city import Person
from tests.flows import founding
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation
from tests.isolation.calls_registrations import known
from tests.isolation.lived import Lived, number

APPLICATIONS = "/portal/v1/applications"
BATCHES = "/portal/v1/batches"
ENDPOINTS = "/portal/v1/callback-endpoints"
CALLBACKS = "/portal/v1/callbacks"
DEAD = "/desk/v1/callbacks"


async def _made(call: Call) -> dict[str, Any]:
    answer = await call.send()
    assert answer.status_code < 300, answer.text
    return dict(answer.json())


# --- papers, and what was handed over -------------------------------------------------------------


@for_operation("POST /portal/v1/documents")
async def send_paper(firm: Lived) -> Call:
    return call(
        "POST /portal/v1/documents", firm.town.portal, {}, form={"kind": "document"},
        files={"file": ("a.png", founding.picture(), "image/png")},
    )  # fmt: skip


async def _paper(firm: Lived) -> str:
    return str((await _made(await send_paper(firm)))["id"])


@for_operation("GET /portal/v1/documents/{document_id}")
async def read_paper(firm: Lived) -> Call:
    ids = {"document_id": await _paper(firm)}
    return call("GET /portal/v1/documents/{document_id}", firm.town.portal, ids)


async def _application(firm: Lived) -> dict[str, Any]:
    return await known(firm) | {"client_reference": f"GOV-{number():06d}"}


@for_operation(f"POST {APPLICATIONS}")
async def hand_over(firm: Lived) -> Call:
    papers = [{"kind": "licence", "document_id": await _paper(firm)}]
    body = await _application(firm) | {"documents": papers}
    return call(f"POST {APPLICATIONS}", firm.town.portal, {}, body=body)


@for_operation(f"GET {APPLICATIONS}")
async def list_theirs(firm: Lived) -> Call:
    await _made(await hand_over(firm))
    return call(f"GET {APPLICATIONS}", firm.town.portal, {}, query={"state": "submitted"})


async def _theirs(firm: Lived, operation: str) -> Call:
    made = await _made(await hand_over(firm))
    return call(operation, firm.town.portal, {"application_id": made["id"]})


@for_operation(f"GET {APPLICATIONS}/{{application_id}}")
async def read_theirs(firm: Lived) -> Call:
    return await _theirs(firm, f"GET {APPLICATIONS}/{{application_id}}")


@for_operation(f"GET {APPLICATIONS}/{{application_id}}/progress")
async def follow_theirs(firm: Lived) -> Call:
    return await _theirs(firm, f"GET {APPLICATIONS}/{{application_id}}/progress")


@for_operation(f"POST {APPLICATIONS}/{{application_id}}/cancel")
async def cancel_theirs(firm: Lived) -> Call:
    return await _theirs(firm, f"POST {APPLICATIONS}/{{application_id}}/cancel")


async def _returned(firm: Lived, operation: str, **more: Any) -> tuple[Call, Any, Any]:
    """An application that a reviewer returned, what was said in it, how it stands."""
    body = await _application(firm)
    made = await _made(call(f"POST {APPLICATIONS}", firm.town.portal, {}, body=body))
    await firm.city.idle(120)
    reviewer = Person(firm.city, "", firm.town.desk["reviewer.li"].token)
    queue = (await reviewer.get("/desk/v1/reviews", limit=200)).json()["items"]
    line = next(row for row in queue if row["application_id"] == made["id"])
    path = f"/desk/v1/reviews/{line['id']}"
    assert (await reviewer.post(f"{path}/claim")).status_code == 200
    decision = {
        "version": line["version"], "decision": "return", "codes": ["document_unreadable"],
    }  # fmt: skip
    decided = await reviewer.post(f"{path}/decide", decision)
    assert decided.status_code == 200, decided.text
    ids = {"application_id": made["id"]}
    read = call(f"GET {APPLICATIONS}/{{application_id}}", firm.town.portal, ids)
    return call(operation, firm.town.portal, ids, **more), body, await _made(read)


@for_operation(f"PUT {APPLICATIONS}/{{application_id}}")
async def correct_theirs(firm: Lived) -> Call:
    made, body, stands = await _returned(firm, f"PUT {APPLICATIONS}/{{application_id}}")
    said = {name: body[name] for name in ("licence", "legal_representative", "purpose")}
    made.body = said | {"version": stands["version"]}
    return made


@for_operation(f"PUT {APPLICATIONS}/{{application_id}}/documents")
async def attach_to_theirs(firm: Lived) -> Call:
    paper = {"kind": "licence", "document_id": await _paper(firm)}
    operation = f"PUT {APPLICATIONS}/{{application_id}}/documents"
    return (await _returned(firm, operation, body=paper))[0]


@for_operation(f"POST {APPLICATIONS}/{{application_id}}/submit")
async def send_theirs_again(firm: Lived) -> Call:
    return (await _returned(firm, f"POST {APPLICATIONS}/{{application_id}}/submit"))[0]


# --- batches --------------------------------------------------------------------------------------


@for_operation(f"POST {BATCHES}")
async def send_batch(firm: Lived) -> Call:
    rows = [await _application(firm), {"client_reference": f"GOV-{number():06d}"}]
    body = {"batch_reference": f"B-{number():06d}", "applications": rows}
    return call(f"POST {BATCHES}", firm.town.portal, {}, body=body)


async def _batch(firm: Lived, operation: str, **more: Any) -> Call:
    made = await _made(await send_batch(firm))
    return call(operation, firm.town.portal, {"batch_id": made["id"]}, **more)


@for_operation(f"GET {BATCHES}")
async def list_batches(firm: Lived) -> Call:
    await _made(await send_batch(firm))
    return call(f"GET {BATCHES}", firm.town.portal, {})


@for_operation(f"GET {BATCHES}/{{batch_id}}")
async def read_batch(firm: Lived) -> Call:
    return await _batch(firm, f"GET {BATCHES}/{{batch_id}}")


@for_operation(f"GET {BATCHES}/{{batch_id}}/rows")
async def list_rows(firm: Lived) -> Call:
    return await _batch(firm, f"GET {BATCHES}/{{batch_id}}/rows")


@for_operation(f"POST {BATCHES}/{{batch_id}}/rows")
async def send_rows_again(firm: Lived) -> Call:
    rows = [{"row_no": 2, "application": await _application(firm)}]
    made = await _batch(firm, f"POST {BATCHES}/{{batch_id}}/rows", body={"rows": rows})
    await firm.city.idle(120)
    return made


# --- call-backs -----------------------------------------------------------------------------------


@for_operation(f"GET {ENDPOINTS}")
async def list_endpoints(firm: Lived) -> Call:
    return call(f"GET {ENDPOINTS}", firm.town.portal, {})


@for_operation(f"POST {ENDPOINTS}")
async def add_endpoint(firm: Lived) -> Call:
    """Nobody listens there; one that stands already makes room."""
    await _remove_all(firm)
    body = {"url": f"http://127.0.0.1:9/{number()}", "kinds": ["endpoint.test"]}
    return call(f"POST {ENDPOINTS}", firm.town.portal, {}, body=body)


async def _remove_all(firm: Lived) -> None:
    for one in (await _made(await list_endpoints(firm)))["items"]:
        ids = {"endpoint_id": one["id"]}
        operation = f"PUT {ENDPOINTS}/{{endpoint_id}}"
        gone = {"state": "removed"}
        await _made(call(operation, firm.town.portal, ids, body=gone))


async def _endpoint(firm: Lived, operation: str, **more: Any) -> Call:
    made = (await _made(await add_endpoint(firm)))["endpoint"]
    return call(operation, firm.town.portal, {"endpoint_id": made["id"]}, **more)


@for_operation(f"PUT {ENDPOINTS}/{{endpoint_id}}")
async def change_endpoint(firm: Lived) -> Call:
    return await _endpoint(
        firm, f"PUT {ENDPOINTS}/{{endpoint_id}}", body={"state": "active", "kinds": []}
    )


@for_operation(f"POST {ENDPOINTS}/{{endpoint_id}}/rotate-secret")
async def rotate_secret(firm: Lived) -> Call:
    return await _endpoint(firm, f"POST {ENDPOINTS}/{{endpoint_id}}/rotate-secret")


@for_operation(f"POST {ENDPOINTS}/{{endpoint_id}}/test")
async def test_endpoint(firm: Lived) -> Call:
    return await _endpoint(firm, f"POST {ENDPOINTS}/{{endpoint_id}}/test")


@for_operation(f"POST {ENDPOINTS}/{{endpoint_id}}/recover")
async def recover_endpoint(firm: Lived) -> Call:
    since = {"since": "2025-09-01T00:00:00+08:00"}
    return await _endpoint(firm, f"POST {ENDPOINTS}/{{endpoint_id}}/recover", body=since)


async def _dead(firm: Lived) -> str:
    """A call-back to an endpoint that rests is given up at once."""
    asked = await test_endpoint(firm)
    made = await _made(asked)
    ids = {"endpoint_id": made["endpoint_id"]}
    operation = f"PUT {ENDPOINTS}/{{endpoint_id}}"
    await _made(call(operation, asked.who, ids, body={"state": "disabled"}))
    await firm.city.idle(120)
    pool = firm.city.ctx.pools["worker"]
    await pool.execute(
        "update core.jobs set next_at = clock_timestamp() where state = 'due'"
        " and job = 'onboarding.callbacks.deliver'"
    )
    await firm.city.idle(120)
    await _made(call(operation, asked.who, ids, body={"state": "active"}))
    return str(made["id"])


@for_operation(f"GET {CALLBACKS}")
async def list_callbacks(firm: Lived) -> Call:
    made = await _made(await hand_over(firm))
    query = {"application_id": made["id"]}
    return call(f"GET {CALLBACKS}", firm.town.portal, {}, query=query)


@for_operation(f"GET {CALLBACKS}/{{callback_id}}")
async def read_callback(firm: Lived) -> Call:
    made = await _made(await test_endpoint(firm))
    ids = {"callback_id": made["id"]}
    return call(f"GET {CALLBACKS}/{{callback_id}}", firm.town.portal, ids)


@for_operation(f"POST {CALLBACKS}/{{callback_id}}/redeliver")
async def redeliver(firm: Lived) -> Call:
    ids = {"callback_id": await _dead(firm)}
    return call(f"POST {CALLBACKS}/{{callback_id}}/redeliver", firm.town.portal, ids)


@for_operation(f"GET {DEAD}")
async def list_dead(firm: Lived) -> Call:
    return call(f"GET {DEAD}", firm.town.desk["operator.wu"], {})


@for_operation(f"POST {DEAD}/{{callback_id}}/redeliver")
async def desk_redelivers(firm: Lived) -> Call:
    ids = {"callback_id": await _dead(firm)}
    return call(f"POST {DEAD}/{{callback_id}}/redeliver", firm.town.desk["operator.wu"], ids)


@for_operation("PUT /desk/v1/clients/{client_id}/quota")
async def set_quota(firm: Lived) -> Call:
    ids, quota = {"client_id": firm.town.portal.client_id}, {
        "per_minute": 60_000, "per_day": 10_000_000,
    }  # fmt: skip
    who = firm.town.desk["operator.wu"]
    return call("PUT /desk/v1/clients/{client_id}/quota", who, ids, body=quota)
