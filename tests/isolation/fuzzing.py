"""schemathesis over the whole document, signed in at every door, on real objects.

Of ten cases of an operation four are the rightful call with fresh objects; two are that call with
one field as generated; two have a generated body or query on the real path; one is generated
whole, headers too; one is generated against the schema. schemathesis makes the data and checks
every answer; tests/isolation/calls_*.py make the objects.
"""

from __future__ import annotations

import contextlib
import copy
import random
import time
from collections import Counter
from collections.abc import Iterable
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from msgspec import Struct, field
from schemathesis import Case, GenerationMode
from schemathesis import openapi as loader
from schemathesis.checks import not_a_server_error
from schemathesis.core import NOT_SET
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.isolation.callers import Call
from tests.isolation.calls import CALLS
from tests.isolation.lived import Lived, Town
from tests.isolation.places import Document
from tests.isolation.probes import DOCUMENT, OPERATIONS

CHECKS = [status_code_conformance, content_type_conformance, response_schema_conformance]
KINDS = ("right", "body", "right", "leaf", "bad", "right", "body", "wild", "right", "leaf")
OVERLOADED = 503
RENEW_SECONDS = 240
# Rightful calls that work only so often in one town, and why.
ONE_SHOT: dict[str, str] = {
    "POST /v1/payroll/runs/{run_id}/pay": "only where money was short when it was approved",
    "POST /v1/balance-letters/{letter_id}/object": "a month's letter is answered once",
    "POST /v1/books/periods/close": "a month is closed once, and the town has lived twelve",
    "POST /v1/tax/returns/{return_id}/file": "a return is filed once, and the town has lived twelve"
    " months",
}
CLOCK = "POST /dev/v1/clock"
# What changes the firm so that other calls would be refused comes after them.
LAST = (
    "PUT /v1/tax/profile", "POST /v1/books/periods/close", "POST /v1/facilities/applications",
    "PUT /desk/v1/clients/{client_id}/quota",
)  # fmt: skip


def in_order(names: Iterable[str]) -> list[str]:
    """Operations in an order in which each can succeed."""
    return sorted(names, key=lambda name: (LAST.index(name) if name in LAST else -1, name))


class Tally(Struct, kw_only=True):
    """What came of it."""

    cases: int = 0
    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def share(self, name: str) -> float:
        """The part of an operation's cases that succeeded."""
        counts = self.statuses[name]
        return sum(n for status, n in counts.items() if status < 300) / max(counts.total(), 1)

    @property
    def poor(self) -> dict[str, str]:
        """Operations below three in ten, and what they answered."""
        return {
            name: f"{self.share(name):.0%} {dict(counts)}"
            for name, counts in self.statuses.items()
            if self.share(name) < 0.3 and name not in ONE_SHOT
        }


class Fuzzer:
    """Generates with schemathesis, sends through the doors, checks with schemathesis."""

    def __init__(self, town: Town, seed: int, document: Document = DOCUMENT) -> None:
        self.town = town
        self.firm: Lived = town.firms[0]
        self.schema = loader.from_dict(copy.deepcopy(document))
        self.seed = seed
        self.random = random.Random(seed)
        self.tally = Tally()

    async def everything(self, cases: int) -> Tally:
        """So many cases of every operation."""
        signed_in = time.monotonic()
        for at, name in enumerate(in_order(OPERATIONS.keys() & CALLS.keys())):
            if at % 10 == 0:
                # Jobs that the calls made are not left to pile up.
                await self.town.city.idle(120)
            if time.monotonic() - signed_in > RENEW_SECONDS:
                await self.town.renew()
                signed_in = time.monotonic()
            await self.run(name, cases)
        return self.tally

    async def run(self, name: str, cases: int) -> None:
        """So many cases of one operation."""
        begun = time.monotonic()
        method, _, template = name.partition(" ")
        operation = self.schema[template][method]
        kinds = [KINDS[at % len(KINDS)] for at in range(cases)]
        made = {
            "bad": generated(operation, kinds.count("bad"), self.seed, GenerationMode.NEGATIVE),
            "any": generated(
                operation, sum(kind not in ("bad", "right") for kind in kinds), self.seed,
                GenerationMode.POSITIVE,
            ),
        }  # fmt: skip
        right: Call | None = None
        for kind in kinds:
            if right is None or (kind == "right" and method != "GET"):
                right = await CALLS[name](self.firm)
            call, headers = right, {}
            if kind != "right" and (stock := made.get(kind, made["any"])):
                case = stock.pop()
                call = self.changed(name, right, case, kind)
                headers = _headers(case) if kind in ("wild", "bad") else {}
            await self.send(name, operation, call, headers, kind)
        self.tally.seconds[name] = round(time.monotonic() - begun, 1)

    def changed(self, name: str, right: Call, case: Case, kind: str) -> Call:
        """The rightful call with something of a generated case in it."""
        call = copy.copy(right)
        body = None if case.body is NOT_SET else case.body
        if kind == "leaf":
            if isinstance(body, dict) and isinstance(right.body, dict) and body:
                leaf = self.random.choice(sorted(body))
                call.body = right.body | {leaf: body[leaf]}
            else:
                call.query = right.query | _some(case.query or {}, self.random)
        else:
            call.query = dict(case.query or {})
            call.body = body
            if right.form is not None:
                call.body, call.form = None, _form(body)
            if right.octets is not None:
                call.body, call.octets = None, body if isinstance(body, bytes) else b"x"
            if right.files is not None:
                content = body.get("file") if isinstance(body, dict) else body
                content = content if isinstance(content, bytes) else str(content).encode()
                call.files = {"file": ("x", content)}
            if kind == "body" and isinstance(call.body, dict) and isinstance(right.body, dict):
                ids = {k: v for k, v in right.body.items() if k.endswith("_id") or k == "version"}
                call.body = call.body | {k: v for k, v in ids.items() if k in call.body}
            if kind in ("wild", "bad") and case.path_parameters:
                call.path = {k: str(v) for k, v in case.path_parameters.items()}
        if name == CLOCK and isinstance(call.body, dict) and "now" in call.body:
            call.body = right.body
        return call

    async def send(
        self, name: str, operation: Any, call: Call, headers: dict[str, str], kind: str
    ) -> None:
        """One request, one answer, every check."""
        try:
            request = call.who.request(call, headers)
        except (httpx.InvalidURL, UnicodeEncodeError):
            return
        answer = await call.who.answer(request)
        self.tally.cases += 1
        self.tally.statuses.setdefault(name, Counter())[answer.status_code] += 1
        checks = list(CHECKS)
        if answer.status_code != OVERLOADED:
            checks.append(not_a_server_error)
        if any(not value.strip(".") or "/" in value or "%2F" in value.upper() or "?" in value
               or "#" in value for value in call.path.values()):  # fmt: skip
            # Another address than this operation's.
            checks = [not_a_server_error]
        case = operation.Case(
            path_parameters=call.path, query=call.query,
            body=NOT_SET if call.body is None else call.body,
        )  # fmt: skip
        try:
            case.validate_response(answer, checks=checks)
        except (Failure, FailureGroup) as failure:
            shown = failure.exceptions if isinstance(failure, FailureGroup) else [failure]
            for one in shown:
                said = f"{one.title} {one.message}"[:400] if isinstance(one, Failure) else str(one)
                self.tally.wrong.append(
                    f"{name} ({kind}) {answer.status_code} {said}\n"
                    f"    {request.method} {request.url} {request.content[:300]!r}\n"
                    f"    {answer.text[:300]}"
                )


def generated(operation: Any, count: int, seed: int, mode: GenerationMode) -> list[Case]:
    """Cases of one operation, always the same for a seed."""
    found: list[Case] = []
    if count <= 0:
        return found

    @seeded(seed)
    @settings(
        max_examples=count, database=None, phases=[Phase.generate], deadline=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(operation.as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        found.append(case)

    with contextlib.suppress(Exception):
        # An operation without parameters cannot be called against its schema.
        collect()
    return found


def _headers(case: Case) -> dict[str, str]:
    found = {}
    for name, value in (case.headers or {}).items():
        if name.lower() != "authorization":
            with contextlib.suppress(UnicodeEncodeError):
                str(value).encode("ascii")
                found[name] = str(value).strip()
    return found


def _some(query: dict[str, Any], source: random.Random) -> dict[str, Any]:
    names = sorted(query)
    chosen = source.choice(names) if names else None
    return {chosen: query[chosen]} if chosen else {}


def _form(body: Any) -> dict[str, str]:
    if not isinstance(body, dict):
        return {"x": str(body)}
    return {str(k): str(v) for k, v in body.items() if k != "file"}
