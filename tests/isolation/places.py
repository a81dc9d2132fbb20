"""Where an operation names an object: found in the OpenAPI document, not kept by hand."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from tests.isolation.callers import Call

Document = dict[str, Any]
NAMES_AN_OBJECT = re.compile(r"(_id|_ids|^number|^reference|^code|^party|^system|^cnaps)$")
# Names of an object that belong to nobody, or that everybody may know: place -> why. The same
# place with the same answer for everyone is no leak.
OPEN: dict[str, str] = {
    "path cnaps": "a calculator over public numbers",
    "path number": "a calculator over numbers that the caller has",
    "path amount_fen": "a calculator, not an object",
    "path code": "a branch, a public code of a firm, or a receipt's code, which is its own proof",
    "path link": "a link to sign by is its own proof, whoever holds it",
    "path part": "a word of three, not an object",
    "path system": "a word of seven; the signature decides",
    "path device_id": "a sign-in that a limit meets or not; an unknown one limits nothing",
    "body slot_id": "slots are the branch's, open to every firm",
    "body number": "a number of the bank's pool, or one that an office outside gave",
    "body code": "the code of an account in the firm's own chart, or one sent by SMS",
    "body reference": "a call-back's; only the signed outside may name one",
    "body resident_id": "a fact about a person, not an object",
    "body employees.[].resident_id": "a fact about a person, not an object",
    "body callback_id": "the outside's own counter",
    "body step_up_id": "looked at only where a payment needs one; another person's counts as none",
    "body client_id": "who the portal says it is; its key proves it",
    "body lines.[].party": "a free word of the firm's own books",
    "body vouchers.[].lines.[].party": "a free word of the firm's own books",
}  # fmt: skip

# Places that the one rightful call leaves empty because it fills another instead, and the test
# that probes them.
ELSEWHERE: dict[str, str] = {
    "POST /v1/schedules body to_account_id": "tests/flows/test_a_schedule_pays_each_date_once.py",
    "POST /v1/step-ups/{step_up_id}/confirm body key_id": "tests/flows/"
    "test_a_step_up_confirms_one_payment.py",
}


class Place(Struct, frozen=True):
    """A spot in a request that names an object."""

    where: str
    name: str

    @property
    def title(self) -> str:
        return f"{self.where} {self.name}"

    @property
    def is_open(self) -> bool:
        """Whether everyone may name what stands here."""
        name = self.name
        return f"{self.where} {name}" in OPEN or f"{self.where} {name.split('.')[-1]}" in OPEN

    def get(self, call: Call) -> Any:
        """What stands here, None if nothing does."""
        if self.where == "path":
            return call.path.get(self.name)
        if self.where == "query":
            return call.query.get(self.name)
        found = call.body
        for step in self.name.split("."):
            if found is None:
                return None
            found = (found or [None])[0] if step == "[]" else found.get(step)
        return found

    def put(self, call: Call, value: Any) -> Call:
        """The same call with another object here."""
        changed = copy.copy(call)
        if self.where == "path":
            changed.path = call.path | {self.name: value}
        elif self.where == "query":
            changed.query = call.query | {self.name: value}
        else:
            changed.body = copy.deepcopy(call.body)
            *steps, last = self.name.split(".")
            into = changed.body
            for step in steps:
                into = into[0] if step == "[]" else into[step]
            into[last] = value
        return changed


def operations(document: Document) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every operation as "GET /v1/…" with its description."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def places(operation: dict[str, Any], document: Document) -> list[Place]:
    """Every path parameter, and every query parameter and body field that names an object."""
    found = [
        Place(parameter["in"], parameter["name"])
        for parameter in operation.get("parameters", ())
        if parameter["in"] == "path"
        or (parameter["in"] == "query" and NAMES_AN_OBJECT.search(parameter["name"]))
    ]
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found += [
            Place("body", ".".join(path))
            for path in sorted(set(_fields(content["schema"], document)))
            if NAMES_AN_OBJECT.search(path[-1])
        ]
    return found


def _fields(
    shape: dict[str, Any], document: Document, at: tuple[str, ...] = (), seen: tuple[str, ...] = ()
) -> Iterator[tuple[str, ...]]:
    if "$ref" in shape:
        name = shape["$ref"].rpartition("/")[2]
        if name not in seen:
            shape = document["components"]["schemas"][name]
            yield from _fields(shape, document, at, (*seen, name))
        return
    for union in ("oneOf", "anyOf", "allOf"):
        for option in shape.get(union, ()):
            yield from _fields(option, document, at, seen)
    for name, part in shape.get("properties", {}).items():
        yield (*at, name)
        yield from _fields(part, document, (*at, name), seen)
    if isinstance(shape.get("items"), dict):
        yield from _fields(shape["items"], document, (*at, "[]"), seen)
