"""Rightful calls: signing in, members, files, reference, the clock, the bank's own doors."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp

from app.actor import SYSTEM
from app.identity.staff import operations as staff
from app.identity.staff.model import NewStaff
from app.work import begin
from tests.city import Person
from tests.flows import founding
from tests.isolation.callers import Call, Signed
from tests.isolation.calls import call, for_operation, reads
from tests.isolation.lived import Lived, Town, newcomer, number

reads(
    "GET /v1/business", "GET /v1/files/{file_id}", "GET /v1/files/{file_id}/about", "GET /v1/me",
    "GET /v1/members", "GET /v1/auth/devices", "GET /v1/notices", "GET /v1/notices/live",
)  # fmt: skip

PUBLIC: dict[str, dict[str, str]] = {
    "GET /dev/v1/clock": {}, "GET /health/live": {}, "GET /health/ready": {},
    "GET /v1/reference/bank-codes/{cnaps}": {"cnaps": "102100099996"},
    "GET /v1/reference/resident-ids/{number}": {"number": founding.resident_id(1)},
    "GET /v1/reference/uppercase/{amount_fen}": {"amount_fen": "123456"},
    "GET /v1/reference/uscc/{code}": {"code": "91330100799655058B"},
}  # fmt: skip


def _public(operation: str, ids: dict[str, str]) -> None:
    async def build(firm: Lived) -> Call:
        return call(operation, firm.town.nobody, ids)

    for_operation(operation)(build)


for _operation, _ids in PUBLIC.items():
    _public(_operation, _ids)


@for_operation("POST /dev/v1/clock")
async def move_clock(firm: Lived) -> Call:
    """A second further."""
    now = datetime.fromisoformat((await firm.city.api.get("/dev/v1/clock")).json()["now"])
    body = {"now": (now + timedelta(seconds=1)).isoformat()}
    return call("POST /dev/v1/clock", firm.town.nobody, {}, body=body)


# --- signing in ---------------------------------------------------------------------------------


@for_operation("POST /v1/auth/codes")
async def ask_code(firm: Lived) -> Call:
    body = {"phone": f"135{number():08d}"}
    return call("POST /v1/auth/codes", firm.town.nobody, {}, body=body)


async def _signed_in(firm: Lived) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a code by SMS is told at the door, and what the door gives."""
    phone = f"134{number():08d}"
    answer = await firm.city.api.post("/v1/auth/codes", json={"phone": phone})
    assert answer.status_code == 202, answer.text
    await firm.city.idle()
    messages = (await firm.city.world.get("/sms", params={"phone": phone})).json()["items"]
    code = "".join(c for c in messages[0]["text"] if c.isdigit())[:6]
    return {"phone": phone, "code": code, "device": "phone"}, {}


@for_operation("POST /v1/auth/tokens")
async def sign_in(firm: Lived) -> Call:
    told, _ = await _signed_in(firm)
    return call("POST /v1/auth/tokens", firm.town.nobody, {}, body=told)


async def _tokens(firm: Lived) -> dict[str, Any]:
    told, _ = await _signed_in(firm)
    given: dict[str, Any] = (await firm.city.api.post("/v1/auth/tokens", json=told)).json()
    return given


@for_operation("POST /v1/auth/tokens/refresh")
async def refresh(firm: Lived) -> Call:
    body = {"refresh_token": (await _tokens(firm))["refresh_token"]}
    return call("POST /v1/auth/tokens/refresh", firm.town.nobody, {}, body=body)


@for_operation("DELETE /v1/auth/tokens")
async def sign_out(firm: Lived) -> Call:
    token = (await _tokens(firm))["access_token"]
    return call("DELETE /v1/auth/tokens", Signed(firm.city, token), {})


@for_operation("DELETE /v1/auth/devices/{session_id}")
async def sign_out_device(firm: Lived) -> Call:
    """A second sign-in of a person of their own, given up by the first."""
    person = await newcomer(firm.city)
    who = Signed(firm.city, person.token)
    (device,) = (await person.get("/v1/auth/devices")).json()["items"]
    return call("DELETE /v1/auth/devices/{session_id}", who, {"session_id": device["id"]})


# --- members and files --------------------------------------------------------------------------


@for_operation("POST /v1/members")
async def invite(firm: Lived) -> Call:
    body = {"phone": f"133{number():08d}", "role": "accountant"}
    return call("POST /v1/members", firm.caller, {}, body=body)


async def _member(firm: Lived, operation: str, *, body: bool) -> Call:
    new = {"phone": f"133{number():08d}", "role": "accountant"}
    made = await firm.make("/v1/members", new)
    change = {"role": "maker", "version": made["version"]} if body else None
    return call(operation, firm.caller, {"person_id": made["person_id"]}, body=change)


@for_operation("PATCH /v1/members/{person_id}")
async def change_member(firm: Lived) -> Call:
    return await _member(firm, "PATCH /v1/members/{person_id}", body=True)


@for_operation("DELETE /v1/members/{person_id}")
async def remove_member(firm: Lived) -> Call:
    return await _member(firm, "DELETE /v1/members/{person_id}", body=False)


@for_operation("POST /v1/files")
async def upload(firm: Lived) -> Call:
    return call(
        "POST /v1/files", firm.caller, {}, form={"kind": "document"},
        files={"file": ("a.png", founding.picture(), "image/png")},
    )  # fmt: skip


@for_operation("PUT /v1/notices/seen")
async def mark_seen(firm: Lived) -> Call:
    body = {"until": "2026-09-07T02:00:00Z"}
    return call("PUT /v1/notices/seen", firm.caller, {}, body=body)


PAPER = founding.picture()


async def _announced(firm: Lived) -> dict[str, str]:
    new = {
        "kind": "document", "name": "a.png", "size_bytes": len(PAPER),
        "sha256": hashlib.sha256(PAPER).hexdigest(),
    }  # fmt: skip
    begun = await firm.make("/v1/uploads", new)
    part = call(
        "PUT /v1/uploads/{upload_id}/parts/{number}", firm.caller,
        {"upload_id": begun["id"], "number": "0"},
    )  # fmt: skip
    part.octets = PAPER
    assert (await part.send()).status_code == 200
    return {"upload_id": begun["id"]}


async def _finished(firm: Lived, path: dict[str, str]) -> None:
    done = await call("PUT /v1/uploads/{upload_id}/file", firm.caller, path).send()
    assert done.status_code == 200, done.text


@for_operation("POST /v1/uploads")
async def begin_upload(firm: Lived) -> Call:
    async with firm.town.city.ctx.begin(UUID(firm.ids["business_id"])) as work:
        await work.connection.execute(
            "update files.uploads set state = 'expired' where state = 'open'"
        )
    new = {"kind": "document", "name": "a.png", "size_bytes": 9, "sha256": "0" * 64}
    return call("POST /v1/uploads", firm.caller, {}, body=new)


@for_operation("GET /v1/uploads/{upload_id}")
async def read_upload(firm: Lived) -> Call:
    path = await _announced(firm)
    await _finished(firm, path)
    return call("GET /v1/uploads/{upload_id}", firm.caller, path)


@for_operation("PUT /v1/uploads/{upload_id}/parts/{number}")
async def send_part(firm: Lived) -> Call:
    begun = await begin_upload(firm)
    made = (await begun.send()).json()
    found = call(
        "PUT /v1/uploads/{upload_id}/parts/{number}", firm.caller,
        {"upload_id": made["id"], "number": "0"},
    )  # fmt: skip
    found.octets = b"nine byte"
    return found


@for_operation("PUT /v1/uploads/{upload_id}/file")
async def finish_upload(firm: Lived) -> Call:
    return call("PUT /v1/uploads/{upload_id}/file", firm.caller, await _announced(firm))


# --- the bank's own ------------------------------------------------------------------------------


async def new_staff(town: Town, *, branch: str = "0001") -> dict[str, str]:
    """A new teller: what they type at the door."""
    name, secret = f"teller.n{number()}", pyotp.random_base32()
    new = NewStaff(
        username=name, name="新柜员", role="teller", branch=branch, password="secret-password",
        totp_secret=secret,
    )  # fmt: skip
    ctx = town.city.ctx
    async with begin(
        town.desk_pool, SYSTEM, settings=ctx.settings, vault=ctx.vault, ring=lambda: None
    ) as work:
        await staff.take_on(work, new=new)
    return {"username": name, "password": new.password, "otp": pyotp.TOTP(secret).now()}


@for_operation("POST /desk/v1/auth/tokens")
async def sign_in_staff(firm: Lived) -> Call:
    body = await new_staff(firm.town)
    return call("POST /desk/v1/auth/tokens", firm.town.nobody, {}, body=body)


async def _staff_tokens(town: Town) -> dict[str, Any]:
    answer = await town.city.api.post("/desk/v1/auth/tokens", json=await new_staff(town))
    assert answer.status_code == 200, answer.text
    given: dict[str, Any] = answer.json()
    return given


async def on_the_desk(town: Town, told: dict[str, str]) -> Signed:
    """One of the bank's staff, signed in."""
    answer = await town.city.api.post("/desk/v1/auth/tokens", json=told)
    assert answer.status_code == 200, answer.text
    return Signed(town.city, answer.json()["access_token"])


@for_operation("POST /desk/v1/auth/tokens/refresh")
async def refresh_staff(firm: Lived) -> Call:
    body = {"refresh_token": (await _staff_tokens(firm.town))["refresh_token"]}
    return call("POST /desk/v1/auth/tokens/refresh", firm.town.nobody, {}, body=body)


@for_operation("DELETE /desk/v1/auth/tokens")
async def sign_out_staff(firm: Lived) -> Call:
    token = (await _staff_tokens(firm.town))["access_token"]
    return call("DELETE /desk/v1/auth/tokens", Signed(firm.city, token), {})


def desk(operation: str, name: str, **query: Any) -> None:
    async def build(firm: Lived) -> Call:
        return call(operation, firm.town.desk[name], firm.ids, query=dict(query))

    for_operation(operation)(build)


desk("GET /desk/v1/me", "teller.chen")
desk("GET /desk/v1/clients", "operator.wu")
desk("GET /desk/v1/reviews", "reviewer.li")
desk("GET /desk/v1/watch-list", "reviewer.li")
desk("GET /desk/v1/day-closes", "operator.wu", on="2025-09-01")
desk("GET /desk/v1/day-closes/missing", "operator.wu", on="2025-09-01")
desk("GET /desk/v1/visits", "teller.chen", branch="0001", on="2026-09-07")


@for_operation("GET /desk/v1/files/{business_id}/{file_id}")
async def fetch_customer_file(firm: Lived) -> Call:
    return call(
        "GET /desk/v1/files/{business_id}/{file_id}", firm.town.desk["reviewer.li"], firm.ids
    )


@for_operation("GET /desk/v1/files/{business_id}/{file_id}/about")
async def describe_customer_file(firm: Lived) -> Call:
    return call(
        "GET /desk/v1/files/{business_id}/{file_id}/about", firm.town.desk["reviewer.li"], firm.ids
    )


def _new_client() -> dict[str, Any]:
    key = {"kid": "k-1", "kty": "OKP", "crv": "Ed25519",
           "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}  # fmt: skip
    return {"name": f"政务平台{number()}", "keys": [key], "scopes": ["applications"]}


@for_operation("POST /desk/v1/clients")
async def register_client(firm: Lived) -> Call:
    return call("POST /desk/v1/clients", firm.town.desk["operator.wu"], {}, body=_new_client())


@for_operation("POST /desk/v1/clients/{client_id}/suspend")
async def suspend_client(firm: Lived) -> Call:
    operator = firm.town.desk["operator.wu"]
    answer = await Person(firm.city, "", operator.token).post("/desk/v1/clients", _new_client())
    ids = {"client_id": answer.json()["client_id"]}
    return call("POST /desk/v1/clients/{client_id}/suspend", operator, ids)


@for_operation("POST /desk/v1/watch-list")
async def watch(firm: Lived) -> Call:
    body = {
        "list": "risk", "kind": "firm", "name": f"某某公司{number()}", "reason": "测试",
        "source": "测试", "from_on": "2026-09-01",
    }  # fmt: skip
    return call("POST /desk/v1/watch-list", firm.town.desk["reviewer.li"], {}, body=body)


@for_operation("POST /outside/v1/{system}/callbacks")
async def call_back(firm: Lived) -> Call:
    body = {
        "callback_id": f"callback-{number():06d}", "system": "tax", "reference": "inv-0000001",
        "event": "done", "at": datetime.now(UTC).isoformat(),
    }  # fmt: skip
    operation = "POST /outside/v1/{system}/callbacks"
    return call(operation, firm.town.outside, {"system": "tax"}, body=body)


@for_operation("POST /v1/registrations/names/check")
async def check_name(firm: Lived) -> Call:
    body = {
        "name": "上海检查科技有限公司",
        "area_code": "310115",
        "entity_type": "limited_company",
    }
    return call("POST /v1/registrations/names/check", firm.caller, {}, body=body)
