"""Firms that have lived: founded, banked, invoiced, paid, paid out and lent to, through the doors.

Two of them, alike, and the bank's people and a portal: what an isolation test plays with.
"""

from __future__ import annotations

import itertools
from datetime import date, datetime, time
from typing import Any

from app.clock import SHANGHAI
from app.identity.seed import seed_demo
from app.outside.signing import keys_folder, load_keys
from tests.city import City, Person
from tests.firms import OTHER_BANK, SUPPLIER, Firm, open_supplier, set_rule
from tests.flows import founding
from tests.flows import test_invoice_is_issued_and_paid as invoicing
from tests.flows import test_loan_is_drawn_and_repaid as lending
from tests.flows import test_payroll_pays_everybody as payroll
from tests.isolation.callers import Caller, Outside, Portal, Signed

NAMES = ("上海甲木科技有限公司", "上海乙火贸易有限公司")
# Money comes in over seven months, so that credit can be asked for.
MONTHS = ("2025-12-05", "2026-02-05", "2026-04-05", "2026-06-05", "2026-07-05", "2026-08-05",
          "2026-09-05")  # fmt: skip
MONTHLY_FEN = 50_000_000
_numbers = itertools.count(1)


def number() -> int:
    """A number that nothing else in this process has."""
    return next(_numbers)


class Lived(Firm):
    """One firm with an object of every kind, by the name of the parameter that names it."""

    def __init__(self, town: Town, owner: Person, name: str, number: str, account_id: Any) -> None:
        super().__init__(town.city, owner, name, number, account_id)
        self.town = town
        self.checker = self.employee = owner
        self.ids: dict[str, str] = {"account_id": str(account_id)}

    @property
    def caller(self) -> Signed:
        """The owner."""
        return as_caller(self.owner)

    async def read(self, path: str, **params: Any) -> Any:
        """What the owner sees."""
        return _good(await self.owner.get(path, **params))

    async def make(self, path: str, body: Any = None, who: Person | None = None) -> Any:
        """Something new."""
        return _good(await (who or self.owner).post(path, body))


class Town:
    """Two firms that have lived, the desk, a portal, the outside."""

    def __init__(self, city: City) -> None:
        self.city = city
        self.firms: list[Lived] = []
        self.desk: dict[str, Signed] = {}
        self.desk_pool: Any = None
        self.portal: Portal
        self.nobody = Caller(city)
        self.outside = Outside(city, load_keys(keys_folder(city.settings), "outside"))

    async def renew(self) -> None:
        """Everybody signs in again: tokens live for ten minutes."""
        for firm in self.firms:
            for person in (firm.owner, firm.checker, firm.employee):
                person.token = (await self.city.sign_in(person.phone)).token
        for name, person in (await founding.staff(self.city)).items():
            self.desk[name].token = person.token
        await self.portal.sign_in()


def as_caller(person: Person) -> Signed:
    """A person of the flows as a caller."""
    return Signed(person.city, person.token, person.business_id)


def _good(answer: Any) -> Any:
    assert answer.status_code < 300, f"{answer.request.url} {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


async def settle(city: City) -> Town:
    """The whole town."""
    town = Town(city)
    given = await seed_demo(city.settings)
    town.desk = {name: as_caller(person) for name, person in (await founding.staff(city)).items()}
    portal = given["portal"]
    town.portal = await Portal(city, portal["client_id"], portal["private_jwk"]).sign_in()
    await open_supplier(city)
    for name in NAMES:
        town.firms.append(await _founded(town, name))
    for day in MONTHS:
        await city.move_clock(datetime.combine(date.fromisoformat(day), time(10), SHANGHAI))
        for firm in town.firms:
            await _credited(firm, day)
        await city.idle()
    for firm in town.firms:
        await _borrow(firm)
        await _deal(firm)
        await _employ(firm)
    return town


async def _credited(firm: Lived, day: str) -> None:
    """A month's money from a customer of another bank is on its way."""
    credit = {
        "payer_bank": OTHER_BANK, "payer_account": "6217000010012345678",
        "payer_name": "南京示例贸易有限公司", "payee_account": firm.number, "payee_name": firm.name,
        "amount_fen": MONTHLY_FEN, "purpose": "货款", "on": day,
    }  # fmt: skip
    answer = await firm.city.world.post("/clearing_house/simulate/incoming", json=credit)
    assert answer.status_code == 200, answer.text


async def newcomer(city: City) -> Person:
    """Somebody new, signed in."""
    no = number()
    # A phone of their own: many openings from one phone are a gang's.
    return await city.sign_in(f"138{no:08d}", device=f"phone-{no}")


def people(no: int) -> dict[str, Any]:
    """Representative and shareholders of a firm of their own."""
    person = {"name": "王小微", "id_number": founding.resident_id(no % 900 + 1, born="19880101")}
    share = {"subscribed_fen": 100_000_000, "due_on": "2030-06-30"}
    return {
        "legal_representative": person | {"phone": f"136{no:08d}"},
        "shareholders": [person | share],
    }


async def _founded(town: Town, name: str) -> Lived:
    """Registration, application, two reviewers, a visit: an account that may pay."""
    city, no = town.city, number()
    owner = await newcomer(city)
    registration = await founding.found(city, owner, name=name, **people(no))
    offers = (await owner.get("/v1/account-numbers/offers", pattern="88")).json()["items"]
    _good(await owner.post("/v1/account-numbers/holds", {"number": offers[0]["number"]}))
    application = await founding.apply(owner, number=offers[0]["number"])
    slot = {"application_id": application["id"], "slot_id": await founding.first_slot(owner)}
    visit = _good(await owner.post("/v1/visits", slot))
    await city.idle()
    review_id = await reviewed(town, application["id"])
    await visited(town, visit["id"])
    (account,) = (await owner.get("/v1/accounts")).json()
    firm = Lived(town, owner, name, account["number"], account["id"])
    firm.ids |= {
        "registration_id": registration["id"], "application_id": application["id"],
        "visit_id": visit["id"], "business_id": str(owner.business_id), "review_id": review_id,
        "uscc": registration["uscc"], "file_id": await founding.upload(owner),
    }  # fmt: skip
    return firm


async def reviewed(town: Town, application_id: str) -> str:
    """Approved by as many reviewers as it needs; the review's id."""
    review_id = ""
    for name in ("reviewer.li", "reviewer.zhou"):
        reviewer = Person(town.city, "", town.desk[name].token)
        queue = (await reviewer.get("/desk/v1/reviews", limit=200)).json()["items"]
        line = next((row for row in queue if row["application_id"] == application_id), None)
        if line is not None:
            review_id = line["id"]
            path = f"/desk/v1/reviews/{review_id}"
            _good(await reviewer.post(f"{path}/claim"))
            body = {"version": line["version"], "decision": "approve"}
            _good(await reviewer.post(f"{path}/decide", body))
    await town.city.idle()
    return review_id


async def visited(town: Town, visit_id: str) -> None:
    """The branch sees the customer."""
    teller = Person(town.city, "", town.desk["teller.chen"].token)
    arrived = _good(await teller.post(f"/desk/v1/visits/{visit_id}/check-in"))
    confirmed = founding.confirming(arrived)
    _good(await teller.post(f"/desk/v1/visits/{visit_id}/complete", confirmed))
    await town.city.idle()


async def _deal(firm: Lived) -> None:
    """A party, payments out, an invoice, what is owed, money that waits for its name."""
    firm.checker = await firm.member(f"137{number():08d}", "checker")
    phone = f"137{number():08d}"
    firm.employee = await firm.member(phone, "employee")
    firm.ids["person_id"] = (await firm.employee.get("/v1/me")).json()["person_id"]
    await set_rule(firm.owner, 1_000_000, 1_000_000)
    party = await firm.make("/v1/parties", SUPPLIER | {"roles": ["payee", "customer"]})
    trusting = {"version": party["version"]}  # a new payee needs a second person otherwise
    _good(await firm.checker.post(f"/v1/parties/{party['id']}/trust", trusting))
    payment = await firm.make("/v1/payments", firm.order(12_345))
    await firm.city.idle()
    done = await invoicing.issued(firm)
    (owed,) = (await firm.read("/v1/receivables", state="open"))["items"]
    red = await firm.make("/v1/red-letters", allowance(done["id"]))
    await firm.city.idle()
    (*_, credit) = (await firm.read("/v1/credits"))["items"]
    vouchers = (
        await firm.read("/v1/books/vouchers", **{"from": "2025-09-01", "until": "2026-10-01"})
    )["items"]
    (device, *_) = (await firm.read("/v1/auth/devices"))["items"]
    firm.ids |= {
        "party_id": party["id"], "payment_id": payment["id"], "invoice_id": done["id"],
        "receivable_id": owed["id"], "credit_id": credit["id"], "voucher_id": vouchers[0]["id"],
        "session_id": device["id"], "receipt_id": credit["id"], "red_letter_id": red["id"],
    }  # fmt: skip


def allowance(invoice_id: str) -> dict[str, Any]:
    """A yuan of an issued invoice's first line is taken back."""
    line = {"line_no": 1, "amount_fen": 100}
    return {"invoice_id": invoice_id, "reason": "04", "lines": [line]}


async def _employ(firm: Lived) -> None:
    """Two people with wages paid, and the returns of a month."""
    await payroll.hire(firm, range(2))
    run = await payroll.pay(firm, firm.checker, month="2026-09", pay_on="2026-09-05")
    returns = await firm.make("/v1/tax/returns", {"month": "2026-08"})
    firm.ids |= {
        "run_id": run["id"], "employee_id": run["lines"][0]["employee_id"],
        "return_id": returns["items"][0]["id"],
    }  # fmt: skip


async def _borrow(firm: Lived) -> None:
    """A limit and a loan under it."""
    told = {"subject_id": firm.ids["uscc"], "facts": lending.CLEAN}
    _good(await firm.city.world.post("/bureau/simulate/subject", json=told))
    decided = await lending.apply(firm)
    assert decided["state"] == "granted", decided
    drawn = await lending.draw(firm, amount_fen=1_000_000)
    firm.ids |= {
        "facility_id": (await lending.facility(firm))["id"], "loan_id": drawn["loan"]["id"],
        "credit_application_id": decided["id"],
    }  # fmt: skip
