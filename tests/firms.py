"""Firms by a short cut, for flows that begin with money: an owner, an account, money from outside.

Whoever tests how a firm comes to be goes through the doors: `tests/flows/founding.py`.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from accounts.deposits import operations as deposits
from app.identity import operations as identity
from tests.city import City, Person

NAME = "上海示例科技有限公司"
OTHER_BANK = "103100000026"
OUR_BANK = "102100099996"
SUPPLIER = {
    "bank_code": OTHER_BANK,
    "account_number": "6228480402564890018",
    "name": "苏州示例材料有限公司",
}
_numbers = iter(range(1, 10_000))


class Firm:
    """One firm: its owner, a second person who may approve, its account."""

    def __init__(self, city: City, owner: Person, name: str, number: str, account_id: UUID) -> None:
        self.city = city
        self.owner = owner
        self.name = name
        self.number = number
        self.account_id = str(account_id)

    @property
    def business_id(self) -> UUID:
        assert self.owner.business_id is not None
        return UUID(self.owner.business_id)

    async def member(self, phone: str, role: str) -> Person:
        """Another person in the firm, signed in."""
        answer = await self.owner.post("/v1/members", {"phone": phone, "role": role})
        assert answer.status_code == 201, answer.text
        person = await self.city.sign_in(phone)
        person.business_id = self.owner.business_id
        return person

    async def receive(self, amount_fen: int, **changes: Any) -> dict[str, Any]:
        """Somebody at another bank pays us; answers with the credit at the clearing house."""
        credit = {
            "payer_bank": OTHER_BANK,
            "payer_account": "6217000010012345678",
            "payer_name": "南京示例贸易有限公司",
            "payee_account": self.number,
            "payee_name": self.name,
            "amount_fen": amount_fen,
            "purpose": "货款",
            "on": "2025-09-01",
        }
        answer = await self.city.world.post(
            "/clearing_house/simulate/incoming", json=credit | changes
        )
        assert answer.status_code == 200, answer.text
        await self.city.idle()
        return answer.json()

    async def account(self) -> dict[str, Any]:
        """The account as the owner sees it."""
        return (await self.owner.get(f"/v1/accounts/{self.account_id}")).json()

    def order(self, amount_fen: int, **changes: Any) -> dict[str, Any]:
        """A payment to the supplier at the other bank."""
        return {
            "account_id": self.account_id,
            "amount_fen": amount_fen,
            "payee": SUPPLIER,
            "memo": "九月货款",
        } | changes

    def order_to(self, other: Firm, amount_fen: int, **changes: Any) -> dict[str, Any]:
        """A payment to another firm of this bank."""
        payee = {"bank_code": OUR_BANK, "account_number": other.number, "name": other.name}
        return self.order(amount_fen, **{"payee": payee} | changes)


async def confirmed(person: Person, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """The body with a step-up for exactly it, asked at `path` and confirmed by the text message."""
    answer = await person.post(path, body)
    assert answer.status_code == 201, answer.text
    step_up = answer.json()
    await person.city.idle()
    sent = await person.city.world.get("/sms", params={"phone": person.phone})
    text = next(m["text"] for m in sent.json()["items"] if m["reference"] == step_up["id"])
    code = "".join(c for c in text if c.isdigit())[:6]
    answer = await person.post(f"/v1/step-ups/{step_up['id']}/confirm", {"code": code})
    assert answer.status_code == 200, answer.text
    return body | {"step_up_id": step_up["id"]}


async def set_rule(
    owner: Person, outside_above_fen: int | None, in_bank_above_fen: int | None
) -> None:
    """When a second person is needed, confirmed where that loosens the rule that stands."""
    path = "/v1/payments/second-person-rule"
    seen = (await owner.get(path)).json()
    body = {
        "outside_above_fen": outside_above_fen,
        "in_bank_above_fen": in_bank_above_fen,
        "version": seen["version"],
    }
    answer = await owner.put(path, body)
    if answer.status_code == 403:
        answer = await owner.put(path, await confirmed(owner, f"{path}/step-ups", body))
    assert answer.status_code == 200, answer.text


async def founder(city: City, phone: str = "13812345678", name: str = NAME) -> Person:
    """The owner of a new firm, signed in; no account yet."""
    owner = await city.sign_in(phone)
    person_id = UUID((await owner.get("/v1/me")).json()["person_id"])
    async with city.ctx.begin(person_id=person_id) as work:
        owner.business_id = str(await identity.found_business(work, name=name))
    return owner


async def open_firm(city: City, *, name: str = NAME, fen: int = 0, interest: bool = False) -> Firm:
    """A firm whose owner has signed in, with a basic account and money from another bank."""
    no = next(_numbers)
    number = f"02000100{no:011d}"
    owner = await founder(city, f"139{no:08d}", name)
    async with city.ctx.begin(UUID(owner.business_id)) as work:
        # Without interest: what other tests reckon with stays whole over any number of quarters.
        account_id = await deposits.open(
            work, number=number, name=name, account_class="basic", bears_interest=interest
        )
    firm = Firm(city, owner, name, number, account_id)
    if fen:
        await firm.receive(fen)
    return firm


async def open_supplier(city: City, **changes: Any) -> None:
    """The supplier's account at the other bank, so that the clearing house knows it."""
    answer = await city.world.post(
        "/clearing_house/simulate/accounts", json={"accounts": [SUPPLIER | changes]}
    )
    assert answer.status_code == 200, answer.text


async def outside_balance(city: City) -> int:
    """What the supplier's account at the other bank holds, as the sandbox says."""
    state = (await city.world.get("/witness/clearing_house")).json()
    accounts = {a["account_number"]: a["balance_fen"] for a in state["accounts"]}
    return accounts[SUPPLIER["account_number"]]


async def order_faults(city: City, **orders: Any) -> None:
    """Tell the clearing house how to misbehave from now on."""
    answer = await city.world.post("/control/clearing_house", json=orders)
    assert answer.status_code == 200, answer.text


async def strikes(city: City) -> dict[str, int]:
    """How often each ordered fault really struck."""
    return (await city.world.get("/control")).json()["clearing_house"]["strikes"]
