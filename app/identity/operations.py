"""Operations on businesses, their members, and the person signed in."""

from __future__ import annotations

from uuid import UUID

from app.actor import Role
from app.identity import rules
from app.identity.model import (
    BANK,
    Business,
    BusinessExists,
    BusinessNotFound,
    BusinessState,
    Identity,
    Me,
    Member,
    MemberRow,
    NewMember,
    PersonRow,
    Place,
    RoleChange,
    RoleRow,
)
from app.identity.sessions import operations as sessions
from app.ids import new_id
from app.queries import load
from app.vault import mask_name, mask_phone, mask_resident_id
from app.work import Work

sql = load(__name__)

BEFORE_ALL = UUID(int=0)
PHONE_AT_FIRM = "identity.memberships.phone_sealed"


async def found_business(work: Work, *, name: str) -> UUID:
    """A new firm in state `forming`, the caller its owner; the work acts in it from here on."""
    business_id, person_id = new_id(), work.actor.person_id
    assert person_id is not None
    await work.set_business(business_id)
    await work.run(sql.add_business, name=name)
    phone = await _own_phone(work, person_id)
    await _add_member(work, person_id=person_id, phone=phone, role="owner")
    await work.record("business_founded", object_id=business_id)
    return business_id


async def found_bank(work: Work, *, name: str, uscc: str) -> bool:
    """The bank's own firm; False if it stands already."""
    await work.set_business(BANK)
    return bool(await work.run(sql.add_bank, name=name, uscc=uscc))


async def take_in_business(work: Work, *, name: str, phone: str) -> None:
    """A firm that a portal sends in, `forming` in the work's tenant; who has the phone owns it."""
    await work.run(sql.add_business, name=name)
    person_id = await sessions.person_of_phone(work, phone=phone)
    await _add_member(work, person_id=person_id, phone=phone, role="owner", invited_by=person_id)
    await work.record("business_taken_in", object_id=work.business_id)


async def register_business(work: Work, *, uscc: str, name: str) -> None:
    """The registry has given the firm its code and name; BusinessExists if another has the code."""
    rules.move(await _lock(work), "registered")
    if await work.one(bool, sql.code_is_taken, uscc=uscc):
        raise BusinessExists(uscc=uscc)
    await work.run(sql.register_business, uscc=uscc, name=name)
    await work.record("business_registered", object_id=work.business_id)


async def activate_business(work: Work) -> None:
    """The firm's basic account is open: it may do business."""
    await _move(work, "active")


async def close_business(work: Work) -> None:
    """The firm has left the bank or given up forming."""
    await _move(work, "closed")


async def _move(work: Work, state: BusinessState) -> None:
    rules.move(await _lock(work), state)
    await work.run(sql.set_business_state, state=state)
    await work.record(f"business_{state}", object_id=work.business_id)


async def _lock(work: Work) -> Business:
    found = await work.maybe(Business, sql.lock_business)
    if found is None:
        raise BusinessNotFound(business_id=work.business_id)
    return found


async def business(work: Work, *, business_id: UUID | None = None) -> Business:
    """A firm as the whole bank knows it; the actor's own unless another is named."""
    wanted = business_id or work.business_id
    found = await work.maybe(Business, sql.find_business, business_id=wanted)
    if found is None:
        raise BusinessNotFound(business_id=wanted)
    return found


async def exists(work: Work) -> bool:
    """Whether the firm the work acts in is known to the bank."""
    return await work.maybe(Business, sql.find_business) is not None


async def businesses(
    work: Work, *, state: BusinessState, after: UUID = BEFORE_ALL, limit: int = 500
) -> list[UUID]:
    """The next firms in a state, for jobs that are made per firm."""
    return await work.all(UUID, sql.businesses_in_state, state=state, after=after, limit=limit)


async def invite_member(work: Work, *, new: NewMember) -> Member:
    """Make someone a member by phone; they sign in with that phone's codes."""
    await _lock(work)
    members = await work.all(MemberRow, sql.lock_members)
    person_id = await sessions.person_of_phone(work, phone=new.phone)
    rules.invite(members, person_id)
    await _add_member(work, person_id=person_id, phone=new.phone, role=new.role)
    await work.record("member_invited", object_id=person_id, role=new.role)
    return await _member(work, person_id)


async def _add_member(
    work: Work, *, person_id: UUID, phone: str, role: Role, invited_by: UUID | None = None
) -> None:
    sealed = await work.vault.seal(
        work, phone, scope=work.business_id, place=PHONE_AT_FIRM, row_id=person_id
    )
    await work.run(
        sql.add_member,
        member_id=person_id,
        role=role,
        phone_sealed=sealed,
        person_id=invited_by or work.actor.person_id,
    )
    await work.run(sql.point_to_business, member_id=person_id)
    await sessions.revoke(work, kind="person", subject_id=person_id)


async def members(work: Work) -> list[Member]:
    """The firm's members, phones masked, in the order they came."""
    return [await _shown(work, row) for row in await work.all(MemberRow, sql.members)]


async def _member(work: Work, person_id: UUID) -> Member:
    rows = await work.all(MemberRow, sql.members)
    return await _shown(work, next(row for row in rows if row.person_id == person_id))


async def _shown(work: Work, row: MemberRow) -> Member:
    phone = await work.vault.open(
        work, row.phone_sealed, scope=work.business_id, place=PHONE_AT_FIRM, row_id=row.person_id
    )
    return Member(
        person_id=row.person_id,
        phone=mask_phone(phone),
        role=row.role,
        since_at=row.since_at,
        version=row.version,
    )


async def change_role(work: Work, *, person_id: UUID, change: RoleChange) -> Member:
    """Give a member another role; it holds everywhere within a second."""
    await _lock(work)
    rows = await work.all(MemberRow, sql.lock_members)
    rules.change(rows, person_id, role=change.role, version=change.version)
    await work.run(sql.change_role, member_id=person_id, role=change.role)
    await sessions.revoke(work, kind="person", subject_id=person_id)
    await work.record("member_role_changed", object_id=person_id, role=change.role)
    return await _member(work, person_id)


async def remove_member(work: Work, *, person_id: UUID) -> None:
    """End a membership; what the person did for the firm stays."""
    await _lock(work)
    rows = await work.all(MemberRow, sql.lock_members)
    rules.change(rows, person_id, role=None, version=None)
    await work.run(sql.remove_member, member_id=person_id)
    await sessions.revoke(work, kind="person", subject_id=person_id)
    await work.record("member_removed", object_id=person_id)


async def role_in_business(work: Work) -> Role | None:
    """The actor's role in the firm the work acts for; None if they are no member."""
    row = await work.maybe(RoleRow, sql.role_in_business)
    return row.role if row else None


async def places(work: Work) -> list[Place]:
    """The firms of the person signed in, oldest first."""
    return await work.all(Place, sql.places)


async def me(work: Work) -> Me:
    """The person signed in, masked as JR/T 0171-2020 asks, with their firms."""
    person_id = work.actor.person_id
    assert person_id is not None
    person = await work.one(PersonRow, sql.person)
    known = await _identity(work, person_id, person)
    return Me(
        person_id=person_id,
        phone=mask_phone(await _own_phone(work, person_id)),
        name=mask_name(known.name) if known else None,
        resident_id=mask_resident_id(known.resident_id) if known else None,
        business_id=work.tenant,
        role=work.actor.role if work.tenant else None,  # type: ignore[arg-type]
        memberships=await places(work),
    )


async def _own_phone(work: Work, person_id: UUID) -> str:
    person = await work.one(PersonRow, sql.person)
    return await work.vault.open(
        work,
        person.phone_sealed,
        scope=person_id,
        place="identity.people.phone_sealed",
        row_id=person_id,
    )


async def name_person(work: Work, *, name: str, resident_id: str) -> None:
    """Record who the person signed in says they are; whether it is true is checked elsewhere."""
    person_id = work.actor.person_id
    assert person_id is not None
    place = {"scope": person_id, "row_id": person_id}
    await work.run(
        sql.name_person,
        name_sealed=await work.vault.seal(work, name, place="identity.people.name_sealed", **place),
        resident_id_sealed=await work.vault.seal(
            work, resident_id, place="identity.people.resident_id_sealed", **place
        ),
        resident_index=work.vault.blind_index("resident", resident_id),
    )
    await work.record("person_named", object_id=person_id)


async def identity(work: Work) -> Identity | None:
    """The name and number of the person signed in, in clear, or None while unknown."""
    person_id = work.actor.person_id
    assert person_id is not None
    return await _identity(work, person_id, await work.one(PersonRow, sql.person))


async def _identity(work: Work, person_id: UUID, person: PersonRow) -> Identity | None:
    if person.name_sealed is None or person.resident_id_sealed is None:
        return None
    place = {"scope": person_id, "row_id": person_id}
    return Identity(
        name=await work.vault.open(
            work, person.name_sealed, place="identity.people.name_sealed", **place
        ),
        resident_id=await work.vault.open(
            work, person.resident_id_sealed, place="identity.people.resident_id_sealed", **place
        ),
    )
