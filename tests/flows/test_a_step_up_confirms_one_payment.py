"""A step-up confirms exactly one payment, once, by code or by a device's own key."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.city import City, Person
from tests.firms import Firm, confirmed, open_firm, open_supplier

STEP_UP = {"lines": [{"agree": [], "step_up": True}], "version": 0}


@pytest.fixture
async def firm(city: City) -> Firm:
    """A firm whose every payment takes a step-up."""
    await open_supplier(city)
    firm = await open_firm(city, fen=1_000_000)
    body = await confirmed(firm.owner, "/v1/mandates/step-ups", STEP_UP)
    made = await firm.owner.post("/v1/mandates", body)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "in_force"
    return firm


def wrong(answer: Any, status: int, name: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.json()["type"].endswith(f":{name}"), answer.text


def unpadded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


async def asked(person: Person, order: dict[str, Any]) -> dict[str, Any]:
    answer = await person.post("/v1/payments/step-ups", order)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_payment_is_made_with_its_own_confirmation_and_no_other(firm: Firm):
    order = firm.order(10_000)
    wrong(await firm.owner.post("/v1/payments", order), 403, "step-up-needed")
    explained = (await firm.owner.post("/v1/payments/explain", order)).json()
    assert (explained["step_up"], explained["agree"], explained["line"]) == (True, [], 1)
    ready = await confirmed(firm.owner, "/v1/payments/step-ups", order)
    sent = (await firm.city.world.get("/sms", params={"phone": firm.owner.phone})).json()["items"]
    assert "100.00元" in sent[0]["text"] and "尾号0018" in sent[0]["text"]
    other = order["payee"] | {"account_number": "6228480402564890026"}
    for change in (
        {"amount_fen": 10_001},
        {"payee": order["payee"] | {"name": "苏州示例材料厂"}},
        {"payee": other},
        {"payee": order["payee"] | {"bank_code": "104100000004"}},
        {"purpose": "rent"},
    ):
        wrong(await firm.owner.post("/v1/payments", ready | change), 403, "step-up-needed")
    key = str(uuid4())
    made = await firm.owner.post("/v1/payments", ready, key=key)
    assert made.status_code == 201, made.text
    assert made.json()["state"] == "submitted"
    again = await firm.owner.post("/v1/payments", ready, key=key)
    assert (again.status_code, again.content) == (201, made.content)
    wrong(await firm.owner.post("/v1/payments", ready), 403, "step-up-needed")


async def test_the_same_person_through_another_sign_in_needs_another(firm: Firm):
    ready = await confirmed(firm.owner, "/v1/payments/step-ups", firm.order(10_000))
    elsewhere = await firm.city.sign_in(firm.owner.phone)
    elsewhere.business_id = firm.owner.business_id
    wrong(await elsewhere.post("/v1/payments", ready), 403, "step-up-needed")


async def test_a_hundred_uses_at_once_are_one_payment(firm: Firm):
    ready = await confirmed(firm.owner, "/v1/payments/step-ups", firm.order(10_000))
    answers = await asyncio.gather(*(firm.owner.post("/v1/payments", ready) for _ in range(100)))
    codes = [answer.status_code for answer in answers]
    while 503 in codes:
        answers = await asyncio.gather(
            *(firm.owner.post("/v1/payments", ready) for _ in range(codes.count(503)))
        )
        codes = [c for c in codes if c != 503] + [a.status_code for a in answers]
    assert (codes.count(201), set(codes)) == (1, {201, 403})


async def test_a_refused_payment_leaves_the_confirmation_for_the_next_try(firm: Firm):
    order = firm.order(2_000_000, payee=firm.order(1)["payee"])
    ready = await confirmed(firm.owner, "/v1/payments/step-ups", order)
    wrong(await firm.owner.post("/v1/payments", ready), 422, "insufficient-funds")
    await firm.receive(2_000_000)
    assert (await firm.owner.post("/v1/payments", ready)).status_code == 201


async def test_five_wrong_tries_lock_even_at_once(firm: Firm, db: asyncpg.Connection):
    step_up = await asked(firm.owner, firm.order(10_000))
    path = f"/v1/step-ups/{step_up['id']}/confirm"
    answers = await asyncio.gather(*(firm.owner.post(path, {"code": "000000"}) for _ in range(30)))
    codes = [answer.status_code for answer in answers]
    assert codes.count(403) <= 5 and set(codes) <= {403, 429, 503}
    other = await asked(firm.owner, firm.order(10_001))
    while (locked := await firm.owner.post(path, {"code": "000000"})).status_code != 429:
        assert locked.status_code in (403, 503)
    text = (await firm.city.world.get("/sms", params={"phone": firm.owner.phone})).json()
    assert text["items"]
    locked = await firm.owner.post(f"/v1/step-ups/{other['id']}/confirm", {"code": "123456"})
    wrong(locked, 429, "too-many-tries")
    tries = await db.fetchval("select count from identity.attempts where kind = 'step-up tries'")
    assert tries >= 5, "the tries were counted though every one of them failed"


class Device:
    """A device with a key of its own."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.key: Any = (
            Ed25519PrivateKey.generate()
            if kind == "ed25519"
            else ec.generate_private_key(ec.SECP256R1())
        )
        self.id = ""

    @property
    def public_key(self) -> str:
        public = self.key.public_key()
        return unpadded(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))

    def sign(self, step_up: dict[str, Any]) -> dict[str, str]:
        text = step_up["to_sign"]
        message = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        if self.kind == "ed25519":
            made = self.key.sign(message)
        else:
            r, s = decode_dss_signature(self.key.sign(message, ec.ECDSA(SHA256())))
            made = r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return {"key_id": self.id, "signature": unpadded(made)}

    async def register(self, person: Person) -> None:
        new = {"name": f"{self.kind}手机", "public_key": self.public_key}
        wrong(await person.post("/v1/auth/device-keys", new), 403, "step-up-needed")
        ready = await confirmed(person, "/v1/auth/device-keys/step-ups", new)
        answer = await person.post("/v1/auth/device-keys", ready)
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]


@pytest.mark.parametrize("kind", ["ed25519", "p256"])
async def test_a_device_confirms_with_its_own_key_until_it_is_revoked(firm: Firm, kind: str):
    device, foreign = Device(kind), Device(kind)
    await device.register(firm.owner)
    finance = await firm.member("13700000041", "finance")
    await foreign.register(finance)
    step_up = await asked(firm.owner, firm.order(10_000))
    path = f"/v1/step-ups/{step_up['id']}/confirm"
    wrong(await firm.owner.post(path, foreign.sign(step_up)), 403, "step-up-refused")
    wrong(await finance.post(path, foreign.sign(step_up)), 404, "step-up-not-found")
    another = await asked(firm.owner, firm.order(10_001))
    wrong(await firm.owner.post(path, device.sign(another)), 403, "step-up-refused")
    assert (await firm.owner.post(path, device.sign(step_up))).json()["state"] == "confirmed"
    paid = await firm.owner.post("/v1/payments", firm.order(10_000) | {"step_up_id": step_up["id"]})
    assert paid.status_code == 201, paid.text
    gone = await firm.owner.delete(f"/v1/auth/device-keys/{device.id}")
    assert gone.status_code == 204, gone.text
    path = f"/v1/step-ups/{another['id']}/confirm"
    wrong(await firm.owner.post(path, device.sign(another)), 403, "step-up-refused")


async def test_a_device_that_is_signed_out_from_afar_confirms_nothing_any_more(firm: Firm):
    lost = await firm.city.sign_in(firm.owner.phone, "丢失的手机")
    kept, gone = Device("p256"), Device("ed25519")
    await kept.register(firm.owner)
    await gone.register(lost)
    devices = (await firm.owner.get("/v1/auth/devices")).json()["items"]
    session = next(one["id"] for one in devices if one["device"] == "丢失的手机")
    assert (await firm.owner.delete(f"/v1/auth/devices/{session}")).status_code == 204
    step_up = await asked(firm.owner, firm.order(10_000))
    path = f"/v1/step-ups/{step_up['id']}/confirm"
    wrong(await firm.owner.post(path, gone.sign(step_up)), 403, "step-up-refused")
    assert (await firm.owner.post(path, kept.sign(step_up))).json()["state"] == "confirmed"
    keys = (await firm.owner.get("/v1/auth/device-keys")).json()
    keys = keys["items"] if isinstance(keys, dict) else keys
    assert {one["id"]: one["state"] for one in keys} == {kept.id: "active", gone.id: "revoked"}


async def test_limits_grow_only_under_a_step_up(firm: Firm):
    finance = await firm.member("13700000042", "finance")
    person = (await finance.get("/v1/me")).json()["person_id"]
    path = f"/v1/limits/{person}"
    seen = (await firm.owner.get(path)).json()
    assert seen["left_fen"] == seen["daily_fen"]
    less = {"single_fen": 1_000, "daily_fen": 5_000, "version": 0}
    assert (await firm.owner.put(path, less)).status_code == 200
    more = {"single_fen": 1_000, "daily_fen": 5_001, "version": 2}
    wrong(await firm.owner.put(path, more), 403, "step-up-needed")
    ready = await confirmed(firm.owner, f"{path}/step-ups", more)
    wrong(await firm.owner.put(path, ready | {"daily_fen": 9_000}), 403, "step-up-needed")
    grown = await firm.owner.put(path, ready)
    assert grown.status_code == 200, grown.text
    assert (grown.json()["daily_fen"], grown.json()["left_fen"]) == (5_001, 5_001)
