"""Ask everyone for a signature, take it by link, code and face, and say when it is complete."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app import clock
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import TooManyCodes, TooManyTries
from app.identity.sessions.rules import same
from app.ids import new_id
from app.queries import load
from app.work import Work
from onboarding.signatures import rules
from onboarding.signatures.model import (
    CodeComing,
    LinkRow,
    NotAgreed,
    Offered,
    Signatory,
    Signature,
    SignatureAsked,
    SignatureNotFound,
    SignatureOffered,
    SignatureRow,
    SigningCodeAsked,
    SigningCodeWrong,
    SigningLinkUnknown,
    SigningPage,
    TextChanged,
    TextRow,
    TextSigned,
)

sql = load(__name__)

TEXT = "onboarding.signed_texts.body"
WHO = "onboarding.signatures.private"
LINK = "onboarding.signatures.link_sealed"
CODE = "onboarding.signatures.code_sealed"
FACE = "onboarding.signatures.picture"


# --- the firm's side ----------------------------------------------------------------------------


async def ask(
    work: Work,
    *,
    subject_id: UUID,
    version: int,
    title: str,
    firm: str,
    body: str,
    signatories: Sequence[Signatory],
) -> list[Signature]:
    """Ask everyone for this version of the text, once; the same version again asks nobody anew."""
    if await _rows(work, subject_id, version):
        return await signatures(work, subject_id=subject_id, version=version)
    at, asked = clock.now(), rules.merged(signatories)
    ids, links = [new_id() for _ in asked], [_new_link() for _ in asked]
    sha256 = rules.digest(body)
    await work.run(
        sql.add_text, subject_id=subject_id, version=version, title=title, firm=firm,
        sha256=sha256,
        body=await work.vault.seal(
            work, body, scope=work.business_id, place=TEXT, row_id=subject_id
        ),
    )  # fmt: skip
    await work.run(
        sql.add_signatures, subject_id=subject_id, version=version, ids=ids, sha256=sha256, at=at,
        expires_at=at + rules.LINK_LIFE,
        capacities=[",".join(one.capacities) for one in asked],
        signer_indexes=[work.vault.blind_index("signatory", one.id_number) for one in asked],
        privates=[
            await work.vault.seal_bytes(work, msgspec.json.encode(one), **_at(work, WHO, row_id))
            for row_id, one in zip(ids, asked, strict=True)
        ],
        links=[
            await work.vault.seal(work, link, **_at(work, LINK, row_id))
            for row_id, link in zip(ids, links, strict=True)
        ],
    )  # fmt: skip
    await _add_links(work, ids, links, link_no=1, at=at)
    await work.record("signatures.asked", object_id=subject_id, version=version, count=len(ids))
    return await signatures(work, subject_id=subject_id, version=version)


async def _add_links(
    work: Work, ids: list[UUID], links: list[str], *, link_no: int, at: datetime
) -> None:
    await work.run(
        sql.add_links, checks=[_check(work, link) for link in links], signature_ids=ids,
        link_no=link_no, at=at,
    )  # fmt: skip
    for row_id in ids:
        await work.emit(SignatureAsked(signature_id=row_id, link_no=link_no))


def _new_link() -> str:
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


def _check(work: Work, link: str) -> bytes:
    return work.vault.blind_index("signing link", link)


def _at(work: Work, place: str, row_id: UUID) -> dict[str, Any]:
    return {"scope": work.business_id, "place": place, "row_id": row_id}


async def _rows(work: Work, subject_id: UUID, version: int) -> list[SignatureRow]:
    return await work.all(SignatureRow, sql.signatures, subject_id=subject_id, version=version)


async def _signer(work: Work, row: SignatureRow) -> Signatory:
    opened = await work.vault.open_bytes(
        work, row.private, scope=work.business_id, place=WHO, row_id=row.id
    )
    return msgspec.json.decode(opened, type=Signatory)


async def signatures(work: Work, *, subject_id: UUID, version: int) -> list[Signature]:
    """Everyone who was asked for this version and how far they are; names and phones masked."""
    rows = await _rows(work, subject_id, version)
    return [rules.shown(row, await _signer(work, row)) for row in rows]


async def is_complete(work: Work, *, subject_id: UUID, version: int) -> bool:
    """Whether everyone has been asked for this very version, and has signed it."""
    return rules.complete(await _rows(work, subject_id, version))


async def void(work: Work, *, subject_id: UUID) -> None:
    """The text has changed: open links lead nowhere; what was signed counts for its version."""
    await work.run(sql.void, subject_id=subject_id)


async def remind(work: Work, *, subject_id: UUID, version: int, signature_id: UUID) -> None:
    """A new link for somebody who has not signed; the one before leads nowhere.

    SignatureNotFound unless they are asked for this version of this text."""
    row = await work.maybe(SignatureRow, sql.lock_signature, id=signature_id)
    mine = row is not None and (row.subject_id, row.version) == (subject_id, version)
    if row is None or not mine or row.state not in ("asked", "refused"):
        raise SignatureNotFound(signature_id=signature_id)
    at, link = clock.now(), _new_link()
    await work.run(
        sql.relink, id=row.id, expires_at=at + rules.LINK_LIFE,
        link_sealed=await work.vault.seal(
            work, link, scope=work.business_id, place=LINK, row_id=row.id
        ),
    )  # fmt: skip
    await _add_links(work, [row.id], [link], link_no=row.link_no + 1, at=at)
    await work.record("signature.asked_again", object_id=row.id)


# --- whoever holds the link ---------------------------------------------------------------------


async def _enter(work: Work, link: str, *, lock: bool = True) -> SignatureRow:
    """Act in the firm the link belongs to; SigningLinkUnknown."""
    found = await work.maybe(LinkRow, sql.link, link_check=_check(work, link))
    if found is None:
        raise SigningLinkUnknown()
    await work.set_business(found.business_id)
    query = sql.lock_signature if lock else sql.signature
    row = await work.maybe(SignatureRow, query, id=found.signature_id)
    if row is None or row.link_no != found.link_no or row.state == "void":
        raise SigningLinkUnknown()
    return row


async def read(work: Work, *, link: str) -> SigningPage:
    """The text word for word, and how far this signature is."""
    row = await _enter(work, link, lock=False)
    text = await work.one(TextRow, sql.text, subject_id=row.subject_id, version=row.version)
    body = await work.vault.open(
        work, text.body, scope=work.business_id, place=TEXT, row_id=row.subject_id
    )
    return rules.page(
        row, await _signer(work, row), title=text.title, firm=text.firm, body=body
    )  # fmt: skip


async def shown(work: Work, *, link: str) -> tuple[SigningPage, rules.Stage, int]:
    """The page of a link: what it shows, what it is about now, and how many faces may differ."""
    page = await read(work, link=link)
    return page, rules.stage(page, at=clock.now()), rules.FACES


async def check_open(work: Work, *, link: str) -> None:
    """Whether one may sign by this link now; SigningOver, SigningLinkOver."""
    rules.usable(await _enter(work, link, lock=False), at=clock.now())


async def send_code(work: Work, *, link: str) -> CodeComing:
    """Have a code sent to the phone of whoever is asked; TooManyCodes."""
    row = await _enter(work, link)
    at = clock.now()
    rules.usable(row, at=at)
    wait = await sessions.take_attempt(work, window=rules.CODES, subject=row.id.bytes)
    if wait is not None:
        raise TooManyCodes(retry_after=wait)
    code = f"{secrets.randbelow(10**6):06d}"
    await work.run(
        sql.set_code, id=row.id, code_check=_code_check(work, row.id, code),
        code_expires_at=at + rules.CODE_LIFE,
        code_sealed=await work.vault.seal(
            work, code, scope=work.business_id, place=CODE, row_id=row.id
        ),
    )  # fmt: skip
    await work.emit(SigningCodeAsked(signature_id=row.id, code_no=row.code_no + 1))
    return CodeComing(valid_seconds=int(rules.CODE_LIFE.total_seconds()))


def _code_check(work: Work, row_id: UUID, code: str) -> bytes:
    return work.vault.blind_index("signing code", f"{row_id}:{code}")


async def take_try(work: Work, *, link: str) -> None:
    """Count a try; in a transaction of its own, so that no failure undoes it. TooManyTries."""
    row = await _enter(work, link, lock=False)
    wait = await sessions.take_attempt(work, window=rules.TRIES, subject=row.id.bytes)
    if wait is not None:
        raise TooManyTries(retry_after=wait)


async def offer(work: Work, *, link: str, offered: Offered) -> SigningPage:
    """Take a signature: link, digest and code are right; the face is compared by job.

    SigningOver, SigningLinkOver, TextChanged, NotAgreed, SigningCodeWrong."""
    row = await _enter(work, link)
    at = clock.now()
    rules.usable(row, at=at)
    if bytes.fromhex(offered.sha256) != row.sha256:
        raise TextChanged()
    if not offered.agreed:
        raise NotAgreed()
    in_force = row.code_expires_at is not None and row.code_expires_at > at
    if row.code_check is None or not in_force:
        raise SigningCodeWrong()
    if not same(row.code_check, _code_check(work, row.id, offered.code)):
        raise SigningCodeWrong()
    await work.run(
        sql.offer, id=row.id, at=at,
        picture=await work.vault.seal_bytes(
            work, offered.picture, scope=work.business_id, place=FACE, row_id=row.id
        ),
    )  # fmt: skip
    await sessions.forget_attempts(work, window=rules.TRIES, subject=row.id.bytes)
    await work.emit(SignatureOffered(signature_id=row.id))
    await work.record("signature.offered", object_id=row.id, version=row.version)
    return await read(work, link=link)


# --- what the jobs carry outside ----------------------------------------------------------------


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """A text message on its way."""

    phone: str
    text: str


class FaceToCheck(msgspec.Struct, frozen=True, kw_only=True):
    """What the identity check compares: in memory only."""

    reference: str
    name: str
    id_number: str
    picture: bytes


async def _row_and_text(work: Work, signature_id: UUID) -> tuple[SignatureRow, TextRow, str]:
    row = await work.one(SignatureRow, sql.signature, id=signature_id)
    text = await work.one(TextRow, sql.text, subject_id=row.subject_id, version=row.version)
    return row, text, (await _signer(work, row)).phone


async def link_to_send(work: Work, *, signature_id: UUID, link_no: int) -> Message | None:
    """The message with the link, or None once it has been sent or replaced."""
    sealed = await work.maybe(bytes, sql.link_to_send, id=signature_id, link_no=link_no)
    if sealed is None:
        return None
    row, text, phone = await _row_and_text(work, signature_id)
    link = await work.vault.open(
        work, sealed, scope=work.business_id, place=LINK, row_id=row.id
    )  # fmt: skip
    url = f"{work.settings.public_url}/signing/{link}"
    return Message(
        phone=phone, text=rules.link_message(firm=text.firm, title=text.title, url=url)
    )  # fmt: skip


async def link_was_sent(work: Work, *, signature_id: UUID, link_no: int) -> None:
    """Forget the link that the message needed."""
    await work.run(sql.link_was_sent, id=signature_id, link_no=link_no)


async def code_to_send(work: Work, *, signature_id: UUID, code_no: int) -> Message | None:
    """The message with the code, or None once it has been sent or replaced."""
    sealed = await work.maybe(bytes, sql.code_to_send, id=signature_id, code_no=code_no)
    if sealed is None:
        return None
    row, text, phone = await _row_and_text(work, signature_id)
    code = await work.vault.open(
        work, sealed, scope=work.business_id, place=CODE, row_id=row.id
    )  # fmt: skip
    return Message(phone=phone, text=rules.code_message(title=text.title, code=code))


async def code_was_sent(work: Work, *, signature_id: UUID, code_no: int) -> None:
    """Forget the code that the message needed."""
    await work.run(sql.code_was_sent, id=signature_id, code_no=code_no)


async def face_to_check(work: Work, *, signature_id: UUID) -> FaceToCheck | None:
    """The face to compare under our reference of this try; None once it has been compared."""
    sealed = await work.maybe(bytes, sql.picture, id=signature_id)
    if sealed is None:
        return None
    row = await work.one(SignatureRow, sql.signature, id=signature_id)
    signer = await _signer(work, row)
    return FaceToCheck(
        reference=f"{row.id}.{row.tries}", name=signer.name, id_number=signer.id_number,
        picture=await work.vault.open_bytes(
            work, sealed, scope=work.business_id, place=FACE, row_id=row.id
        ),
    )  # fmt: skip


async def take_face(
    work: Work, *, signature_id: UUID, reference: str, matched: bool, score_ppm: int, code: str
) -> None:
    """The identity check's answer: the signature is made, or may be tried again."""
    row = await work.maybe(SignatureRow, sql.lock_signature, id=signature_id)
    if row is None or row.state != "proving" or reference != f"{row.id}.{row.tries}":
        return
    if not matched:
        await work.run(sql.fail, id=row.id, state=rules.after_face(row.tries), code=code)
        await work.record("signature.face_differs", object_id=row.id, code=code)
        return
    await work.one(bool, sql.lock_text, subject_id=row.subject_id, version=row.version)
    await work.run(
        sql.sign, id=row.id, subject_id=row.subject_id, version=row.version, at=clock.now(),
        face_reference=reference, score_ppm=score_ppm,
    )  # fmt: skip
    await work.progress(row.subject_id, "signature", signature_id=str(row.id), state="signed")
    await work.record("signature.made", object_id=row.id, version=row.version)
    if await is_complete(work, subject_id=row.subject_id, version=row.version):
        await work.emit(TextSigned(subject_id=row.subject_id, version=row.version))
