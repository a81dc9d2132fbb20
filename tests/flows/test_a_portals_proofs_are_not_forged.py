"""Five hundred forged or replayed tokens and signatures: each refused by its name, none with an
effect; a rightful one is taken between them all."""

from __future__ import annotations

import asyncio
from collections import Counter

import asyncpg
import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.city import City
from tests.flows import founding
from tests.flows.handing_over import PATH, firm, signed_in
from tests.forgeries import BEARER, Assertions, Signatures
from tests.portal_client import PortalClient

EFFECTS = """
select (select count(*) from onboarding.handovers) as handovers,
  (select count(*) from onboarding.applications) as applications,
  (select count(*) from core.outbox) as events,
  (select count(*) from core.idempotency) as answers,
  (select count(*) from core.audit) as audit,
  (select count(*) from identity.used_once) as used
"""


async def another(city: City, portal: PortalClient) -> PortalClient:
    """A second client with a key of its own."""
    key = Ed25519PrivateKey.generate()
    jwk = jwt.get_algorithm_by_name("EdDSA").to_jwk(key, as_dict=True) | {"kid": "other-1"}
    public = {name: jwk[name] for name in ("kty", "crv", "x", "kid")}
    desk = (await founding.staff(city))["operator.wu"]
    new = {"name": "另一平台", "keys": [public], "scopes": ["applications"]}
    made = (await desk.post("/desk/v1/clients", new)).json()
    return await PortalClient(portal.base_url, made["client_id"], jwk).sign_in()


def refusal(answer: httpx.Response) -> str:
    return f"{answer.status_code} {answer.json().get('type', '').rpartition(':')[2]}"


async def test_forged_assertions(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal:
        other = await another(city, portal)
        before, wrong = await db.fetchrow(EFFECTS), []
        kinds: Counter[str] = Counter()
        for name, form in Assertions(portal, other, seed=1).all(240):
            kinds[name] += 1
            answer = await portal.http.post("/oauth2/token", data=form)
            if refusal(answer) != "401 client-refused":
                wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        assert wrong == []
        assert await db.fetchrow(EFFECTS) == before
        assert len(kinds) == 20 and min(kinds.values()) == 12
        await portal.sign_in()
        await other.http.aclose()


async def test_replayed_assertions(city: City):
    async with signed_in(city) as portal:
        for _ in range(2):
            form = {
                "grant_type": "client_credentials", "client_assertion_type": BEARER,
                "client_assertion": Assertions(portal, portal, seed=2).made(),
            }  # fmt: skip
            answers = await asyncio.gather(
                *(portal.http.post("/oauth2/token", data=form) for _ in range(6))
            )
            assert Counter(refusal(one) for one in answers) == {
                "200 ": 1, "401 client-refused": 5,
            }  # fmt: skip


async def test_forged_signatures(city: City, db: asyncpg.Connection):
    async with signed_in(city) as portal:
        other = await another(city, portal)
        body = await firm(city, 20)
        await city.idle()  # the registry's own call-back
        before, wrong = await db.fetchrow(EFFECTS), []
        kinds: Counter[str] = Counter()
        for name, request in Signatures(portal, other, PATH, body, seed=3).all(240):
            kinds[name] += 1
            answer = await portal.http.send(request)
            if refusal(answer) != "401 signature-refused":
                wrong.append(f"{name}: {answer.status_code} {answer.text[:200]}")
        assert wrong == []
        assert await db.fetchrow(EFFECTS) == before
        assert len(kinds) == 26 and min(kinds.values()) >= 9
        given = await portal.post(PATH, body)
        assert given.status_code == 201, given.text
        await city.idle()
        await other.http.aclose()


async def test_replayed_requests(city: City, db: asyncpg.Connection):
    """One of copies at once is answered; what is kept of a call is shown to nobody who replays."""
    async with signed_in(city) as portal:
        request = portal.request("POST", PATH, await firm(city, 21))
        answers = await asyncio.gather(*(portal.http.send(request) for _ in range(10)))
        assert Counter(refusal(one) for one in answers) == {"201 ": 1, "401 signature-refused": 9}
        read = portal.request("GET", PATH)
        answers = [await portal.http.send(read) for _ in range(2)]
        assert [one.status_code for one in answers] == [200, 401]
        assert await db.fetchval("select count(*) from onboarding.handovers") == 1
        await city.idle()


async def test_a_stolen_token_reads_nothing(city: City):
    async with signed_in(city) as portal:
        bare = {"Authorization": f"Bearer {portal.token}"}
        for path in (PATH, "/portal/v1/me", "/portal/v1/callbacks"):
            assert refusal(await portal.http.get(path, headers=bare)) == "401 signature-refused"
        unknown = portal.request("GET", PATH)
        unknown.headers["authorization"] = "Bearer abc.def.ghi"
        assert (await portal.http.send(unknown)).status_code == 401
