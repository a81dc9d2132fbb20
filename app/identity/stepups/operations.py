"""Ask for a confirmation, take it, and use it once in the transaction that it is for."""

from __future__ import annotations

import os
import secrets
from typing import NamedTuple
from uuid import UUID

from app import clock
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import TooManyCodes, TooManyTries
from app.identity.sessions.rules import same
from app.identity.stepups import rules
from app.identity.stepups.model import (
    Confirmation,
    DeviceKey,
    Facts,
    KeyKnown,
    KeyNotFound,
    NewDeviceKey,
    SealedMessage,
    StepUp,
    StepUpAsked,
    StepUpNeeded,
    StepUpNotFound,
    StepUpRefused,
    StepUpRow,
    StoredKey,
)
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
TEXT = "identity.step_ups.text_sealed"
CODE = "identity.step_ups.code_sealed"
PHONE = "identity.people.phone_sealed"
REGISTER = "device key"


def _person(work: Work) -> UUID:
    person_id = work.actor.person_id
    assert person_id is not None, "people confirm"
    return person_id


def _content(work: Work, action: str, facts: Facts) -> bytes:
    return rules.content(action, facts, business_id=work.tenant, channel=work.actor.session_id)


async def ask(work: Work, *, action: str, facts: Facts, text: str) -> StepUp:
    """Have a code sent that confirms exactly these facts; `text` says them to the person.

    TooManyCodes when too many have been asked for."""
    person_id, at = _person(work), clock.now()
    window = rules.asked_window(development=work.settings.development)
    wait = await sessions.take_attempt(work, window=window, subject=person_id.bytes)
    if wait is not None:
        raise TooManyCodes(retry_after=wait)
    step_up_id, code = new_id(), f"{secrets.randbelow(10**6):06d}"
    nonce = os.urandom(rules.NONCE_BYTES)
    mine = {"scope": person_id, "row_id": step_up_id}
    await work.run(
        sql.add_step_up,
        id=step_up_id,
        action=action,
        bound=rules.bound(nonce, _content(work, action, facts)),
        nonce=nonce,
        text_sealed=await work.vault.seal(work, text, place=TEXT, **mine),
        code_check=_check(work, step_up_id, code),
        code_sealed=await work.vault.seal(work, code, place=CODE, **mine),
        at=at,
        expires_at=at + rules.LIFE,
    )
    await work.emit(StepUpAsked(step_up_id=step_up_id, person_id=person_id))
    await work.record("step_up.asked", object_id=step_up_id, wanted=action)
    return await get(work, step_up_id=step_up_id)


def _check(work: Work, step_up_id: UUID, code: str) -> bytes:
    return work.vault.blind_index("step-up", f"{step_up_id}:{code}")


async def get(work: Work, *, step_up_id: UUID) -> StepUp:
    """A confirmation of the caller's, or StepUpNotFound."""
    row = await _find(work, step_up_id)
    text = await work.vault.open(
        work, row.text_sealed, scope=_person(work), place=TEXT, row_id=row.id
    )
    return StepUp(
        id=row.id,
        action=row.action,
        text=text,
        to_sign=rules.unpadded(rules.to_sign(row.id, row.bound)),
        state=rules.state(row, at=clock.now()),
        expires_at=row.expires_at,
    )


async def _find(work: Work, step_up_id: UUID) -> StepUpRow:
    row = await work.maybe(StepUpRow, sql.step_up, id=step_up_id)
    if row is None:
        raise StepUpNotFound(step_up_id=step_up_id)
    return row


async def take_try(work: Work) -> None:
    """Count a try of the caller's; in a transaction of its own, so that no failure undoes it.

    TooManyTries after five within a quarter of an hour, whatever is tried then."""
    wait = await sessions.take_attempt(work, window=rules.TRIES, subject=_person(work).bytes)
    if wait is not None:
        raise TooManyTries(retry_after=wait)


async def confirm(work: Work, *, step_up_id: UUID, given: Confirmation) -> StepUp:
    """Confirm by the code or by a device's signature; StepUpNotFound, StepUpRefused."""
    row = await _find(work, step_up_id)
    if rules.factor(given) == "code":
        right = same(row.code_check, _check(work, row.id, given.code or ""))
    else:
        right = await _signed(work, row, given)
    at = clock.now()
    if not right or not await work.run(sql.confirm, id=row.id, at=at, key_id=given.key_id):
        raise StepUpRefused()
    await sessions.forget_attempts(work, window=rules.TRIES, subject=_person(work).bytes)
    await work.record("step_up.confirmed", object_id=row.id, by_key=given.key_id is not None)
    return await get(work, step_up_id=row.id)


async def _signed(work: Work, row: StepUpRow, given: Confirmation) -> bool:
    """Whether a key in force of the caller signed this confirmation."""
    assert given.signature is not None
    key = await work.maybe(StoredKey, sql.active_key, id=given.key_id)
    return key is not None and rules.signed_by(
        key.public_key, given.signature, rules.to_sign(row.id, row.bound)
    )


async def use(work: Work, *, step_up_id: UUID | None, action: str, facts: Facts) -> None:
    """Use a confirmation up in this transaction; StepUpNeeded unless the caller confirmed exactly
    this, through this sign-in, within five minutes, and has not used it."""
    used = step_up_id is not None and await work.run(
        sql.use,
        id=step_up_id,
        action=action,
        content=_content(work, action, facts),
        at=clock.now(),
    )
    if not used:
        raise StepUpNeeded(action=action)


class Message(NamedTuple):
    """A text message on its way."""

    phone: str
    text: str


async def message_to_send(work: Work, *, step_up_id: UUID) -> Message | None:
    """The message of a confirmation, or None once it has been sent, used or has expired."""
    sealed = await work.maybe(SealedMessage, sql.message_to_send, id=step_up_id)
    if sealed is None or sealed.expires_at <= clock.now():
        return None
    person_id = _person(work)
    mine = {"scope": person_id, "row_id": step_up_id}
    phone = await work.vault.open(
        work, sealed.phone_sealed, scope=person_id, place=PHONE, row_id=person_id
    )
    text = await work.vault.open(work, sealed.text_sealed, place=TEXT, **mine)
    code = await work.vault.open(work, sealed.code_sealed, place=CODE, **mine)
    return Message(phone, rules.message(text, code))


async def message_was_sent(work: Work, *, step_up_id: UUID) -> None:
    """Forget the code that the message needed."""
    await work.run(sql.message_was_sent, id=step_up_id)


def _key_facts(new: NewDeviceKey) -> Facts:
    return {"name": new.name, "public_key": new.public_key}


async def ask_for_key(work: Work, *, new: NewDeviceKey) -> StepUp:
    """Ask for the confirmation that registering this key needs; KeyUnreadable, TooManyCodes."""
    rules.read_key(new.public_key)
    text = f"登记设备“{new.name}”用于确认付款"
    return await ask(work, action=REGISTER, facts=_key_facts(new), text=text)


async def register_key(work: Work, *, new: NewDeviceKey) -> DeviceKey:
    """Register this device's key; KeyUnreadable, StepUpNeeded, KeyKnown."""
    algorithm, public_key = rules.read_key(new.public_key)
    await use(work, step_up_id=new.step_up_id, action=REGISTER, facts=_key_facts(new))
    key_id = new_id()
    added = await work.run(
        sql.add_key,
        id=key_id,
        session_id=work.actor.session_id,
        name=new.name,
        algorithm=algorithm,
        public_key=public_key,
        at=clock.now(),
    )
    if not added:
        raise KeyKnown()
    await work.record("device_key.registered", object_id=key_id)
    return next(key for key in await keys(work) if key.id == key_id)


async def keys(work: Work) -> list[DeviceKey]:
    """The caller's device keys, newest first."""
    return await work.all(DeviceKey, sql.keys)


async def revoke_key(work: Work, *, key_id: UUID) -> None:
    """Take a device's key out of force at once; KeyNotFound unless it is the caller's."""
    if not await work.run(sql.revoke_key, id=key_id, at=clock.now()):
        raise KeyNotFound(key_id=key_id)
    await work.record("device_key.revoked", object_id=key_id)
