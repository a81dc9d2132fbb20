"""The nouns of staff sign-in."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.actor import StaffRole
from app.errors import NotSignedIn
from app.names import PersonName

Username = Annotated[
    str, Meta(min_length=3, max_length=40, pattern=r"^[a-z][a-z0-9.-]*$", examples=["reviewer.li"])
]
Password = Annotated[str, Meta(min_length=10, max_length=128, examples=["correct horse battery"])]
BranchCode = Annotated[str, Meta(pattern=r"^[0-9]{4}$", examples=["0001"])]
Otp = Annotated[str, Meta(pattern=r"^[0-9]{6}$", examples=["123456"])]


class StaffSignIn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Sign in at the desk; a one-time code counts once."""

    username: Username
    password: Password
    otp: Otp


class NewStaff(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A member of the bank's staff."""

    username: Username
    name: PersonName
    password: Password
    totp_secret: str
    role: StaffRole
    branch: BranchCode


class StaffRow(Struct, frozen=True, kw_only=True):
    """What a sign-in needs to know."""

    id: UUID
    password_hash: str
    totp_sealed: bytes


class StaffPlace(Struct, frozen=True, kw_only=True):
    """A staff member's role and branch, as long as they are in service."""

    role: StaffRole
    branch: str


class StaffProfile(Struct, frozen=True, kw_only=True):
    """Who they are, their name sealed."""

    id: UUID
    username: str
    name_sealed: bytes
    role: StaffRole
    branch: str
    state: Literal["active", "left"]


class StaffMe(Struct, frozen=True, kw_only=True):
    """The staff member signed in."""

    staff_id: UUID
    username: str
    name: str
    role: StaffRole
    branch: str


class WrongCredentials(NotSignedIn):
    """User name, password or one-time code is wrong."""

    zh = "用户名、密码或动态口令错误"
