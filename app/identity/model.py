"""The nouns of identity: businesses, memberships, the signed-in person."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.actor import Role
from app.errors import Conflict, NotFound, Refusal
from app.names import Phone

# The bank is a firm of its own ledger, too; never a customer.
BANK = UUID("00000000-0000-7000-8000-000000000001")
BusinessState = Literal["forming", "registered", "active", "closed"]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class Business(Struct, frozen=True, kw_only=True):
    """A firm as the whole bank knows it."""

    business_id: UUID
    name: str
    uscc: str | None
    state: BusinessState
    founded_at: datetime
    version: int


class Place(Struct, frozen=True, kw_only=True):
    """One of the firms a person belongs to, and as what."""

    business_id: UUID
    name: str
    state: BusinessState
    role: Role


class PersonRow(Struct, frozen=True, kw_only=True):
    """A person as stored: sealed."""

    phone_sealed: bytes
    name_sealed: bytes | None
    resident_id_sealed: bytes | None


class Me(Struct, frozen=True, kw_only=True):
    """The person signed in, masked, and the firms they belong to."""

    person_id: UUID
    phone: str
    name: str | None
    resident_id: str | None
    business_id: UUID | None
    role: Role | None
    memberships: list[Place]


class Identity(Struct, frozen=True, kw_only=True):
    """A person's own name and number in clear, for a check that needs them."""

    name: str
    resident_id: str


class NewMember(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Invite someone into the firm by phone."""

    phone: Phone
    role: Role


class RoleChange(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Give a member another role; `version` is the one that was seen."""

    role: Role
    version: Version


class MemberRow(Struct, frozen=True, kw_only=True):
    """A membership as stored."""

    person_id: UUID
    role: Role
    state: Literal["active", "removed"]
    phone_sealed: bytes
    since_at: datetime
    version: int


class RoleRow(Struct, frozen=True, kw_only=True):
    """A role as stored."""

    role: Role


class Member(Struct, frozen=True, kw_only=True):
    """A member of the firm, the phone masked."""

    person_id: UUID
    phone: str
    role: Role
    since_at: datetime
    version: int


class BusinessNotFound(NotFound):
    """There is no such business."""

    zh = "企业不存在"


class BusinessExists(Conflict):
    """A business with this unified social credit code exists already."""

    zh = "该统一社会信用代码的企业已存在"


class BusinessStateRefuses(Conflict):
    """The business is not in a state for this."""

    zh = "企业当前状态不允许该操作"


class MemberNotFound(NotFound):
    """There is no such member."""

    zh = "成员不存在"


class AlreadyMember(Conflict):
    """This person is a member already; change the role instead."""

    zh = "该人员已是成员，请直接修改角色"


class MemberChanged(Conflict):
    """The membership has changed since you read it; read it again."""

    zh = "成员信息已变更，请刷新后重试"


class LastOwner(Refusal):
    """A business keeps at least one owner."""

    zh = "企业至少应保留一名所有者"


class TooManyMembers(Refusal):
    """The business has as many members as it may have."""

    zh = "企业成员数量已达上限"
