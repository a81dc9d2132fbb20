"""What is signed, what a link may still do, and what the messages say."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal

from app.identity.sessions.model import Window
from app.vault import mask_name, mask_phone
from onboarding.signatures.model import (
    Signatory,
    Signature,
    SignatureRow,
    SigningLinkOver,
    SigningOver,
    SigningPage,
)

Stage = Literal["open", "expired", "proving", "signed", "refused", "void"]
LINK_LIFE = timedelta(days=7)
CODE_LIFE = timedelta(minutes=5)
# After so many faces that differ, the firm has to ask anew.
FACES = 3
CODES = Window(kind="signing codes", limit=5, seconds=600)
TRIES = Window(kind="signing tries", limit=5, seconds=900)


def digest(body: str) -> bytes:
    """SHA-256 of a text word for word: what is signed."""
    return hashlib.sha256(body.encode()).digest()


def merged(asked: Sequence[Signatory]) -> list[Signatory]:
    """Everyone once, by number, with all their capacities in the order they came."""
    found: dict[str, Signatory] = {}
    for one in asked:
        known = found.get(one.id_number)
        capacities = [*(known.capacities if known else []), *one.capacities]
        found[one.id_number] = Signatory(
            name=one.name, id_number=one.id_number, phone=known.phone if known else one.phone,
            capacities=list(dict.fromkeys(capacities)),
        )  # fmt: skip
    return list(found.values())


def usable(row: SignatureRow, *, at: datetime) -> None:
    """Whether one may sign by this link now; SigningOver, SigningLinkOver."""
    if row.state != "asked":
        raise SigningOver(state=row.state)
    if row.expires_at <= at:
        raise SigningLinkOver(expired_at=row.expires_at.isoformat())


def complete(rows: Sequence[SignatureRow]) -> bool:
    """Whether everyone who was asked has signed."""
    return bool(rows) and all(row.state == "signed" for row in rows)


def after_face(tries: int) -> str:
    """The state after a face that differs: once more, or the firm asks anew."""
    return "refused" if tries % FACES == 0 else "asked"


def shown(row: SignatureRow, signer: Signatory) -> Signature:
    """A signature as the firm follows it."""
    return Signature(
        id=row.id, version=row.version, name=mask_name(signer.name),
        phone=mask_phone(signer.phone), capacities=row.capacities, state=row.state,
        expires_at=row.expires_at, signed_at=row.signed_at, last_code=row.last_code,
    )  # fmt: skip


def page(row: SignatureRow, signer: Signatory, *, title: str, firm: str, body: str) -> SigningPage:
    """What the holder of a link is shown."""
    return SigningPage(
        title=title, version=row.version, firm=firm, signer=mask_name(signer.name),
        phone=mask_phone(signer.phone),
        capacities=row.capacities, text=body, sha256=row.sha256.hex(), state=row.state,
        expires_at=row.expires_at, signed_at=row.signed_at, last_code=row.last_code,
    )  # fmt: skip


def stage(page: SigningPage, *, at: datetime) -> Stage:
    """What the page of a link is about now: signing, waiting, the receipt, or that it is over."""
    if page.state == "asked":
        return "expired" if page.expires_at <= at else "open"
    return page.state


def link_message(*, firm: str, title: str, url: str) -> str:
    """The text message that brings the link."""
    days = LINK_LIFE.days
    return f"【小微】{firm}请您签署《{title}》，请在{days}日内打开 {url} 办理。如非本人相关请忽略。"


def code_message(*, title: str, code: str) -> str:
    """The text message that brings the code, and what it is for."""
    return f"【小微】验证码{code}，用于签署《{title}》，5分钟内有效。请勿向任何人透露。"
