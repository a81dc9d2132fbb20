"""Bytes that no client should send get a problem document that says so, at every kind of door."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.bodies import MAX_BODY
from app.outside.signing import keys_folder, load_keys
from tests.city import City
from tests.firms import Firm, open_firm

PROBLEM = "application/problem+json"
LOAN = {
    "principal_fen": 12_000_000, "annual_rate_ppm": 45_000, "method": "equal_instalment",
    "instalment_count": 12, "disbursed_on": "2026-09-05",
}  # fmt: skip
KNOCK = {
    "callback_id": "callback-0001", "system": "tax", "reference": "inv-0000001", "event": "done",
    "at": "2025-09-01T00:00:00Z",
}  # fmt: skip


def hostile(good: dict[str, Any]) -> dict[str, bytes]:
    """Spoiled copies of a good body: each must be refused."""
    text = json.dumps(good)
    name, value = next((n, v) for n, v in good.items() if isinstance(v, str))
    number = next((n for n, v in good.items() if isinstance(v, int)), name)

    def with_text(spoiled: str) -> bytes:
        return json.dumps(good | {name: spoiled}).encode()

    def raw(field: str, spoiled: str) -> bytes:
        rest = {n: v for n, v in good.items() if n != field}
        return f'{{"{field}": {spoiled}, {json.dumps(rest)[1:]}'.encode()

    made = {
        "nothing": b"", "blanks": b"  \n", "null": b"null", "list": b"[]", "text": b'"x"',
        "number": b"1", "word": b"{", "comma": text[:-1].encode() + b",}",
        "two": (text + text).encode(), "comment": b"/* */" + text.encode(),
        "cut": text[:-5].encode(), "single quotes": text.replace('"', "'").encode(),
        "mark": b"\xef\xbb\xbf" + text.encode(), "utf-16": text.encode("utf-16"),
        "utf-32": text.encode("utf-32"), "gbk": with_text("x").replace(b"x", "中".encode("gbk")),
        "bad utf-8": text.encode().replace(value[:1].encode(), b"\xff", 1),
        "overlong": text.encode().replace(value[:1].encode(), b"\xc0\xaf", 1),
        "surrogate bytes": text.encode().replace(value[:1].encode(), b"\xed\xa0\x80", 1),
        "cut character": text.encode() + b"\xe4\xb8", "nul": text.encode() + b"\x00",
        "nul inside": text.encode().replace(b"{", b"{\x00", 1),
        "unknown": json.dumps(good | {"is_admin": True}).encode(),
        "proto": json.dumps(good | {"__proto__": {}}).encode(),
        "empty name": json.dumps(good | {"": 1}).encode(),
        "twice": (text[:-1] + f', "{name}": {json.dumps(value)}}}').encode(),
        "deep list": b"[" * 100_000 + b"]" * 100_000,
        "deep object": b'{"a":' * 1_001 + b"1" + b"}" * 1_001,
        "deep inside": raw(name, "[" * 40 + "]" * 40), "not closed": b"[" * 50_000,
        "many keys": json.dumps({f"k{n}": n for n in range(9_000)}).encode(),
        "long name": json.dumps(good | {"k" * 100_000: 1}).encode(),
    }  # fmt: skip
    for spoiled in (
        "\x00",
        "\x07",
        "\x1b[2J",
        "\ud800",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\u2066",
        "\x85",
    ):
        made[f"character {spoiled!r}"] = with_text(f"{value}{spoiled}")
    for spoiled in (
        "1e400", "NaN", "Infinity", "-Infinity", "01", "+1", "1_000", "0x10", "1.", ".5",
        "9" * 400, "-" + "9" * 400, "9223372036854775808", "1.5", '"5"', "true", "[]", "{}",
        '"１２"', '" 1 "',
    ):  # fmt: skip
        made[f"{number} {spoiled[:20]}"] = raw(number, spoiled)
    return made


def refused(answer: httpx.Response) -> str | None:
    """What is wrong with a refusal, None if it is one."""
    if not 400 <= answer.status_code < 500:
        return f"{answer.status_code}"
    if answer.headers.get("content-type") != PROBLEM:
        return f"{answer.status_code} {answer.headers.get('content-type')}"
    body = answer.json()
    if body["status"] != answer.status_code or not body["type"].startswith("urn:xiaowei:problem:"):
        return f"{body}"
    return None


class Door:
    """One route that takes a body, and who rightly calls it."""

    def __init__(
        self, api: httpx.AsyncClient, method: str, path: str, good: dict[str, Any],
        headers: Callable[[bytes], dict[str, str]],
    ) -> None:  # fmt: skip
        self.api, self.method, self.path, self.good = api, method, path, good
        self.headers = headers

    async def send(self, content: bytes, **headers: str) -> httpx.Response:
        said = {"Content-Type": "application/json"} | self.headers(content) | headers
        return await self.api.request(self.method, self.path, content=content, headers=said)


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=1_000_000)


@pytest.fixture
async def doors(city: City, firm: Firm) -> list[Door]:
    keys = load_keys(keys_folder(city.settings), "outside")
    path = "/outside/v1/tax/callbacks"

    def signed_in(_: bytes) -> dict[str, str]:
        return firm.owner.headers(str(uuid4()))

    def signed(content: bytes) -> dict[str, str]:
        return keys.sign("POST", f"http://any{path}", content)

    profile = (await firm.owner.get("/v1/tax/profile")).json()
    profile = {name: profile[name] for name in ("taxpayer", "city_tax_class", "version")}
    order = firm.order(100)
    return [
        Door(city.api, "POST", "/v1/payments", order, signed_in),
        Door(city.api, "PUT", "/v1/tax/profile", profile, signed_in),
        Door(city.api, "POST", "/v1/auth/codes", {"phone": "13900000001"}, lambda _: {}),
        Door(city.api, "POST", "/v1/quotes/loan", LOAN, lambda _: {}),
        Door(city.api, "POST", path, KNOCK, signed),
    ]


async def test_spoiled_bodies_are_refused(doors: list[Door]):
    wrong, tried = [], 0
    for door in doors:
        for what, content in hostile(door.good).items():
            tried += 1
            if problem := refused(await door.send(content)):
                wrong.append(f"{door.path} {what}: {problem}")
        tried += 1
        problem = refused(huge := await door.send(b" " * (MAX_BODY + 1)))
        if problem or huge.status_code != 413:
            wrong.append(f"{door.path} too large: {huge.status_code}")
        assert (await door.send(json.dumps(door.good).encode())).status_code < 300
    assert not wrong, "\n".join(wrong)
    assert tried > 5 * 60


async def test_bodies_spoiled_at_random_are_never_a_mistake_of_ours(doors: list[Door]):
    source, seen = random.Random(20250901), Counter[int]()
    for door in doors:
        for _ in range(60):
            content = bytearray(json.dumps(door.good, ensure_ascii=False).encode())
            for _ in range(source.randint(1, 4)):
                at = source.randrange(len(content))
                match source.randrange(3):
                    case 0:
                        content[at] = source.randrange(256)
                    case 1:
                        del content[at : at + source.randint(1, 9)]
                    case _:
                        content[at:at] = source.randbytes(source.randint(1, 5))
                content = content or bytearray(b"x")
            answer = await door.send(bytes(content))
            seen[answer.status_code] += 1
            assert answer.status_code < 300 or refused(answer) is None, (door.path, bytes(content))
    assert seen[400] > 250, seen


@pytest.mark.parametrize(
    "said", ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "", "x",
             "text/json", "application/json2", "multipart/form-data", "application/xml",
             "application/json-patch+json"],
)  # fmt: skip
async def test_only_json_is_read_as_json(doors: list[Door], said: str):
    for door in doors:
        answer = await door.send(json.dumps(door.good).encode(), **{"Content-Type": said})
        assert refused(answer) is None and answer.status_code == 415, (door.path, answer.text)


async def test_addresses_and_queries_have_one_form(city: City, firm: Firm):
    account = firm.account_id
    for spelled in (
        f"urn:uuid:{account}", f"{{{account}}}", account.upper(), account.replace("-", ""),
        "%00", "%ff", "%ed%a0%80", "０", "..%2f..", "1", "-1", account + "%20", "%0a" + account,
        "null", "*", "'", '"',
    ):  # fmt: skip
        answer = await firm.owner.get(f"/v1/accounts/{spelled}")
        assert refused(answer) is None, (spelled, answer.status_code, answer.text)
    for query in (
        "limit=1&limit=2", "limit=x", "limit=-1", "limit=１", "limit=",
        "limit=" + "9" * 400, "limit=%00", "limit=201",
        "limit=0", "after=%00", "after=%ff", "after=x", "after=W10", "after=WzFd", "account_id=1",
        "state=%F0%9F%92%A9", "after=" + "A" * 500, "account_id=%00",
    ):  # fmt: skip
        answer = await city.api.get(f"/v1/payments?{query}", headers=firm.owner.headers())
        assert refused(answer) is None, (query, answer.status_code, answer.text)
    for name, value in (
        ("Authorization", "Bearer " + "x" * 5_000), ("Authorization", "Bearer"),
        ("Authorization", "Basic eDp4"), ("X-Business-Id", "x"),
        ("X-Business-Id", f"urn:uuid:{firm.business_id}"), ("X-Business-Id", "'"),
    ):  # fmt: skip
        headers = firm.owner.headers() | {name: value}
        answer = await city.api.get("/v1/payments", headers=headers)
        assert refused(answer) is None, (name, value, answer.status_code)
    for key in ("short", "x" * 81, "with blank in it", "", "ключ-ключ".encode().decode("latin-1")):
        keyed = [*firm.owner.headers().items(), ("Idempotency-Key", key.encode("latin-1"))]
        answer = await city.api.post("/v1/payments", json=firm.order(1), headers=keyed)
        assert refused(answer) is None and answer.status_code == 400, (key, answer.text)
