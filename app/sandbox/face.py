"""Plays the identity check: names by resident id, and whether a picture is the same person."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, ClassVar

from msgspec import Struct

from app.outside.face import FaceResult, NewFaceCheck, NewIdentityCheck
from app.outside.model import Outcome, SystemName
from app.sandbox.identifiers import is_resident_id
from app.sandbox.system import Refused, Request, System, decode, done

MATCHED_FROM_PPM = 800_000
SMALLEST_PICTURE = 16


class SetPerson(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person of the population register; `looks_different` fails every comparison."""

    id_number: str
    name: str
    looks_different: bool = False


class Face(System):
    """The population register as far as anyone has asked."""

    name: ClassVar[SystemName] = "face"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "checks": ("check", NewFaceCheck, False),
        "identities": ("identity", NewIdentityCheck, False),
    }
    not_kept = frozenset({"picture"})

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.people: dict[str, str] = {}
        self._different: set[str] = set()

    def state(self) -> dict[str, Any]:
        """Names by number."""
        return {"people": self.people, "looks_different": sorted(self._different)}

    def decide(self, kind: str, new: NewFaceCheck | NewIdentityCheck) -> Outcome[FaceResult]:
        """Number, name and picture in this order; the first that is wrong is named."""
        if not is_resident_id(new.id_number):
            return self._differs(new, "id_number", "身份证件号码有误")
        if self.people.get(new.id_number, new.name) != new.name:
            return self._differs(new, "name", "姓名与证件号码不一致")
        if isinstance(new, NewIdentityCheck):
            return done(new.reference, FaceResult(matched=True, score_ppm=1_000_000))
        if len(new.picture) < SMALLEST_PICTURE:
            return self._differs(new, "picture", "未检测到人脸")
        if new.id_number in self._different:
            return self._differs(new, "face", "人脸比对不一致", score_ppm=412_000)
        score = MATCHED_FROM_PPM + 100_000 + hashlib.sha256(new.picture).digest()[0] * 300
        return done(new.reference, FaceResult(matched=True, score_ppm=score))

    def _differs(
        self, new: NewFaceCheck | NewIdentityCheck, code: str, reason: str, score_ppm: int = 0
    ) -> Outcome[FaceResult]:
        result = FaceResult(matched=False, score_ppm=score_ppm, code=code, reason=reason)
        return done(new.reference, result)

    def on_taken(self, request: Request) -> None:
        """A number is first heard of with its true name; the picture is not kept."""
        if request.decided["result"]["matched"]:
            self.people.setdefault(request.body["id_number"], request.body["name"])

    def simulate(self, what: str, body: bytes) -> Any:
        """`person`: the register knows somebody."""
        if what != "person":
            raise Refused(404, "no_such_simulation")
        order = decode(body, SetPerson)
        self.record_simulated(what, order)
        return order

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Keep the entry."""
        self.people[body["id_number"]] = body["name"]
        change = self._different.add if body["looks_different"] else self._different.discard
        change(body["id_number"])
