"""Messages in their envelopes as the clearing house reads and writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Struct

from app.outside.clearing_house import OUR_BANK, Letter, NewCredit
from app.outside.iso import credits, recalls, returns, xml
from app.outside.iso.credits import Settled
from app.outside.model import Outcome
from app.sandbox.system import Refused, Request, decode


def opened(path: str, content: bytes) -> bytes:
    """The message in an envelope as the request that it means; 422 names what is wrong."""
    letter = decode(content, Letter)
    try:
        if path == "credits":
            read: Struct = msgspec.convert(
                credits.read_transfer(letter.document), NewCredit, from_attributes=True
            )
        elif path == "returns":
            read = returns.read_return(letter.document)
        else:
            read = recalls.read_request(letter.document)
    except (xml.Unreadable, msgspec.ValidationError) as wrong:
        raise Refused(422, "malformed", str(wrong)) from wrong
    if read.reference != letter.reference:  # type: ignore[attr-defined]
        raise Refused(422, "malformed", "the envelope names another reference")
    return msgspec.json.encode(read)


def answered(path: str, outcome: dict[str, Any], request: Request | None) -> Letter:
    """What became of a credit, a return or a recall as the message that says so."""
    reference = outcome["reference"]
    at = datetime.fromtimestamp(request.due_at, UTC) if request else datetime.now(UTC)
    if path == "recalls":
        return Letter(reference=reference, document=_of_recall(outcome, request, at=at))
    of = credits.TRANSFER if path == "credits" else credits.RETURN
    said = msgspec.convert(outcome, Outcome[Settled])
    return Letter(reference=reference, document=credits.write_outcome(said, at=at, of=of))


def _of_recall(outcome: dict[str, Any], request: Request | None, *, at: datetime) -> str:
    said: Outcome[Any] = msgspec.convert(outcome, Outcome[None])
    if said.state == "unknown" or request is None:
        raise Refused(503, "busy")
    return recalls.write_answer(
        said,
        about=request.body["about"],
        our_bank=OUR_BANK,
        their_bank=request.body["their_bank"],
        at=at,
    )
