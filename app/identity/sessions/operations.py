"""Operations of sign-in: send a code, take it, open, renew and end sessions."""

from __future__ import annotations

import hashlib
import os
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from app import clock
from app.identity.sessions import rules
from app.identity.sessions.model import (
    CodeRequested,
    Door,
    PhoneCode,
    SealedCode,
    Session,
    SessionNotFound,
    SignedInDevice,
    Tokens,
    TooManyCodes,
    TooManyTries,
    Window,
    WrongCode,
)
from app.ids import new_id
from app.queries import load
from app.vault import HOUSE
from app.work import Work

sql = load(__name__)

CODE_SECONDS = int(rules.CODE_LIFE.total_seconds())


class Attempt(msgspec.Struct, frozen=True):
    """Which attempt of its window this is."""

    count: int
    since: datetime


async def take_attempt(work: Work, *, window: Window, subject: bytes) -> int | None:
    """Count an attempt before it is made: None if it is within the limit, else the seconds to
    wait. Whoever counts failures commits this before looking at what was tried."""
    at = clock.now()
    start = at - timedelta(seconds=window.seconds)
    attempt = await work.one(
        Attempt, sql.take_attempt, kind=window.kind, subject=subject, at=at, window_start=start
    )
    if attempt.count <= window.limit:
        return None
    return max(1, int((attempt.since - start).total_seconds()) + 1)


async def forget_attempts(work: Work, *, window: Window, subject: bytes) -> None:
    """A success wipes the slate of wrong tries."""
    await work.run(sql.forget_attempts, kind=window.kind, subject=subject)


async def ask_code(work: Work, *, phone: str, address: str) -> None:
    """Make a code and have it sent; whether the phone is known does not show."""
    phone_index = work.vault.blind_index("phone", phone)
    by_phone, by_address = rules.code_windows(development=work.settings.development)
    for window, subject in (
        (by_phone, phone_index),
        (by_address, work.vault.blind_index("address", address)),
    ):
        if (wait := await take_attempt(work, window=window, subject=subject)) is not None:
            raise TooManyCodes(retry_after=wait)
    code_id, code, at = new_id(), f"{secrets.randbelow(10**6):06d}", clock.now()
    place = {"scope": HOUSE, "row_id": code_id}
    await work.run(
        sql.add_code,
        id=code_id,
        phone_index=phone_index,
        phone_sealed=await work.vault.seal(
            work, phone, place="identity.phone_codes.phone_sealed", **place
        ),
        code_sealed=await work.vault.seal(
            work, code, place="identity.phone_codes.code_sealed", **place
        ),
        code_check=_code_check(work, code_id, code),
        made_at=at,
        expires_at=at + rules.CODE_LIFE,
    )
    await work.emit(CodeRequested(code_id=code_id))


def _code_check(work: Work, code_id: UUID, code: str) -> bytes:
    return work.vault.blind_index("code", f"{code_id}:{code}")


class Message(NamedTuple):
    """A text message on its way."""

    phone: str
    code: str


async def code_to_send(work: Work, *, code_id: UUID) -> Message | None:
    """The message of a code, or None once it has been sent, used or has expired."""
    sealed = await work.maybe(SealedCode, sql.code_to_send, id=code_id)
    if sealed is None or sealed.expires_at <= clock.now():
        return None
    place = {"scope": HOUSE, "row_id": code_id}
    return Message(
        await work.vault.open(
            work, sealed.phone_sealed, place="identity.phone_codes.phone_sealed", **place
        ),
        await work.vault.open(
            work, sealed.code_sealed, place="identity.phone_codes.code_sealed", **place
        ),
    )


async def code_was_sent(work: Work, *, code_id: UUID) -> None:
    """Forget the phone and the code that the message needed."""
    await work.run(sql.code_was_sent, id=code_id)


async def take_try(work: Work, *, phone: str) -> None:
    """Count a try of a code; in a transaction of its own, so that no failure undoes the count.

    TooManyTries after five within a quarter of an hour, whatever is tried then."""
    subject = work.vault.blind_index("phone", phone)
    wait = await take_attempt(work, window=rules.CODE_TRIES, subject=subject)
    if wait is not None:
        raise TooManyTries(retry_after=wait)


async def sign_in(work: Work, *, phone: str, code: str, device: str) -> Tokens:
    """Exchange a phone's newest code for tokens; a new phone makes a new person."""
    at, phone_index = clock.now(), work.vault.blind_index("phone", phone)
    newest = await work.maybe(PhoneCode, sql.newest_code, phone_index=phone_index, at=at)
    if newest is None:
        raise WrongCode()
    if not rules.same(newest.code_check, _code_check(work, newest.id, code)):
        raise WrongCode()
    await work.run(sql.use_code, id=newest.id, at=at)
    await forget_attempts(work, window=rules.CODE_TRIES, subject=phone_index)
    person_id = await person_of_phone(work, phone=phone)
    await work.set_person(person_id)
    await work.run(
        sql.add_person,
        at=at,
        phone_sealed=await work.vault.seal(
            work, phone, scope=person_id, place="identity.people.phone_sealed", row_id=person_id
        ),
    )
    return await start(work, door="person", holder_id=person_id, device=device)


async def person_of_phone(work: Work, *, phone: str) -> UUID:
    """The person this phone belongs to; an unknown phone gets a new person's id."""
    phone_index = work.vault.blind_index("phone", phone)
    found = await work.maybe(UUID, sql.find_person, phone_index=phone_index)
    if found is not None:
        return found
    await work.run(sql.bind_phone, phone_index=phone_index, new_person_id=new_id())
    return await work.one(UUID, sql.find_person, phone_index=phone_index)


async def act_as(work: Work, *, door: Door, holder_id: UUID) -> None:
    """From here on this transaction is the holder's own."""
    if door == "person":
        await work.set_person(holder_id)
        return
    await work.one(str, sql.act_as_staff, staff_id=str(holder_id))
    work.actor = msgspec.structs.replace(work.actor, kind="staff", staff_id=holder_id)


async def start(work: Work, *, door: Door, holder_id: UUID, device: str) -> Tokens:
    """Open a session and give its first tokens."""
    at, session_id = clock.now(), new_id()
    salt = os.urandom(16)
    await work.run(
        sql.start_session,
        holder_id=holder_id,
        id=session_id,
        door=door,
        device=device,
        salt=salt,
        at=at,
        ends_at=at + timedelta(days=rules.REFRESH_DAYS[door]),
    )
    await work.record("signed_in", object_id=session_id, door=door)
    return _tokens(work, door, holder_id, session_id, salt, 1)


def _proof(work: Work, session_id: UUID, salt: bytes, generation: int) -> bytes:
    return work.vault.blind_index("refresh", f"{session_id}:{generation}:{salt.hex()}")


def _tokens(
    work: Work, door: Door, holder_id: UUID, session_id: UUID, salt: bytes, generation: int
) -> Tokens:
    access = rules.access_token(
        rules.keys_of(work.vault.token_seeds),
        door=door,
        holder_id=holder_id,
        session_id=session_id,
        jti=new_id(),
        now=clock.now(),
    )
    proof = _proof(work, session_id, salt, generation)
    renewal = rules.refresh_token(
        holder_id=holder_id, session_id=session_id, generation=generation, proof=proof
    )
    return Tokens(access_token=access, refresh_token=renewal, expires_in=rules.ACCESS_SECONDS)


async def refresh(work: Work, *, door: Door, token: str) -> Tokens | None:
    """New tokens for a refresh token; None when it is refused, which must be committed: a token
    used again after its turn ends the session and everything made from it."""
    parts = rules.read_refresh_token(token)
    await act_as(work, door=door, holder_id=parts.holder_id)
    key = {"holder_id": parts.holder_id, "id": parts.session_id}
    session = await work.maybe(Session, sql.lock_session, door=door, **key)
    if session is None:
        return None
    if not rules.same(parts.proof, _proof(work, session.id, session.salt, parts.generation)):
        return None
    at = clock.now()
    match rules.turn(session, parts.generation, now=at):
        case "rotate":
            await work.run(sql.rotate_session, generation=parts.generation, at=at, **key)
        case "reuse":
            await end(work, holder_id=parts.holder_id, session_id=session.id, because="reuse")
            return None
        case "over":
            return None
    return _tokens(work, door, parts.holder_id, session.id, session.salt, parts.generation + 1)


async def end(work: Work, *, holder_id: UUID, session_id: UUID, because: str) -> bool:
    """End a session and tell every process; False if there was none in force."""
    ended = await work.run(
        sql.end_session, holder_id=holder_id, id=session_id, at=clock.now(), because=because
    )
    if ended:
        await revoke(work, kind="session", subject_id=session_id)
        await work.record("session_ended", object_id=session_id, because=because)
    return bool(ended)


async def sign_out(work: Work) -> None:
    """End the caller's own session; repeating it changes nothing."""
    holder_id, session_id = work.actor.person_id or work.actor.staff_id, work.actor.session_id
    assert holder_id is not None and session_id is not None
    await end(work, holder_id=holder_id, session_id=session_id, because="signed out")


async def devices(work: Work) -> list[SignedInDevice]:
    """Where the person is signed in, newest first."""
    return await work.all(
        SignedInDevice, sql.signed_in_devices, session_id=work.actor.session_id, at=clock.now()
    )


async def sign_out_device(work: Work, *, session_id: UUID) -> None:
    """End one of the person's own sessions, for example on a lost phone, whose key confirms nothing
    any more."""
    assert work.actor.person_id is not None
    if not await end(
        work, holder_id=work.actor.person_id, session_id=session_id, because="device removed"
    ):
        raise SessionNotFound(session_id=session_id)
    revoked = await work.run(sql.revoke_device_keys, session_id=session_id, at=clock.now())
    await work.record("device_keys.revoked", object_id=session_id, keys=revoked)


async def revoke(work: Work, *, kind: str, subject_id: UUID) -> None:
    """Make every process forget what it has cached of a session, person or client."""
    await work.run(sql.add_revocation, id=new_id(), kind=kind, subject_id=subject_id)


class Revocation(msgspec.Struct, frozen=True):
    """Something that is no longer to be believed."""

    id: UUID
    kind: str
    subject_id: UUID


async def revocations(work: Work, *, since: datetime) -> list[Revocation]:
    """What was revoked since a moment."""
    return await work.all(Revocation, sql.revocations_since, since=since)


async def first_use(
    work: Work, *, kind: str, subject_id: UUID, value: str, expires_at: datetime
) -> bool:
    """True the first time a value is used by its subject; long values count by their hash."""
    digest = hashlib.sha256(value.encode()).hexdigest()
    return bool(
        await work.run(
            sql.use_once, kind=kind, subject_id=subject_id, value=digest, expires_at=expires_at
        )
    )


async def forget_expired(work: Work) -> None:
    """Delete what no decision can need any more."""
    at = clock.now()
    await work.run(sql.expire_codes, before=at - timedelta(hours=1))
    await work.run(sql.expire_attempts, before=at - timedelta(days=1))
    await work.run(sql.expire_revocations, before=at - timedelta(hours=1))
    await work.run(sql.expire_used_once, before=at - timedelta(minutes=10))
