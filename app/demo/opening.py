"""From a phone number to a live account: registration, application, four eyes, one visit."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
from datetime import timedelta
from typing import Any

import httpx

from app.demo.client import Bank, Failed, Person, until
from app.demo.life import CAPITAL_FEN, Life, company_name, founder
from app.demo.show import Show

# The smallest picture that is one: the two sides of an identity card in a demo.
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5E"
    "rkJggg=="
)
INDUSTRY = "I6513"


async def begin(bank: Bank, show: Show, seed: int) -> Life:
    """The owner signs in; a walk on used data takes people and a name nobody has used yet."""
    generation = len((await bank.witness("registry"))["licences"])
    owner = founder(seed, generation, 0)
    second = founder(seed, generation, 1)
    with show.step("The owner signs in by phone code") as figures:
        person = await bank.sign_in(owner.phone)
        figures.append(f"{owner.name}, {owner.phone[:3]}****{owner.phone[-4:]}")
    life = Life(
        bank=bank,
        show=show,
        seed=seed,
        generation=generation,
        owner=person,
        phone=owner.phone,
        second=person,
        second_phone=second.phone,
    )
    await life.read_clock()
    return life


def form(life: Life, name: str) -> dict[str, Any]:
    """The one form of founding a firm: two shareholders, capital due within five years."""
    owner = founder(life.seed, life.generation, 0)
    second = founder(life.seed, life.generation, 1)
    due_on = life.today.replace(year=life.today.year + 4).isoformat()
    return {
        "entity_type": "limited_company",
        "name": name,
        "area_code": "310115",
        "address": "上海市浦东新区张江路88号302室",
        "industry_code": INDUSTRY,
        "scope": ["软件开发", "信息技术咨询服务"],
        "capital_fen": CAPITAL_FEN,
        "staff_count": 12,
        "legal_representative": {
            "name": owner.name,
            "id_number": owner.id_number,
            "phone": owner.phone,
        },
        "shareholders": [
            {
                "name": owner.name,
                "id_number": owner.id_number,
                "subscribed_fen": CAPITAL_FEN * 7 // 10,
                "due_on": due_on,
            },
            {
                "name": second.name,
                "id_number": second.id_number,
                "subscribed_fen": CAPITAL_FEN * 3 // 10,
                "due_on": due_on,
            },
        ],
    }


async def register(life: Life) -> None:
    """Declare a name, send the form; the registry answers by call-back."""
    with life.show.step("A name is declared and the company registered") as figures:
        name = company_name(life.seed, life.generation)
        asked = {"name": name, "entity_type": "limited_company", "area_code": "310115"}
        checked = await life.owner.post("/v1/registrations/names/check", asked)
        if not checked["acceptable"]:
            name = next(iter(checked["suggestions"]), name)
        begun = await life.owner.post("/v1/registrations", form(life, name))
        life.owner.business_id = begun["business_id"]
        path = f"/v1/registrations/{begun['id']}"
        await life.owner.post(f"{path}/submit")

        async def registered() -> Any:
            found = await life.owner.get(path)
            if found["state"] == "refused":
                raise Failed(f"the registry refused: {found}")
            return found if found["state"] == "registered" else None

        done = await until("the registry's answer", registered)
        life.name, life.uscc = done["draft"]["name"], done["uscc"]
        figures.append(f"{life.name}  {life.uscc}  licence {done['licence_number']}")
        owners = ", ".join(
            f"{o['name']} {o['share_ppm'] // 10_000} %" for o in done["beneficial_owners"]
        )
        figures.append(f"beneficial owners: {owners}")


async def apply(life: Life) -> None:
    """A favourite number, a document, a slot at the branch, and off it goes."""
    with life.show.step("A basic account is applied for, with a favourite number") as figures:
        offers = (await life.owner.get("/v1/account-numbers/offers", pattern="88"))["items"]
        life.number = offers[0]["number"]
        held = await life.owner.post("/v1/account-numbers/holds", {"number": life.number})
        figures.append(
            f"{offers[0]['shown']}, one of {len(offers)} offered, "
            f"held until {held['held_until'][11:16]} UTC"
        )
        begun = await life.owner.post(
            "/v1/applications", {"purpose": "日常经营结算", "number": life.number}
        )
        life.application_id = begun["id"]
        path = f"/v1/applications/{begun['id']}"
        for kind in begun["missing_documents"]:
            stored = await life.owner.upload("document", f"{kind}.png", PICTURE, "image/png")
            await life.owner.post(f"{path}/documents", {"kind": kind, "file_id": stored["id"]})
        on = (life.today + timedelta(days=1)).isoformat()
        while (slot := await _free_slot(life, on)) is None:
            on = (life.today.fromisoformat(on) + timedelta(days=1)).isoformat()
        await life.owner.post(f"{path}/submit")
        booking = {"application_id": begun["id"], "slot_id": slot["id"]}
        visit = await life.owner.post("/v1/visits", booking)
        figures.append(f"branch visit {slot['id']}, ticket {visit['ticket']}")


async def _free_slot(life: Life, on: str) -> dict[str, Any] | None:
    """The first time of a day at which somebody may still come."""
    slots = await life.owner.get("/v1/branches/0001/slots", on=on)
    return next((slot for slot in slots["items"] if slot["free"]), None)


async def watch(life: Life, seen: list[str]) -> None:
    """Follow the application's progress live, as the owner's phone does."""
    path = f"/v1/applications/{life.application_id}/progress"
    last = ""
    while True:
        headers = life.owner.headers() | ({"Last-Event-ID": last} if last else {})
        with contextlib.suppress(httpx.HTTPError):
            async with life.bank.api.stream("GET", path, headers=headers, timeout=60) as stream:
                async for line in stream.aiter_lines():
                    if line.startswith("id: "):
                        last = line[4:]
                    elif line.startswith("data: "):
                        seen.append(str(json.loads(line[6:]).get("state", "filed")))
        await asyncio.sleep(0.1)


async def review(reviewer: Person, application_id: str) -> dict[str, Any]:
    """One reviewer: take the case from the queue, look, decide on what was seen."""

    async def queued() -> Any:
        lines = (await reviewer.get("/desk/v1/reviews", limit=200))["items"]
        return next((row for row in lines if row["application_id"] == application_id), None)

    line = await until("the case in the reviewers' queue", queued)
    path = f"/desk/v1/reviews/{line['id']}"
    await reviewer.post(f"{path}/claim")
    case = await reviewer.get(path)
    decision = {"version": case["review"]["version"], "decision": "approve"}
    return dict(await reviewer.post(f"{path}/decide", decision))


async def open_account(life: Life) -> None:
    """Checks by themselves, two reviewers, one visit; the account lives that minute."""
    seen: list[str] = []
    watching = asyncio.create_task(watch(life, seen))
    try:
        with life.show.step("Two reviewers approve what the checks found") as figures:
            for username in ("reviewer.li", "reviewer.zhou"):
                reviewer = await life.bank.staff(username)
                done = await review(reviewer, life.application_id)
                figures.append(f"{username}: risk {done['risk_score']}, {done['state']}")
                if done["state"] == "approved":
                    break
        with life.show.step("One visit to the branch, and the account is open") as figures:
            await _visit(life)

            async def active() -> Any:
                found = await life.owner.get(f"/v1/applications/{life.application_id}")
                return found if found["state"] == "active" and found["filing_number"] else None

            done = await until("the account to be active and filed", active)
            accounts = await life.owner.get("/v1/accounts")
            life.account_id = accounts[0]["id"]
            figures.append(f"filed as {done['filing_number']}; live progress: {' → '.join(seen)}")
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _visit(life: Life) -> None:
    visit = (await life.owner.get("/v1/visits"))["items"][0]
    on = life.today.fromisoformat(visit["starts_at"][:10])
    await life.go_to(on, hour=9, minute=40)
    teller = await life.bank.staff("teller.chen")
    path = f"/desk/v1/visits/{visit['id']}"
    arrived = await teller.post(f"{path}/check-in")
    confirmed = {
        "version": arrived["version"],
        "identity_confirmed": True,
        "will_confirmed": True,
        "seals_taken": True,
    }
    await teller.post(f"{path}/complete", confirmed)


async def invite_second(life: Life) -> None:
    """A second person who may approve: no payment above the limit goes with one alone."""
    with life.show.step("A second person joins, who approves payments and wages") as figures:
        await life.owner.post("/v1/members", {"phone": life.second_phone, "role": "finance"})
        life.second = await life.bank.sign_in(life.second_phone, life.owner.business_id)
        figures.append(f"{founder(life.seed, life.generation, 1).name}, finance")
