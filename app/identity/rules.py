"""Rules of membership and of a business's states."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.identity.model import (
    AlreadyMember,
    Business,
    BusinessState,
    BusinessStateRefuses,
    LastOwner,
    MemberChanged,
    MemberNotFound,
    MemberRow,
    TooManyMembers,
)

MOST_MEMBERS = 200
# From which states a business may come into a state.
COMES_FROM: dict[BusinessState, tuple[BusinessState, ...]] = {
    "registered": ("forming",),
    "active": ("registered",),
    "closed": ("forming", "registered", "active"),
}


def move(business: Business, state: BusinessState) -> None:
    """Refuse a step that the life of a business does not have."""
    if business.state not in COMES_FROM.get(state, ()):
        raise BusinessStateRefuses(business_id=business.business_id, state=business.state)


def active(members: Sequence[MemberRow]) -> list[MemberRow]:
    """The members that are in force."""
    return [member for member in members if member.state == "active"]


def invite(members: Sequence[MemberRow], person_id: UUID) -> MemberRow | None:
    """The removed membership to take up again, if there is one; refuses a second one."""
    if len(active(members)) >= MOST_MEMBERS:
        raise TooManyMembers(limit=MOST_MEMBERS)
    earlier = next((member for member in members if member.person_id == person_id), None)
    if earlier is not None and earlier.state == "active":
        raise AlreadyMember(person_id=person_id)
    return earlier


def change(
    members: Sequence[MemberRow], person_id: UUID, *, role: str | None, version: int | None
) -> MemberRow:
    """The member to change (role None = remove); the last owner stays an owner."""
    present = active(members)
    member = next((each for each in present if each.person_id == person_id), None)
    if member is None:
        raise MemberNotFound(person_id=person_id)
    if version is not None and member.version != version:
        raise MemberChanged(version=member.version)
    owners = [each for each in present if each.role == "owner"]
    if member.role == "owner" and role != "owner" and len(owners) == 1:
        raise LastOwner()
    return member
