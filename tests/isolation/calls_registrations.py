"""Rightful calls: founding a firm, its offices, and signing by link."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec

from app.outside.registry import NewCompany
from tests.city import Person
from tests.flows import founding
from tests.isolation.callers import Call
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.lived import Lived, as_caller, newcomer, number, people

reads(
    "GET /v1/registrations", "GET /v1/registrations/kinds",
    "GET /v1/registrations/{registration_id}",
    "GET /v1/registrations/{registration_id}/progress",
)  # fmt: skip
REGISTRATIONS = "/v1/registrations"


def draft(no: int) -> dict[str, Any]:
    """A form of its own."""
    names = "甲乙丙丁戊己庚辛壬癸"
    name = "".join(names[int(digit)] for digit in str(no))
    return founding.form(f"上海{name}木科技有限公司", **people(no))


@for_operation("POST /v1/registrations")
async def begin_registration(firm: Lived) -> Call:
    person = await newcomer(firm.city)
    return call("POST /v1/registrations", as_caller(person), {}, body=draft(number()))


async def _begun(firm: Lived) -> tuple[Person, dict[str, Any], dict[str, Any]]:
    person, form = await newcomer(firm.city), draft(number())
    answer = await person.post(REGISTRATIONS, form)
    assert answer.status_code == 201, answer.text
    person.business_id = answer.json()["business_id"]
    return person, answer.json(), form


@for_operation("PUT /v1/registrations/{registration_id}")
async def edit_registration(firm: Lived) -> Call:
    person, begun, form = await _begun(firm)
    return call(
        "PUT /v1/registrations/{registration_id}", as_caller(person),
        {"registration_id": begun["id"]}, body={"version": begun["version"], "draft": form},
    )  # fmt: skip


async def _on_draft(firm: Lived, what: str) -> Call:
    person, begun, _ = await _begun(firm)
    operation = f"POST /v1/registrations/{{registration_id}}/{what}"
    return call(operation, as_caller(person), {"registration_id": begun["id"]})


@for_operation("POST /v1/registrations/{registration_id}/resume")
async def resume_registration(firm: Lived) -> Call:
    return await _on_draft(firm, "resume")


@for_operation("POST /v1/registrations/{registration_id}/signatures")
async def ask_signatures(firm: Lived) -> Call:
    return await _on_draft(firm, "signatures")


@for_operation("POST /v1/registrations/{registration_id}/name/extend")
async def extend_name(firm: Lived) -> Call:
    return await _on_draft(firm, "name/extend")


@for_operation("POST /v1/registrations/{registration_id}/withdraw")
async def withdraw_registration(firm: Lived) -> Call:
    return await _on_draft(firm, "withdraw")


@for_operation("POST /v1/registrations/{registration_id}/submit")
async def submit_registration(firm: Lived) -> Call:
    person, begun, form = await _begun(firm)
    await founding.sign_all(firm.city, person, f"{REGISTRATIONS}/{begun['id']}", form)
    operation = "POST /v1/registrations/{registration_id}/submit"
    return call(operation, as_caller(person), {"registration_id": begun["id"]})


async def _asked(firm: Lived) -> tuple[Person, dict[str, Any], dict[str, Any]]:
    """A form whose people have been asked to sign."""
    person, begun, form = await _begun(firm)
    asked = await person.post(f"{REGISTRATIONS}/{begun['id']}/signatures")
    assert asked.status_code == 200, asked.text
    await firm.city.idle()
    return person, asked.json(), form


@for_operation("POST /v1/registrations/{registration_id}/signatures/{signature_id}/remind")
async def remind_signatory(firm: Lived) -> Call:
    person, asked, _ = await _asked(firm)
    return call(
        "POST /v1/registrations/{registration_id}/signatures/{signature_id}/remind",
        as_caller(person),
        {"registration_id": asked["id"], "signature_id": asked["signatures"][0]["id"]},
    )


async def _link(firm: Lived) -> tuple[str, str]:
    """A phone and the link on it."""
    _, _, form = await _asked(firm)
    phone = founding.phones(form)[0]
    return phone, await founding.link_of(firm.city, phone)


@for_operation("GET /signing/{link}")
async def read_signing(firm: Lived) -> Call:
    _, link = await _link(firm)
    return call("GET /signing/{link}", firm.caller, {"link": link})


@for_operation("POST /signing/{link}/codes")
async def ask_signing_code(firm: Lived) -> Call:
    _, link = await _link(firm)
    return call("POST /signing/{link}/codes", firm.caller, {"link": link})


@for_operation("POST /signing/{link}/sign")
async def sign(firm: Lived) -> Call:
    phone, link = await _link(firm)
    await founding.ask_code(firm.city, link)
    await firm.city.idle()
    body = await founding.signature(firm.city, phone, link)
    return call("POST /signing/{link}/sign", firm.caller, {"link": link}, body=body)


@for_operation("POST /v1/registrations/{registration_id}/parts/{part}/confirm")
async def confirm_part(firm: Lived) -> Call:
    person = await newcomer(firm.city)
    made = await founding.found(
        firm.city, person, **draft(number()) | {"by_owner": ["seals"]}
    )  # fmt: skip
    return call(
        "POST /v1/registrations/{registration_id}/parts/{part}/confirm", as_caller(person),
        {"registration_id": made["id"], "part": "seals"}, body={"number": "3101150012"},
    )  # fmt: skip


@for_operation("POST /v1/registrations/{registration_id}/parts/{part}/retry")
async def retry_part(firm: Lived) -> Call:
    """An office that refused is asked again."""
    person, form = await newcomer(firm.city), draft(number())
    await founding.refuse_next(firm.city, form["name"], "seals")
    made = await founding.found(firm.city, person, **form)
    return call(
        "POST /v1/registrations/{registration_id}/parts/{part}/retry", as_caller(person),
        {"registration_id": made["id"], "part": "seals"},
    )  # fmt: skip


async def known(firm: Lived) -> dict[str, Any]:
    """An application of a firm that the registry knows, with its representative."""
    no = number()
    identity = founding.resident_id(no % 999 + 1, born="19660606")
    new = {
        "reference": f"elsewhere-{no:08d}", "name": draft(no)["name"], "area_code": "310115",
        "address": f"上海市浦东新区政务路{no}号", "scope": "贸易", "capital_fen": 50_000_000,
        "legal_representative": "赵小微", "legal_id_number": identity, "applied_on": "2024-01-02",
    }  # fmt: skip
    registry = firm.city.ctx.outside.registry
    await registry.register(msgspec.convert(new, NewCompany))
    while (outcome := await registry.outcome(new["reference"])) is None or not outcome.result:
        await asyncio.sleep(0.01)
    licence = founding.licence(no) | {
        "name": new["name"], "uscc": outcome.result.uscc, "address": new["address"],
        "established_on": "2024-01-02",
    }  # fmt: skip
    person = {"name": "赵小微", "id_number": identity, "phone": f"131{no:08d}",
              "id_valid_until": "2035-01-01"}  # fmt: skip
    return {"licence": licence, "legal_representative": person, "purpose": "日常经营结算"}


# --- joining --------------------------------------------------------------------------------------


def _join(no: int) -> dict[str, Any]:
    representative = {
        "name": "赵小微", "id_number": founding.resident_id(no % 999 + 1, born="19660606"),
        "phone": f"137{no:08d}",
    }  # fmt: skip
    return {"uscc": founding.licence(no)["uscc"], "legal_representative": representative}


@for_operation("POST /v1/joins")
async def ask_to_join(firm: Lived) -> Call:
    person = await newcomer(firm.city)
    return call("POST /v1/joins", as_caller(person), {}, body=_join(number()))


async def _joining(firm: Lived) -> tuple[Person, dict[str, Any]]:
    """A firm that exists, whose representative is asked to sign."""
    body = await known(firm)
    representative = dict(body["legal_representative"])
    del representative["id_valid_until"]
    person = await newcomer(firm.city)
    new = {"uscc": body["licence"]["uscc"], "legal_representative": representative}
    answer = await person.post("/v1/joins", new)
    assert answer.status_code == 201, answer.text
    person.business_id = answer.json()["business_id"]
    await firm.city.idle()
    return person, answer.json()


@for_operation("GET /v1/joins")
async def list_joins(firm: Lived) -> Call:
    person, _ = await _joining(firm)
    return call("GET /v1/joins", as_caller(person), {})


@for_operation("GET /v1/joins/{join_id}")
async def read_join(firm: Lived) -> Call:
    person, join = await _joining(firm)
    return call("GET /v1/joins/{join_id}", as_caller(person), {"join_id": join["id"]})


@for_operation("POST /v1/joins/{join_id}/remind")
async def remind_representative(firm: Lived) -> Call:
    person, join = await _joining(firm)
    return call("POST /v1/joins/{join_id}/remind", as_caller(person), {"join_id": join["id"]})
