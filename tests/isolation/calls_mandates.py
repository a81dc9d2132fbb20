"""Rightful calls: mandates, confirmations, device keys, limits, absences, lists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.identity.stepups.rules import unpadded
from tests import firms
from tests.city import Person
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.calls_money import new_party, waiting
from tests.isolation.lived import Lived, as_caller, number

reads(
    "GET /v1/approvals/open", "GET /v1/approvals/delegations", "GET /v1/auth/device-keys",
    "GET /v1/limits/mine", "GET /v1/limits/{person_id}/devices", "GET /v1/mandates",
)  # fmt: skip


async def confirmed(firm: Lived, path: str, body: dict[str, Any]) -> dict[str, Any]:
    return await firms.confirmed(firm.owner, path, body)


async def _asked(firm: Lived) -> dict[str, Any]:
    order = firm.order(100)
    asked: dict[str, Any] = await firm.make("/v1/payments/step-ups", order)
    return asked


@for_operation("GET /v1/step-ups/{step_up_id}")
async def read_step_up(firm: Lived) -> Call:
    asked = await _asked(firm)
    ids = {"step_up_id": asked["id"]}
    return call("GET /v1/step-ups/{step_up_id}", firm.caller, ids)


@for_operation("POST /v1/step-ups/{step_up_id}/confirm")
async def confirm(firm: Lived) -> Call:
    asked = await _asked(firm)
    await firm.city.idle()
    sent = await firm.city.world.get("/sms", params={"phone": firm.owner.phone})
    text = next(m["text"] for m in sent.json()["items"] if m["reference"] == asked["id"])
    body = {"code": "".join(c for c in text if c.isdigit())[:6]}
    ids = {"step_up_id": asked["id"]}
    return call("POST /v1/step-ups/{step_up_id}/confirm", firm.caller, ids, body=body)


def _to_party(firm: Lived) -> dict[str, Any]:
    """A payment to somebody of the firm's own book."""
    order = firm.order(100, party_id=firm.ids["party_id"])
    del order["payee"]
    return order


@for_operation("POST /v1/payments/step-ups")
async def ask_for_payment(firm: Lived) -> Call:
    return call("POST /v1/payments/step-ups", firm.caller, {}, body=_to_party(firm))


@for_operation("POST /v1/payments/explain")
async def explain(firm: Lived) -> Call:
    return call("POST /v1/payments/explain", firm.caller, {}, body=_to_party(firm))


@for_operation("POST /v1/payments/{payment_id}/step-ups")
async def ask_for_approval(firm: Lived) -> Call:
    made = await waiting(firm)
    return call(
        "POST /v1/payments/{payment_id}/step-ups", as_caller(firm.checker),
        {"payment_id": made["id"]}, body={"version": made["version"]},
    )  # fmt: skip


def _key() -> dict[str, Any]:
    public = Ed25519PrivateKey.generate().public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return {"name": "手机", "public_key": unpadded(der)}


@for_operation("POST /v1/auth/device-keys/step-ups")
async def ask_for_key(firm: Lived) -> Call:
    return call("POST /v1/auth/device-keys/step-ups", firm.caller, {}, body=_key())


@for_operation("POST /v1/auth/device-keys")
async def register_key(firm: Lived) -> Call:
    body = await confirmed(firm, "/v1/auth/device-keys/step-ups", _key())
    return call("POST /v1/auth/device-keys", firm.caller, {}, body=body)


@for_operation("DELETE /v1/auth/device-keys/{key_id}")
async def revoke_key(firm: Lived) -> Call:
    body = await confirmed(firm, "/v1/auth/device-keys/step-ups", _key())
    key = await firm.make("/v1/auth/device-keys", body)
    return call("DELETE /v1/auth/device-keys/{key_id}", firm.caller, {"key_id": key["id"]})


@for_operation("POST /v1/payments/second-person-rule/step-ups")
async def ask_to_loosen(firm: Lived) -> Call:
    rule = await firm.read("/v1/payments/second-person-rule")
    return call("POST /v1/payments/second-person-rule/step-ups", firm.caller, {}, body=rule)


async def _mandate(firm: Lived) -> dict[str, Any]:
    """A line about one party, for sums that no case pays."""
    found = (await firm.read("/v1/mandates"))["items"]
    version = next((one["version"] for one in found if one["state"] == "in_force"), 0)
    line = {
        "above_fen": 10**12, "party_ids": [firm.ids["party_id"]], "agree": [["checker"]],
    }  # fmt: skip
    return {"lines": [line], "version": version}


@for_operation("POST /v1/mandates/step-ups")
async def ask_to_replace(firm: Lived) -> Call:
    return call("POST /v1/mandates/step-ups", firm.caller, {}, body=await _mandate(firm))


async def _replacing(firm: Lived) -> dict[str, Any]:
    return await confirmed(firm, "/v1/mandates/step-ups", await _mandate(firm))


@for_operation("POST /v1/mandates")
async def replace(firm: Lived) -> Call:
    return call("POST /v1/mandates", firm.caller, {}, body=await _replacing(firm))


@for_operation("GET /v1/mandates/{mandate_id}")
async def read_mandate(firm: Lived) -> Call:
    made = await firm.make("/v1/mandates", await _replacing(firm))
    return call("GET /v1/mandates/{mandate_id}", firm.caller, {"mandate_id": made["id"]})


@for_operation("POST /v1/mandates/{mandate_id}/decide")
async def decide_mandate(firm: Lived) -> Call:
    """A second owner answers what the first proposes."""
    second = await firm.member(f"137{number():08d}", "owner")
    made = await firm.make("/v1/mandates", await _mandate(firm))
    body = {"version": made["version"], "approve": True}
    return call(
        "POST /v1/mandates/{mandate_id}/decide", as_caller(second),
        {"mandate_id": made["id"]}, body=body,
    )  # fmt: skip


def _limit(seen: dict[str, Any] | None) -> dict[str, Any]:
    return {"single_fen": 100, "daily_fen": 100, "version": seen["version"] if seen else 0}


@for_operation("POST /v1/limits/{person_id}/step-ups")
async def ask_to_raise(firm: Lived) -> Call:
    return call("POST /v1/limits/{person_id}/step-ups", firm.caller, firm.ids, body=_limit(None))


@for_operation("PUT /v1/limits/{person_id}/devices/{device_id}")
async def set_device_limit(firm: Lived) -> Call:
    ids = firm.ids | {"device_id": str(uuid4())}
    operation = "PUT /v1/limits/{person_id}/devices/{device_id}"
    return call(operation, firm.caller, ids, body=_limit(None))


@for_operation("POST /v1/limits/{person_id}/devices/{device_id}/step-ups")
async def ask_to_raise_device(firm: Lived) -> Call:
    ids = firm.ids | {"device_id": str(uuid4())}
    operation = "POST /v1/limits/{person_id}/devices/{device_id}/step-ups"
    return call(operation, firm.caller, ids, body=_limit(None))


async def _absence(firm: Lived) -> dict[str, Any]:
    async with firm.city.ctx.begin() as work:
        now = work.now
    person = (await firm.checker.get("/v1/me")).json()["person_id"]
    return {
        "to_person": person, "from_at": (now + timedelta(days=30)).isoformat(),
        "until_at": (now + timedelta(days=31)).isoformat(),
    }  # fmt: skip


@for_operation("POST /v1/approvals/delegations")
async def delegate(firm: Lived) -> Call:
    return call("POST /v1/approvals/delegations", firm.caller, {}, body=await _absence(firm))


@for_operation("DELETE /v1/approvals/delegations/{delegation_id}")
async def end_delegation(firm: Lived) -> Call:
    made = await firm.make("/v1/approvals/delegations", await _absence(firm))
    ids = {"delegation_id": made["id"]}
    return call("DELETE /v1/approvals/delegations/{delegation_id}", firm.caller, ids)


@for_operation("POST /v1/parties/import")
async def import_parties(firm: Lived) -> Call:
    return call("POST /v1/parties/import", firm.caller, {}, body={"rows": [new_party()]})


# --- the bank's lists ---------------------------------------------------------------------------


async def _listed(firm: Lived, name: str) -> dict[str, Any]:
    """An entry that the desk has put on a list."""
    body = {
        "list": "risk", "kind": "firm", "name": name, "reason": "测试", "source": "测试",
        "from_on": "2025-09-01",
    }  # fmt: skip
    desk = Person(firm.city, "", firm.town.desk["reviewer.li"].token)
    answer = await desk.post("/desk/v1/watch-list", body)
    assert answer.status_code == 201, answer.text
    entry: dict[str, Any] = answer.json()
    return entry


@for_operation("GET /desk/v1/watch-list/hits")
async def list_hits(firm: Lived) -> Call:
    return call("GET /desk/v1/watch-list/hits", firm.town.desk["reviewer.li"], {})


@for_operation("PUT /desk/v1/watch-list/{entry_id}")
async def change_entry(firm: Lived) -> Call:
    entry = await _listed(firm, f"某某公司{number()}")
    body = {"version": 1, "name": entry["name"], "reason": "更正", "source": "测试"}
    who = firm.town.desk["reviewer.li"]
    return call("PUT /desk/v1/watch-list/{entry_id}", who, {"entry_id": entry["id"]}, body=body)


@for_operation("POST /desk/v1/watch-list/hits/{business_id}/{hit_id}/decide")
async def decide_hit(firm: Lived) -> Call:
    name = f"命中示例材料{number()}有限公司"
    await _listed(firm, name)
    await firm.make("/v1/parties", new_party() | {"name": name})
    await firm.city.idle()
    desk = Person(firm.city, "", firm.town.desk["reviewer.li"].token)
    found = (await desk.get("/desk/v1/watch-list/hits", limit=200)).json()["items"]
    hit = next(one for one in found if one["name"] == name)
    return call(
        "POST /desk/v1/watch-list/hits/{business_id}/{hit_id}/decide",
        firm.town.desk["reviewer.li"],
        {"business_id": hit["business_id"], "hit_id": hit["id"]},
        body={"decision": "false_hit", "reason": "同名不同主体"},
    )
