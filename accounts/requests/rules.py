"""What a request takes, whether it still stands, and what a stranger may see of it."""

from datetime import datetime

from msgspec.structs import asdict

from accounts.parties.rules import tail
from accounts.requests.model import (
    Asked,
    Landing,
    Listed,
    NewRequest,
    Request,
    RequestAmountMissing,
    RequestAmountWrong,
    RequestEnded,
    RequestPaid,
    State,
    StoredRequest,
)
from app.errors import XiaoweiError

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
REFUSALS: dict[str, type[XiaoweiError]] = {
    "cancelled": RequestEnded,
    "expired": RequestEnded,
    "paid": RequestPaid,
    "too_much": RequestAmountWrong,
    "in_parts": RequestAmountWrong,
}


def sound(new: NewRequest) -> None:
    """Raise RequestAmountMissing unless the amount fits the kind."""
    if (new.kind == "counter") != (new.amount_fen is None) or (
        new.kind == "counter" and (new.partial or new.payer_account_number is not None)
    ):
        raise RequestAmountMissing(kind=new.kind)


def amount(asked: Listed, given_fen: int | None) -> int:
    """What is to be paid: the amount asked for unless the payer names a part or fills it in."""
    if asked.amount_fen is None:
        if given_fen is None:
            raise RequestAmountWrong(asked_fen=None)
        return given_fen
    if given_fen is None or given_fen == asked.amount_fen:
        return asked.amount_fen
    if not asked.partial or given_fen > asked.amount_fen:
        raise RequestAmountWrong(asked_fen=asked.amount_fen, partial=asked.partial)
    return given_fen


def stands(asked: Listed, *, now: datetime) -> bool:
    """Whether the request is neither cancelled nor expired."""
    return asked.closed_at is None and (asked.expires_at is None or now < asked.expires_at)


def state(stored: StoredRequest, *, now: datetime) -> State:
    """Where a request stands: what was paid counts before what has passed."""
    if stored.amount_fen is not None and stored.paid_fen >= stored.amount_fen:
        return "paid"
    if stored.cancelled_at is not None:
        return "cancelled"
    if stored.expires_at is not None and stored.expires_at <= now:
        return "expired"
    return "open"


def shown(stored: StoredRequest, *, now: datetime, public_url: str) -> Request:
    """The request as the firm that made it sees it."""
    known = asdict(stored)
    del known["cancelled_at"]
    return Request(**known, state=state(stored, now=now), link=f"{public_url}/pay/{stored.code}")


def to_payer(asked: Listed, *, now: datetime) -> Asked:
    """The request as a signed-in payer sees it."""
    return Asked(
        code=asked.code,
        payee_name=asked.payee_name,
        payee_account_tail=tail(asked.payee_number),
        kind=asked.kind,
        amount_fen=asked.amount_fen,
        partial=asked.partial,
        purpose=asked.purpose,
        memo=asked.memo,
        reference=asked.reference,
        expires_at=asked.expires_at,
        payable=stands(asked, now=now),
    )


def to_stranger(asked: Listed, *, now: datetime) -> Landing:
    """The request as anybody who holds its code sees it; one to a named firm shows no amount."""
    return Landing(
        payee_name=asked.payee_name,
        amount_fen=asked.amount_fen if asked.payer_business_id is None else None,
        kind=asked.kind,
        payable=stands(asked, now=now),
    )
