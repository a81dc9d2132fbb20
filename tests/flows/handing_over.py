"""What a portal's flow tests share: firms that the registry knows, a portal that is signed in."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from app.identity.seed import seed_demo
from app.outside.registry import NewCompany
from tests.city import City
from tests.flows import founding
from tests.portal_client import Inbox, PortalClient, free_port, serving

PATH = "/portal/v1/applications"
DIGITS = "零一二三四五六七八九"


@asynccontextmanager
async def signed_in(city: City) -> AsyncIterator[PortalClient]:
    """The seeded portal, as its engineer would write it."""
    given = (await seed_demo(city.settings))["portal"]
    client = PortalClient(city.settings.public_url, given["client_id"], given["private_jwk"])
    async with client.http:
        yield await client.sign_in()


@asynccontextmanager
async def told(portal: PortalClient, kinds: list[str] | None = None) -> AsyncIterator[Inbox]:
    """An inbox that is registered."""
    inbox = Inbox(free_port())
    async with serving(inbox, inbox.port):
        made = await portal.post(
            "/portal/v1/callback-endpoints", {"url": inbox.url, "kinds": kinds or []}
        )
        assert made.status_code == 201, made.text
        inbox.secret = made.json()["secret"]
        inbox.endpoint = made.json()["endpoint"]["id"]  # type: ignore[attr-defined]
        yield inbox


async def firm(city: City, number: int, **more: Any) -> dict[str, Any]:
    """An application of a firm that somebody else registered."""
    name = "上海" + "".join(DIGITS[int(digit)] for digit in f"{number:03d}") + "政务贸易有限公司"
    person, known = f"赵{DIGITS[number % 10]}", founding.resident_id(100 + number)
    address = f"上海市浦东新区政务路{number}号"
    body = {
        "reference": secrets.token_hex(12), "name": name, "area_code": "310115",
        "address": address, "scope": "贸易", "capital_fen": 50_000_000,
        "legal_representative": person, "legal_id_number": known, "applied_on": "2024-01-02",
    }  # fmt: skip
    outside = city.ctx.outside.registry
    await outside.register(msgspec.convert(body, NewCompany))
    while (outcome := await outside.outcome(body["reference"])) is None or not outcome.result:
        pass
    licence = founding.licence() | {
        "name": name, "uscc": outcome.result.uscc, "address": address,
        "established_on": "2024-01-02",
    }  # fmt: skip
    return {
        "client_reference": f"GOV-{number:06d}",
        "licence": licence,
        "legal_representative": {
            "name": person, "id_number": known, "phone": f"137{number:08d}",
            "id_valid_until": "2035-01-01",
        },
        "purpose": "日常经营结算",
    } | more  # fmt: skip
