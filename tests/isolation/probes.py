"""The probing itself: the same call with a real id of somebody else's, and with none."""

from __future__ import annotations

from typing import Any

import httpx
from msgspec import Struct, field

from app import openapi
from app.main import create_app
from app.settings import load
from tests.isolation.callers import Call, Caller
from tests.isolation.calls import CALLS
from tests.isolation.lived import Lived, Town, as_caller
from tests.isolation.places import ELSEWHERE, Place, operations, places

DOCUMENT = openapi.document(create_app(load({})))
OPERATIONS = dict(operations(DOCUMENT))
PLACES: dict[str, list[Place]] = {
    name: [place for place in places(operation, DOCUMENT) if not place.is_open]
    for name, operation in OPERATIONS.items()
}
WITH_ID = sorted(name for name, found in PLACES.items() if found)
GHOST = "01990000-0000-7000-8000-00000000dead"
HEADERS = ("content-type", "retry-after", "www-authenticate", "cache-control", "content-length")


class Probed(Struct, kw_only=True):
    """What was tried and what was wrong."""

    tried: int = 0
    wrong: list[str] = field(default_factory=list)

    @property
    def report(self) -> str:
        return "\n".join(self.wrong)


def shown(answer: httpx.Response, asked: Any) -> tuple[Any, ...]:
    """Everything of an answer but the id that was asked for."""
    name = str(asked[0] if isinstance(asked, list) else asked)
    text = answer.content.decode("utf-8", "backslashreplace").replace(name, GHOST)
    return (answer.status_code, *(answer.headers.get(name) for name in HEADERS), text)


def marks(firm: Lived) -> set[str]:
    """What only this firm may see."""
    return {firm.name, firm.number, *firm.ids.values()}


async def compare(probed: Probed, who: Caller, base: Call, real: Call, spots: list[Place]) -> None:
    """Each spot of `base` filled with `real`'s object, and with none: the same answer?"""
    for spot in spots:
        value, where = spot.get(real), f"{base.method} {base.template} {spot.title}"
        if value is None and where in ELSEWHERE:
            continue
        if value is None:
            probed.wrong.append(f"{where}: the rightful call names nothing here")
            continue
        probed.tried += 1
        answer = await spot.put(base, value).send(who)
        none = await spot.put(base, [GHOST] if isinstance(value, list) else GHOST).send(who)
        if shown(answer, value) != shown(none, GHOST):
            probed.wrong.append(
                f"{where}: {answer.status_code} {answer.text[:150]}"
                f" but {none.status_code} {none.text[:150]}"
            )
        # A filter by somebody else's object finds nothing; everything else is refused.
        if answer.status_code < 400 and spot.where != "query":
            probed.wrong.append(f"{where}: {answer.status_code}")


def of(name: str, *where: str) -> list[Place]:
    """The places of an operation in its path, its query or its body."""
    return [place for place in PLACES[name] if place.where in where]


def like(town: Town, who: Caller) -> Caller:
    """The other firm's person of the same standing."""
    first, second = town.firms
    same = {first.owner.token: second.owner, first.checker.token: second.checker}
    return as_caller(same.get(getattr(who, "token", ""), second.owner))


async def others(town: Town, calls: dict[str, Call], theirs: dict[str, Call]) -> Probed:
    """The other firm's owner and employee try every id of the first."""
    probed, employee = Probed(), as_caller(town.firms[1].employee)
    for name, right in calls.items():
        if right.template.startswith("/v1/"):
            path = of(name, "path")
            await compare(probed, like(town, right.who), right, right, path)
            await compare(probed, employee, right, right, path)
            if rest := of(name, "query", "body"):
                await compare(probed, theirs[name].who, theirs[name], right, rest)
    return probed


async def lists(town: Town) -> Probed:
    """The other firm reads everything it may, also from where the first firm's page ended."""
    first, second = town.firms
    secret, probed = marks(first), Probed()
    for name, build in CALLS.items():
        if not name.startswith("GET /v1/") or name.endswith("/progress"):
            continue
        right = await build(second)
        pages = [right]
        if any(p["name"] == "after" for p in OPERATIONS[name].get("parameters", ())):
            page = await build(first)
            page.query = page.query | {"limit": 1}
            after = (await page.send()).json()["next"]
            if after is not None:
                right.query = right.query | {"after": after}
                pages.append(right)
        for page in pages:
            probed.tried += 1
            answer = await page.send()
            leaked = [mark for mark in secret if mark in answer.text]
            if answer.status_code != 200 or leaked:
                probed.wrong.append(f"{name}: {answer.status_code} shows {leaked}")
    return probed
