"""The identity check (联网核查): does this face belong to this name and resident id?"""

from __future__ import annotations

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire


class NewFaceCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name, number and the picture taken; the picture travels as base64."""

    reference: Reference
    name: str
    id_number: str
    picture: bytes


class NewIdentityCheck(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Name and number alone, where nobody was filmed."""

    reference: Reference
    name: str
    id_number: str


class FaceResult(Struct, frozen=True, kw_only=True):
    """The comparison: `score_ppm` of a million, matched from 800,000."""

    matched: bool
    score_ppm: int
    code: str = ""
    reason: str = ""


class Face:
    """Requests to the identity check."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def check(self, new: NewFaceCheck) -> Outcome[FaceResult]:
        """Compare; a name that does not fit the number is a result, not an error."""
        return await self._wire.post("/checks", new, Outcome[FaceResult])

    async def identify(self, new: NewIdentityCheck) -> Outcome[FaceResult]:
        """Does the name belong to the number, as the population register has it?"""
        return await self._wire.post("/identities", new, Outcome[FaceResult])
