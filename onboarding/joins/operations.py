"""Ask to join, compare with the register, have the legal representative sign, and let in."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app.identity import operations as identity
from app.identity.model import BusinessExists
from app.ids import new_id
from app.queries import load
from app.vault import mask_phone, mask_resident_id
from app.work import Work
from onboarding.forms.model import MaskedPerson
from onboarding.joins import rules
from onboarding.joins.model import (
    AlreadyJoining,
    FirmJoined,
    Join,
    JoinAsked,
    JoinFaulty,
    JoinNotFound,
    JoinRefused,
    JoinRow,
    NewJoin,
    Private,
    RegisterEntry,
)
from onboarding.signatures import operations as signatures
from onboarding.signatures.model import Signatory

sql = load(__name__)

SEALED = "onboarding.joins.private"
# The text is one: a join is never changed, another is begun.
VERSION = 1


async def create(work: Work, *, new: NewJoin) -> Join:
    """Ask to act here for a firm that exists; JoinFaulty, AlreadyJoining.

    Whether the firm banks here already is told only to who proves that it is theirs."""
    if found := rules.faults(new, today=work.today):
        raise JoinFaulty(findings=msgspec.to_builtins(found))
    if not await _goes_on(work):
        await identity.found_business(work, name=new.uscc)
    elif any(row.state != "refused" for row in await work.all(JoinRow, sql.joins)):
        raise AlreadyJoining(business_id=work.business_id)
    join_id = new_id()
    private = Private(legal_representative=new.legal_representative)
    await work.run(
        sql.add_join, id=join_id, uscc=new.uscc, private=await _seal(work, join_id, private)
    )  # fmt: skip
    await work.emit(JoinAsked(join_id=join_id))
    await work.record("join.asked", object_id=join_id)
    return await get(work, join_id=join_id)


async def _goes_on(work: Work) -> bool:
    """Whether the caller's own firm is one that waits to be let in."""
    if work.tenant is None or work.actor.role != "owner":
        return False
    if (await identity.business(work)).state != "forming":
        return False
    return bool(await work.all(JoinRow, sql.joins))


async def _seal(work: Work, join_id: UUID, private: Private) -> bytes:
    return await work.vault.seal_bytes(
        work, msgspec.json.encode(private), scope=work.business_id, place=SEALED, row_id=join_id
    )


async def _open(work: Work, row: JoinRow) -> Private:
    opened = await work.vault.open_bytes(
        work, row.private, scope=work.business_id, place=SEALED, row_id=row.id
    )
    return msgspec.json.decode(opened, type=Private)


async def to_look_up(work: Work, *, join_id: UUID) -> str | None:
    """The code to ask the register for; None once that is answered."""
    row = await work.one(JoinRow, sql.join, id=join_id)
    return row.uscc if row.state == "asked" else None


async def take_register(work: Work, *, join_id: UUID, entry: RegisterEntry | None) -> None:
    """What the register says: the legal representative is asked to sign, or it ends here."""
    row = await work.one(JoinRow, sql.lock_join, id=join_id)
    if row.state != "asked":
        return
    private = await _open(work, row)
    person = private.legal_representative
    refused = rules.refusal(entry, representative=person.name)
    if entry is None or refused is not None:
        await _finish(work, row, refused)
        return
    known = msgspec.structs.replace(private, register=entry)
    await work.run(sql.prove, id=join_id, private=await _seal(work, join_id, known))
    owner = next(one for one in await identity.members(work) if one.role == "owner")
    await signatures.ask(
        work, subject_id=join_id, version=VERSION, title=rules.TITLE, firm=entry.name,
        body=rules.text(
            entry, uscc=row.uscc, name=person.name, id_number=person.id_number, phone=owner.phone
        ),
        signatories=[
            Signatory(
                name=person.name, id_number=person.id_number, phone=person.phone,
                capacities=["legal_representative"],
            )
        ],
    )  # fmt: skip
    await work.record("join.to_prove", object_id=join_id)


async def let_in(work: Work, *, join_id: UUID) -> None:
    """The legal representative has signed: the firm is registered here, unless it is already."""
    row = await work.maybe(JoinRow, sql.lock_join, id=join_id)
    if row is None or row.state != "proving":
        return
    entry = (await _open(work, row)).register
    assert entry is not None, "nobody is asked to sign before the register has answered"
    try:
        async with work.savepoint():
            await identity.register_business(work, uscc=row.uscc, name=entry.name)
    except BusinessExists:
        await _finish(work, row, "already_here")
        return
    await _finish(work, row, None)
    await work.emit(FirmJoined(join_id=join_id, uscc=row.uscc))


async def _finish(work: Work, row: JoinRow, refused: JoinRefused | None) -> None:
    state = "joined" if refused is None else "refused"
    await work.run(sql.finish, id=row.id, state=state, refused_code=refused)
    await work.progress(row.id, "join", state=state, code=refused)
    await work.record(f"join.{state}", object_id=row.id, code=refused)


async def remind(work: Work, *, join_id: UUID) -> Join:
    """Send the legal representative a new link; JoinNotFound, SignatureNotFound."""
    join = await get(work, join_id=join_id)
    for one in join.signatures:
        await signatures.remind(
            work, subject_id=join_id, version=VERSION, signature_id=one.id
        )  # fmt: skip
    return await get(work, join_id=join_id)


async def get(work: Work, *, join_id: UUID) -> Join:
    """A request as whoever made it follows it; JoinNotFound."""
    row = await work.maybe(JoinRow, sql.join, id=join_id)
    if row is None:
        raise JoinNotFound(join_id=join_id)
    return await _shown(work, row)


async def get_all(work: Work) -> list[Join]:
    """The firm's requests, newest first."""
    return [await _shown(work, row) for row in await work.all(JoinRow, sql.joins)]


async def joined(work: Work) -> tuple[str, Private] | None:
    """Code, register entry and legal representative of a firm that joined, for its application;
    None where nobody of the firm asks."""
    if work.actor.kind != "person":
        return None
    rows = [row for row in await work.all(JoinRow, sql.joins) if row.state == "joined"]
    return (rows[0].uscc, await _open(work, rows[0])) if rows else None


async def _shown(work: Work, row: JoinRow) -> Join:
    private = await _open(work, row)
    person = private.legal_representative
    entry = private.register if row.state == "joined" else None
    return Join(
        id=row.id, business_id=work.business_id, uscc=row.uscc, state=row.state,
        legal_representative=MaskedPerson(
            name=person.name, id_number=mask_resident_id(person.id_number),
            phone=mask_phone(person.phone),
        ),
        name=entry.name if entry else None,
        registered_on=entry.registered_on if entry else None,
        signatures=await signatures.signatures(work, subject_id=row.id, version=VERSION),
        refused_code=row.refused_code, acts=rules.acts(row.state), asked_at=row.asked_at,
        ended_at=row.ended_at,
    )  # fmt: skip
