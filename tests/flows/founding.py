"""People and papers for the onboarding flows: a form, an owner, reviewers and a teller."""

from __future__ import annotations

import base64
import io
from datetime import date
from typing import Any
from uuid import uuid4

import httpx
import pyotp
from PIL import Image

from app.identity.seed import seed_demo
from app.outside.account_filing import NewFiling
from app.reference import rules as identifiers
from app.sandbox.identifiers import make_uscc, new_organisation
from tests.city import City, Person

PHONE = "13812345678"
SECOND_PHONE = "13687654321"


def resident_id(sequence: int = 1, born: str = "19900307", area: str = "310115") -> str:
    first = f"{area}{born}{sequence:03d}"
    return first + identifiers.resident_check(first)


def form(name: str = "上海示例科技有限公司", **more: Any) -> dict[str, Any]:
    """A limited company of two people, complete enough to be submitted."""
    return {
        "entity_type": "limited_company",
        "name": name,
        "area_code": "310115",
        "address": "上海市浦东新区示例路88号302室",
        "industry_code": "I6513",
        "scope": ["软件开发", "信息技术咨询服务"],
        "capital_fen": 100_000_000,
        "staff_count": 12,
        "legal_representative": {
            "name": "王小微", "id_number": resident_id(1), "phone": PHONE,
        },
        "shareholders": [
            {
                "name": "王小微", "id_number": resident_id(1), "subscribed_fen": 60_000_000,
                "due_on": "2030-06-30",
            },
            {
                "name": "李小微", "id_number": resident_id(2), "subscribed_fen": 40_000_000,
                "due_on": "2030-06-30", "phone": SECOND_PHONE,
            },
        ],
        **more,
    }  # fmt: skip


async def found(city: City, owner: Person, **more: Any) -> dict[str, Any]:
    """A registered firm of this owner."""
    draft = form(**more)
    begun = await owner.post("/v1/registrations", draft)
    assert begun.status_code == 201, begun.text
    owner.business_id = begun.json()["business_id"]
    path = f"/v1/registrations/{begun.json()['id']}"
    await sign_all(city, owner, path, draft)
    sent = await owner.post(f"{path}/submit")
    assert sent.status_code == 200, sent.text
    await city.idle()
    done = (await owner.get(path)).json()
    assert done["state"] == "registered", done
    return done


def phones(draft: dict[str, Any]) -> list[str]:
    """The phones of everyone who signs a form, each once."""
    people = [draft["legal_representative"], *draft.get("shareholders", [])]
    people += [holder["representative"] for holder in people if holder.get("representative")]
    people += draft.get("officers", [])
    return list(dict.fromkeys(one["phone"] for one in people if one.get("phone")))


async def sign_all(city: City, owner: Person, path: str, draft: dict[str, Any]) -> None:
    """Everyone signs the form as it stands, each by the link on their own phone."""
    asked = await owner.post(f"{path}/signatures")
    assert asked.status_code == 200, asked.text
    await city.idle()
    links = [await link_of(city, phone) for phone in phones(draft)]
    for link in links:
        await ask_code(city, link)
    await city.idle()
    for phone, link in zip(phones(draft), links, strict=True):
        signed = await sign(city, phone, link)
        assert signed.status_code == 202, signed.text
    await city.idle()


async def texts(city: City, phone: str) -> list[str]:
    """The text messages of a phone, newest first."""
    found = (await city.world.get("/sms", params={"phone": phone})).json()["items"]
    return [message["text"] for message in found]


async def link_of(city: City, phone: str) -> str:
    """The newest link that was sent to a phone."""
    text = next(text for text in await texts(city, phone) if "/signing/" in text)
    return text.partition("/signing/")[2].split(" ")[0]


async def ask_code(city: City, link: str) -> None:
    answer = await city.api.post(f"/signing/{link}/codes")
    assert answer.status_code == 202, answer.text


async def signature(city: City, phone: str, link: str) -> dict[str, Any]:
    """What one signs with: the newest code of the phone, and a picture of the face."""
    text = next(text for text in await texts(city, phone) if "用于签署" in text)
    page = (await city.api.get(f"/signing/{link}")).json()
    return {
        "sha256": page["sha256"], "agreed": True, "code": text.partition("验证码")[2][:6],
        "picture": base64.b64encode(picture()).decode(),
    }  # fmt: skip


async def sign(city: City, phone: str, link: str, **changes: Any) -> httpx.Response:
    """Sign by a link."""
    body = await signature(city, phone, link)
    return await city.api.post(f"/signing/{link}/sign", json=body | changes)


async def refuse_next(city: City, name: str, office: str, count: int = 1) -> None:
    """An office will refuse this firm so many times."""
    order = {
        "office": office, "name": name, "code": "photo_unclear",
        "reason": "材料不清晰", "count": count,
    }  # fmt: skip
    answer = await city.world.post("/registry/simulate/refuse", json=order)
    assert answer.status_code == 200, answer.text


def picture(colour: str = "white") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (64, 40), colour).save(made, "PNG")
    return made.getvalue()


async def upload(owner: Person, content: bytes | None = None) -> str:
    answer = await owner.city.api.post(
        "/v1/files",
        data={"kind": "document"},
        files={"file": ("id.png", content or picture(), "image/png")},
        headers=owner.headers(str(uuid4())),
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def apply(owner: Person, **more: Any) -> dict[str, Any]:
    """A submitted application with both sides of the identity card."""
    begun = await owner.post("/v1/applications", {"purpose": "日常经营结算", **more})
    assert begun.status_code == 201, begun.text
    path = f"/v1/applications/{begun.json()['id']}"
    for kind in ("legal_rep_id_front", "legal_rep_id_back"):
        body = {"kind": kind, "file_id": await upload(owner)}
        assert (await owner.post(f"{path}/documents", body)).status_code == 201
    sent = await owner.post(f"{path}/submit")
    assert sent.status_code == 200, sent.text
    return sent.json()


async def staff(city: City) -> dict[str, Person]:
    """Everyone at the desk, signed in, by user name."""
    signed_in = {}
    for one in (await seed_demo(city.settings))["staff"]:
        answer = await city.api.post(
            "/desk/v1/auth/tokens",
            json={
                "username": one["username"],
                "password": one["password"],
                "otp": pyotp.TOTP(one["totp_secret"]).now(),
            },
        )
        assert answer.status_code == 200, answer.text
        token = answer.json()["access_token"]
        signed_in[one["username"]] = Person(city, "", token)
    return signed_in


async def review(reviewer: Person, application_id: str, decision: str = "approve", **more: Any):
    """One reviewer claims the application's review and decides on what was seen."""
    queue = (await reviewer.get("/desk/v1/reviews")).json()["items"]
    line = next(row for row in queue if row["application_id"] == application_id)
    path = f"/desk/v1/reviews/{line['id']}"
    claimed = await reviewer.post(f"{path}/claim")
    assert claimed.status_code == 200, claimed.text
    body = {"version": line["version"], "decision": decision, **more}
    return await reviewer.post(f"{path}/decide", body)


async def first_slot(owner: Person, branch: str = "0001", on: str = "2025-09-02") -> str:
    slots = (await owner.get(f"/v1/branches/{branch}/slots", on=on)).json()["items"]
    return str(slots[0]["id"])


def licence(number: int = 1, **more: Any) -> dict[str, Any]:
    """The licence of a firm founded elsewhere; the code is a valid one."""
    uscc = make_uscc(category="91", area_code="310115", first8=new_organisation(number))
    return {
        "name": f"上海外来{'甲乙丙丁戊己庚辛壬癸'[number % 10]}贸易有限公司",
        "uscc": uscc,
        "entity_type": "limited_company",
        "area_code": "310115",
        "address": f"上海市浦东新区外来路{number}号",
        "capital_fen": 50_000_000,
        "established_on": "2020-05-20",
        **more,
    }


async def newcomer(city: City, number: int, **more: Any) -> tuple[Person, dict[str, Any]]:
    """Somebody with a firm from elsewhere and the draft of an application."""
    owner = await city.sign_in(f"139{number:08d}")
    body = {
        "purpose": "日常经营结算",
        "licence": licence(number),
        "legal_representative": {
            "name": "赵小微", "id_number": resident_id(number % 999 + 1),
            "phone": owner.phone, "id_valid_until": "2035-01-01",
        },
        **more,
    }  # fmt: skip
    begun = await owner.post("/v1/applications", body)
    assert begun.status_code == 201, begun.text
    owner.business_id = begun.json()["business_id"]
    return owner, begun.json()


async def complete(teller: Person, visit_id: str):
    """Somebody arrives and everything is confirmed."""
    path = f"/desk/v1/visits/{visit_id}"
    arrived = await teller.post(f"{path}/check-in")
    assert arrived.status_code == 200, arrived.text
    return await teller.post(f"{path}/complete", confirming(arrived.json()))


def confirming(visit: dict[str, Any]) -> dict[str, Any]:
    """What a teller confirms who has seen everything that was to be brought."""
    return {
        "version": visit["version"],
        "identity_confirmed": True, "will_confirmed": True, "seals_taken": True,
        "papers_seen": [paper["code"] for paper in visit["bring"] if paper["needed"]],
    }  # fmt: skip


async def file_elsewhere(city: City, registration: dict[str, Any]) -> None:
    """Another bank files a basic account for the firm."""
    await city.ctx.outside.account_filing.file(
        NewFiling(
            reference=f"elsewhere-{registration['uscc']}", bill="OPEN", account_kind="PRDA",
            account_number="6222000000000000001", account_name=registration["draft"]["name"],
            bank_code="103100000026", uscc=registration["uscc"], legal_representative="王小微",
            legal_id_number=resident_id(1), capital_fen=100_000_000, area_code="310115",
            filed_on=date(2025, 9, 1),
        )
    )  # fmt: skip
