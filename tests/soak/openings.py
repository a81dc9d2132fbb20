"""One applicant of the onboarding soak: from the sign-in to the end that this one must have."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any, Literal

import msgspec

from app.outside import Outside
from app.outside.account_filing import NewFiling
from app.outside.registry import NewCompany
from tests.city import Person
from tests.flows import founding
from tests.soak.system import LiveCity, eventually

# Why an application ends as it does; each kind of applicant comes in its turn.
Kind = Literal[
    "simple", "reviewed", "unknown", "elsewhere", "overtaken", "taken_back", "founded"
]  # fmt: skip
KINDS: tuple[Kind, ...] = (
    "simple", "reviewed", "unknown", "simple", "elsewhere", "founded", "overtaken", "simple",
    "taken_back", "founded",
)  # fmt: skip
ENDS: dict[Kind, str] = {
    "simple": "active",
    "reviewed": "active",
    "founded": "active",
    "unknown": "referred",
    "elsewhere": "referred",
    "overtaken": "refused",
    "taken_back": "cancelled",
}
LONG = 300
NUMERALS = "甲乙丙丁戊己庚辛壬癸"
OTHER_BANK = "103100000026"


class Applicant(msgspec.Struct, kw_only=True):
    """Who applies, what must become of it, and what the bank said in the end."""

    no: int
    kind: Kind
    phone: str
    uscc: str = ""
    name: str = ""
    application_id: str = ""
    end: dict[str, Any] = {}
    accounts: list[dict[str, Any]] = []

    @property
    def words(self) -> str:
        """A firm's own part of its name, as no other has it."""
        return "".join(NUMERALS[int(digit)] for digit in f"{self.no:05d}")

    @property
    def representative(self) -> dict[str, Any]:
        """The legal representative, nobody else's."""
        born = date(1960, 1, 1) + timedelta(days=self.no // 900)
        number = founding.resident_id(self.no % 900 + 1, born=f"{born:%Y%m%d}")
        return {
            "name": "赵小微", "id_number": number, "phone": self.phone,
            "id_valid_until": "2035-01-01",
        }  # fmt: skip


class Town:
    """What all applicants share: the system, the outside, the desk, and the branch's times."""

    def __init__(self, city: LiveCity, outside: Outside) -> None:
        self.city, self.outside = city, outside
        self.desk: dict[str, Person] = {}
        self.slots: asyncio.Queue[str] = asyncio.Queue()
        self.at_the_desk, self.at_the_calendar = asyncio.Lock(), asyncio.Lock()
        self._day = date(2025, 9, 2)

    async def slot(self, owner: Person) -> str:
        """The next time at the branch that nobody was given."""
        async with self.at_the_calendar:
            while self.slots.empty():
                await self._next_day(owner)
            return self.slots.get_nowait()

    async def _next_day(self, owner: Person) -> None:
        found = await owner.get("/v1/branches/0001/slots", on=self._day.isoformat())
        for one in found.json()["items"]:
            for _ in range(one["free"]):
                self.slots.put_nowait(one["id"])
        self._day += timedelta(days=1)

    async def known(self, one: Applicant) -> None:
        """The registry knows the firm, as if another office had registered it long ago."""
        person = one.representative
        new = NewCompany(
            reference=f"soak-known-{one.no:06d}", name=one.name, area_code="310115",
            address=address(one), scope="贸易", capital_fen=100_000_000,
            legal_representative=person["name"], legal_id_number=person["id_number"],
            applied_on=date(2024, 5, 20),
        )  # fmt: skip
        registry = self.outside.registry
        outcome = await again(lambda: registry.register(new))
        while outcome is None or outcome.result is None:
            await asyncio.sleep(0.2)
            outcome = await again(lambda: registry.outcome(new.reference))
        one.uscc = outcome.result.uscc

    async def elsewhere(self, one: Applicant) -> None:
        """Another bank files a basic account for the firm."""
        person = one.representative
        filing = NewFiling(
            reference=f"soak-elsewhere-{one.no:06d}", bill="OPEN", account_kind="PRDA",
            account_number=f"6222{one.no:015d}", account_name=one.name, bank_code=OTHER_BANK,
            uscc=one.uscc, legal_representative=person["name"],
            legal_id_number=person["id_number"], capital_fen=100_000_000, area_code="310115",
            filed_on=date(2025, 9, 1),
        )  # fmt: skip
        await again(lambda: self.outside.account_filing.file(filing))

        async def there() -> bool:
            found = await again(lambda: self.outside.account_filing.basic_account(one.uscc))
            return found is not None

        await eventually(there, LONG, f"{one.no}: filed elsewhere", every=0.3)


async def again(ask: Callable[[], Awaitable[Any]]) -> Any:
    """Whatever the faults do to it, until it is answered."""
    while True:
        try:
            return await ask()
        except Exception:
            await asyncio.sleep(0.3)


def address(one: Applicant) -> str:
    """An address that no other firm has."""
    return f"上海市浦东新区{one.words}路{one.no}号"


def good(answer: Any, what: str) -> Any:
    """What was answered, if it was a success."""
    assert answer.status_code in (200, 201, 202), f"{what}: {answer.status_code} {answer.text}"
    return answer.json()


class Journey:
    """One applicant's way."""

    def __init__(self, town: Town, one: Applicant) -> None:
        self.town, self.one = town, one
        self.owner: Person | None = None

    @property
    def path(self) -> str:
        return f"/v1/applications/{self.one.application_id}"

    async def walk(self) -> None:
        """To the end; what the bank says then is kept for the judge."""
        one, town = self.one, self.town
        one.name = f"上海{one.words}贸易有限公司"
        self.owner = owner = await town.city.sign_in(one.phone, f"phone-{one.no}")
        if one.kind == "founded":
            await self._found(owner)
        elif one.kind == "unknown":
            one.uscc = founding.licence(one.no)["uscc"]
        else:
            await town.known(one)
        if one.kind == "elsewhere":
            await town.elsewhere(one)
        await self._apply(owner)
        await self._through(owner)
        one.end = await self._at(owner, {ENDS[one.kind]}, filed=ENDS[one.kind] == "active")
        one.accounts = good(await owner.get("/v1/accounts"), "accounts")

    async def _found(self, owner: Person) -> None:
        """Founded through us by one person, who signs by the link on the phone."""
        one, city = self.one, self.town.city
        person = {k: v for k, v in one.representative.items() if k != "id_valid_until"}
        holder = {
            "name": person["name"], "id_number": person["id_number"],
            "subscribed_fen": 100_000_000, "due_on": "2030-06-30",
        }  # fmt: skip
        draft = founding.form(
            one.name, address=address(one), legal_representative=person, shareholders=[holder]
        )
        begun = good(await owner.post("/v1/registrations", draft), "registration")
        owner.business_id = begun["business_id"]
        path = f"/v1/registrations/{begun['id']}"
        good(await owner.post(f"{path}/signatures"), "signatures")

        async def said(word: str) -> bool:
            return any(word in text for text in await founding.texts(city, one.phone))

        await eventually(lambda: said("/signing/"), LONG, f"{one.no}: the link", every=0.3)
        link = await founding.link_of(city, one.phone)
        await founding.ask_code(city, link)
        await eventually(lambda: said("用于签署"), LONG, f"{one.no}: the code", every=0.3)
        good(await founding.sign(city, one.phone, link), "signature")

        async def sent() -> bool:
            answer = await owner.post(f"{path}/submit")
            return answer.status_code == 200

        await eventually(sent, LONG, f"{one.no}: signed and submitted", every=0.5)
        done: dict[str, Any] = {}

        async def registered() -> bool:
            done.update(good(await owner.get(path), "registration"))
            return bool(done["state"] == "registered")

        await eventually(registered, LONG, f"{one.no}: registered", every=0.5)
        one.uscc, one.name = done["uscc"], done["draft"]["name"]

    async def _apply(self, owner: Person) -> None:
        one = self.one
        body: dict[str, Any] = {"purpose": "日常经营结算"}
        body["opening"] = "full" if one.kind == "reviewed" else "simplified"
        if one.kind != "founded":
            licence = founding.licence(one.no) | {
                "name": one.name, "uscc": one.uscc, "address": address(one),
                "established_on": "2024-05-20", "capital_fen": 100_000_000,
            }  # fmt: skip
            body |= {"licence": licence, "legal_representative": one.representative}
        begun = good(await owner.post("/v1/applications", body), "application")
        one.application_id, owner.business_id = begun["id"], begun["business_id"]
        file_id = await founding.upload(owner)
        for kind in (*begun["missing_documents"], "legal_rep_face"):
            attached = {"kind": kind, "file_id": file_id}
            good(await owner.post(f"{self.path}/documents", attached), kind)
        good(await owner.post(f"{self.path}/submit"), "submit")

    async def _through(self, owner: Person) -> None:
        """Reviewers where they must look, the visit where the bank said yes."""
        one, town = self.one, self.town
        if one.kind == "taken_back":
            await asyncio.sleep(0.2 * (one.no % 4))
            good(await owner.post(f"{self.path}/cancel"), "cancel")
            return
        if ENDS[one.kind] == "referred":
            return
        if one.kind == "reviewed":
            await self._at(owner, {"reviewing"})
            await eventually(self._approved, LONG, f"{one.no}: reviewed", every=0.5)
        await self._at(owner, {"approved"})
        if one.kind == "overtaken":
            await town.elsewhere(one)
        booked = {"application_id": one.application_id, "slot_id": await town.slot(owner)}
        visit = good(await owner.post("/v1/visits", booked), "visit")
        async with town.at_the_desk:
            good(await founding.complete(town.desk["teller.chen"], visit["id"]), "complete")

    async def _approved(self) -> bool:
        """One reviewer takes it as soon as it is in the queue."""
        async with self.town.at_the_desk:
            reviewer, wanted = self.town.desk["reviewer.li"], self.one.application_id
            queue = good(await reviewer.get("/desk/v1/reviews"), "queue")["items"]
            if all(line["application_id"] != wanted for line in queue):
                return False
            answer = await founding.review(reviewer, wanted)
        return bool(answer.status_code == 200)

    async def _at(self, owner: Person, states: set[str], *, filed: bool = False) -> dict[str, Any]:
        seen: dict[str, Any] = {}

        async def there() -> bool:
            seen.update(good(await owner.get(self.path), "application"))
            return seen["state"] in states and (not filed or seen["filing_number"] is not None)

        try:
            await eventually(there, LONG, f"{self.one.no}: {states}", every=0.4)
        except AssertionError as late:
            raise AssertionError(f"{self.one.kind} {late}, but {seen.get('state')}") from late
        return seen
