"""Rightful calls: reserved payments, escrow agreements from either side, the desk's disputes."""

from __future__ import annotations

from typing import Any

from tests.city import Person
from tests.firms import Firm, open_firm
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation
from tests.isolation.lived import Lived

UNTIL = "2026-10-20T10:00:00+08:00"


def reservation(firm: Lived) -> dict[str, Any]:
    body = firm.order(100, payee=None, party_id=firm.ids["party_id"])
    return body | {"expires_at": UNTIL}


async def _reserved(firm: Lived, operation: str, body: Any = None) -> Call:
    made = await firm.make("/v1/reservations", reservation(firm))
    return call(operation, firm.caller, {"reservation_id": made["id"]}, body=body)


@for_operation("POST /v1/reservations")
async def reserve(firm: Lived) -> Call:
    return call("POST /v1/reservations", firm.caller, {}, body=reservation(firm))


@for_operation("GET /v1/reservations")
async def list_reservations(firm: Lived) -> Call:
    query = {"account_id": firm.account_id}
    return call("GET /v1/reservations", firm.caller, {}, query=query)


@for_operation("GET /v1/reservations/{reservation_id}")
async def read_reservation(firm: Lived) -> Call:
    return await _reserved(firm, "GET /v1/reservations/{reservation_id}")


@for_operation("POST /v1/reservations/{reservation_id}/confirm")
async def confirm(firm: Lived) -> Call:
    operation = "POST /v1/reservations/{reservation_id}/confirm"
    return await _reserved(firm, operation, {"amount_fen": 40})


@for_operation("POST /v1/reservations/{reservation_id}/cancel")
async def cancel(firm: Lived) -> Call:
    operation = "POST /v1/reservations/{reservation_id}/cancel"
    return await _reserved(firm, operation, {"reason": "订单取消"})


# Escrow: the other side is a firm that nobody here plays.

_partners: dict[int, Firm] = {}


async def partner(firm: Lived) -> Firm:
    """A firm outside the two of the town, with money, signed in."""
    found = _partners.get(id(firm.town))
    if found is None:
        found = await open_firm(firm.city, name="苏州丙土建材有限公司")
        await found.receive(50_000_000, on="2026-09-05")
        _partners[id(firm.town)] = found
    elif (await found.owner.get("/v1/me")).status_code == 401:
        found.owner.token = (await firm.city.sign_in(found.owner.phone)).token
    return found


def terms(payer: Firm, payee: Firm, **changes: Any) -> dict[str, Any]:
    milestone = {"title": "首期", "amount_fen": 1_000, "due_on": "2026-10-01"}
    return {
        "mode": "escrowed", "account_id": payer.account_id, "title": "采购协议",
        "beneficiary": payer.order_to(payee, 1)["payee"], "milestones": [milestone],
        "expires_at": UNTIL, "release_rule": "both",
    } | changes  # fmt: skip


async def _proposed(firm: Lived, *, accepted: bool = False, funded: bool = False) -> str:
    """An agreement that the firm pays under."""
    other = await partner(firm)
    made = await firm.make("/v1/escrows", terms(firm, other))
    escrow_id: str = made["shown"]["id"]
    await firm.city.idle()
    if funded:
        await firm.make(f"/v1/escrows/{escrow_id}/fund", {})
        await firm.city.idle()
    if accepted:
        said = await other.owner.post(f"/v1/guarantees/{escrow_id}/accept")
        assert said.status_code == 200, said.text
        await firm.city.idle()
    return escrow_id


async def _on_escrow(firm: Lived, operation: str, body: Any = None, **how: bool) -> Call:
    escrow_id = await _proposed(firm, **how)
    return call(operation, firm.caller, {"escrow_id": escrow_id}, body=body)


@for_operation("POST /v1/escrows")
async def propose(firm: Lived) -> Call:
    body = terms(firm, await partner(firm))
    return call("POST /v1/escrows", firm.caller, {}, body=body)


@for_operation("GET /v1/escrows")
async def list_escrows(firm: Lived) -> Call:
    return call("GET /v1/escrows", firm.caller, {})


@for_operation("GET /v1/escrows/{escrow_id}")
async def read_escrow(firm: Lived) -> Call:
    return await _on_escrow(firm, "GET /v1/escrows/{escrow_id}")


@for_operation("GET /v1/escrows/{escrow_id}/progress")
async def follow_escrow(firm: Lived) -> Call:
    return await _on_escrow(firm, "GET /v1/escrows/{escrow_id}/progress")


@for_operation("POST /v1/escrows/{escrow_id}/fund")
async def fund(firm: Lived) -> Call:
    return await _on_escrow(firm, "POST /v1/escrows/{escrow_id}/fund", {"amount_fen": 10})


@for_operation("POST /v1/escrows/{escrow_id}/release")
async def release(firm: Lived) -> Call:
    operation, body = "POST /v1/escrows/{escrow_id}/release", {"milestone_no": 1}
    return await _on_escrow(firm, operation, body, accepted=True)


@for_operation("POST /v1/escrows/{escrow_id}/object")
async def object_to(firm: Lived) -> Call:
    body = {"milestone_no": 1, "reason": "质量不符"}
    return await _on_escrow(firm, "POST /v1/escrows/{escrow_id}/object", body, accepted=True)


@for_operation("POST /v1/escrows/{escrow_id}/withdraw")
async def withdraw(firm: Lived) -> Call:
    return await _on_escrow(
        firm, "POST /v1/escrows/{escrow_id}/withdraw", {"reason": "不买了"}, funded=True
    )


async def _offered(firm: Lived, *, accepted: bool) -> str:
    """An agreement in which the firm is the beneficiary."""
    other = await partner(firm)
    made = await other.owner.post("/v1/escrows", terms(other, firm))
    assert made.status_code == 201, made.text
    escrow_id: str = made.json()["shown"]["id"]
    await firm.city.idle()
    if accepted:
        await firm.make(f"/v1/guarantees/{escrow_id}/accept")
        await firm.city.idle()
    return escrow_id


async def _on_guarantee(firm: Lived, word: str, body: Any = None, *, accepted: bool) -> Call:
    guarantee_id = await _offered(firm, accepted=accepted)
    return call(
        f"POST /v1/guarantees/{{guarantee_id}}/{word}", firm.caller,
        {"guarantee_id": guarantee_id}, body=body,
    )  # fmt: skip


@for_operation("GET /v1/guarantees")
async def list_guarantees(firm: Lived) -> Call:
    return call("GET /v1/guarantees", firm.caller, {})


@for_operation("GET /v1/guarantees/{guarantee_id}")
async def read_guarantee(firm: Lived) -> Call:
    ids = {"guarantee_id": await _offered(firm, accepted=False)}
    return call("GET /v1/guarantees/{guarantee_id}", firm.caller, ids)


@for_operation("GET /v1/guarantees/{guarantee_id}/progress")
async def follow_guarantee(firm: Lived) -> Call:
    ids = {"guarantee_id": await _offered(firm, accepted=False)}
    return call("GET /v1/guarantees/{guarantee_id}/progress", firm.caller, ids)


@for_operation("POST /v1/guarantees/{guarantee_id}/accept")
async def accept(firm: Lived) -> Call:
    return await _on_guarantee(firm, "accept", accepted=False)


@for_operation("POST /v1/guarantees/{guarantee_id}/decline")
async def decline(firm: Lived) -> Call:
    return await _on_guarantee(firm, "decline", {"reason": "条款不合适"}, accepted=False)


@for_operation("POST /v1/guarantees/{guarantee_id}/deliver")
async def deliver(firm: Lived) -> Call:
    return await _on_guarantee(firm, "deliver", {"milestone_no": 1}, accepted=True)


@for_operation("POST /v1/guarantees/{guarantee_id}/object")
async def object_as_beneficiary(firm: Lived) -> Call:
    body = {"milestone_no": 1, "reason": "对方拖延"}
    return await _on_guarantee(firm, "object", body, accepted=True)


@for_operation("POST /v1/guarantees/{guarantee_id}/renounce")
async def renounce(firm: Lived) -> Call:
    return await _on_guarantee(firm, "renounce", {"reason": "余款抵扣"}, accepted=True)


async def _disputed(firm: Lived) -> dict[str, Any]:
    escrow_id = await _proposed(firm, accepted=True, funded=True)
    body = {"milestone_no": 1, "reason": "质量不符"}
    made: dict[str, Any] = await firm.make(f"/v1/escrows/{escrow_id}/object", body)
    return made["shown"]


@for_operation("GET /desk/v1/escrows")
async def list_disputes(firm: Lived) -> Call:
    return call("GET /desk/v1/escrows", firm.town.desk["operator.wu"], {})


@for_operation("GET /desk/v1/escrows/{escrow_id}")
async def read_disputed(firm: Lived) -> Call:
    ids = {"escrow_id": (await _disputed(firm))["id"]}
    return call("GET /desk/v1/escrows/{escrow_id}", firm.town.desk["operator.wu"], ids)


@for_operation("POST /desk/v1/escrows/{escrow_id}/decide")
async def decide(firm: Lived) -> Call:
    disputed = await _disputed(firm)
    body = {"version": disputed["version"], "outcome": "split", "shares": [], "reason": "退回"}
    return call(
        "POST /desk/v1/escrows/{escrow_id}/decide", firm.town.desk["operator.wu"],
        {"escrow_id": disputed["id"]}, body=body,
    )  # fmt: skip


async def _proposed_decision(firm: Lived) -> tuple[dict[str, str], int]:
    """A dispute about which one of the bank's people has proposed a decision."""
    disputed = await _disputed(firm)
    body = {"version": disputed["version"], "outcome": "resume", "reason": "继续履行"}
    desk = Person(firm.city, "", firm.town.desk["operator.wu"].token)
    made = await desk.post(f"/desk/v1/escrows/{disputed['id']}/decide", body)
    assert made.status_code == 200, made.text
    return {"escrow_id": disputed["id"]}, disputed["version"]


@for_operation("GET /desk/v1/escrows/{escrow_id}/decision")
async def read_decision(firm: Lived) -> Call:
    ids, _ = await _proposed_decision(firm)
    return call("GET /desk/v1/escrows/{escrow_id}/decision", firm.town.desk["operator.wu"], ids)


@for_operation("POST /desk/v1/escrows/{escrow_id}/decision/agree")
async def agree_to_decision(firm: Lived) -> Call:
    ids, version = await _proposed_decision(firm)
    operation = "POST /desk/v1/escrows/{escrow_id}/decision/agree"
    who = firm.town.desk["supervisor.wang"]
    return call(operation, who, ids, body={"version": version})
