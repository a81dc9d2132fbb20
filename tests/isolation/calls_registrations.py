"""Rightful calls: founding a firm, its offices, and signing by link."""

from __future__ import annotations

from typing import Any

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


@for_operation("GET /v1/signing/{link}")
async def read_signing(firm: Lived) -> Call:
    _, link = await _link(firm)
    return call("GET /v1/signing/{link}", firm.caller, {"link": link})


@for_operation("POST /v1/signing/{link}/codes")
async def ask_signing_code(firm: Lived) -> Call:
    _, link = await _link(firm)
    return call("POST /v1/signing/{link}/codes", firm.caller, {"link": link})


@for_operation("POST /v1/signing/{link}/sign")
async def sign(firm: Lived) -> Call:
    phone, link = await _link(firm)
    await founding.ask_code(firm.city, link)
    await firm.city.idle()
    body = await founding.signature(firm.city, phone, link)
    return call("POST /v1/signing/{link}/sign", firm.caller, {"link": link}, body=body)


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
