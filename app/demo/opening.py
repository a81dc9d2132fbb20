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
                "phone": second.phone,
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
        figures.append(f"name reserved until {begun['name_reserved_until']}")
        signers = await sign_all(life, path)
        figures.append(f"signed by link, code and face: {signers}")
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
            f"{o['name']} {o['share_ppm'] // 10_000} % ({' → '.join(o['paths'][0]['names'])})"
            for o in done["beneficial_owners"]
        )
        figures.append(f"beneficial owners: {owners}")
        await _offices(life, path, figures)


async def sign_all(life: Life, path: str) -> str:
    """Everyone signs the form as it stands, each by the link on their own phone."""
    await life.owner.post(f"{path}/signatures")
    for no in (0, 1):
        phone = founder(life.seed, life.generation, no).phone
        link = await life.bank.text_to(phone, "/signing/")
        link = link.partition("/signing/")[2].split(" ")[0]
        page = await life.bank.by_link(f"/signing/{link}")
        await life.bank.by_link(f"/signing/{link}/codes", {})
        code = (await life.bank.text_to(phone, "用于签署")).partition("验证码")[2][:6]
        signature = {
            "sha256": page["sha256"],
            "agreed": True,
            "code": code,
            "picture": base64.b64encode(PICTURE).decode(),
        }
        await life.bank.by_link(f"/signing/{link}/sign", signature)

    async def signed() -> Any:
        found = (await life.owner.get(path))["signatures"]
        return found if all(one["state"] == "signed" for one in found) else None

    return ", ".join(one["name"] for one in await until("everyone's signature", signed))


async def _offices(life: Life, path: str, figures: list[str]) -> None:
    """The other offices answer side by side; only the bank still waits for its account."""

    async def settled() -> Any:
        parts = (await life.owner.get(path))["parts"]
        waits = [p["part"] for p in parts if p["state"] == "asked"]
        return parts if waits == ["bank"] else None

    parts = await until("the offices' answers", settled)
    figures.append("offices: " + ", ".join(f"{p['part']} {p['state']}" for p in parts))


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
            number = await _visit(life)

            async def active() -> Any:
                found = await life.owner.get(f"/v1/applications/{life.application_id}")
                return found if found["state"] == "active" and found["filing_number"] else None

            done = await until("the account to be active and filed", active)
            accounts = await life.owner.get("/v1/accounts")
            life.account_id = accounts[0]["id"]
            figures.append(f"checked in by code as {number}; filed as {done['filing_number']}")
            figures.append(f"live progress: {' → '.join(seen)}")
            figures.append(await _take_home(life))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def _visit(life: Life) -> str:
    """The phone shows its code, the teller sees the case and confirms; the queue number."""
    visit = (await life.owner.get("/v1/visits"))["items"][0]
    on = life.today.fromisoformat(visit["starts_at"][:10])
    await life.go_to(on, hour=9, minute=40)
    teller = await life.bank.staff("teller.chen")
    path = f"/desk/v1/visits/{visit['id']}"
    shown = await life.owner.get(f"/v1/visits/{visit['id']}/check-in-code")
    arrived = await teller.post("/desk/v1/visits/check-in", {"code": shown["code"]})
    case = await teller.get(path)
    confirmed = {
        "version": case["visit"]["version"],
        "identity_confirmed": True,
        "will_confirmed": True,
        "seals_taken": True,
        "identity_by": "id_card_reader",
        "papers_seen": [paper["code"] for paper in case["visit"]["bring"] if paper["needed"]],
        "seals": ["official_seal", "legal_rep_seal"],
    }
    await teller.post(f"{path}/complete", confirmed)
    return str(arrived["queue"]["number"])


async def _take_home(life: Life) -> str:
    """The token is handed over; what came with the account, in a line."""

    async def opened() -> Any:
        items = (await life.owner.get(f"/v1/applications/{life.application_id}/products"))["items"]
        return items if items and all(one["state"] != "asked" for one in items) else None

    products = await until("what comes with the account", opened)
    teller = await life.bank.staff("teller.chen")
    for product in products:
        if product["state"] == "preparing":
            handed = {"reference": f"TK-{life.generation:04d}"}
            await teller.post(f"/desk/v1/products/{product['id']}/issue", handed)
    return "comes with the account: " + ", ".join(product["kind"] for product in products)


async def invite_second(life: Life) -> None:
    """A second person who may approve: no payment above the limit goes with one alone."""
    with life.show.step("A second person joins, who approves payments and wages") as figures:
        await life.owner.post("/v1/members", {"phone": life.second_phone, "role": "finance"})
        life.second = await life.bank.sign_in(life.second_phone, life.owner.business_id)
        figures.append(f"{founder(life.seed, life.generation, 1).name}, finance")
