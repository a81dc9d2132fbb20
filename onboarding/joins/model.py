"""The nouns of joining: which firm, who represents it, what the register says, how it can fail."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import Uscc
from onboarding.forms.model import LegalRepresentative, MaskedPerson
from onboarding.names.model import EntityType
from onboarding.signatures.model import Signature

JoinState = Literal["asked", "proving", "joined", "refused"]
# Why a join was refused; the last is told only to who has proved that the firm is theirs.
JoinRefused = Literal[
    "not_on_register", "register_status", "legal_representative_differs", "already_here"
]


class NewJoin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which firm, by its code, and who represents it: the link is sent to their phone."""

    uscc: Uscc
    legal_representative: LegalRepresentative


class RegisterEntry(Struct, frozen=True, kw_only=True):
    """What the public register says of the firm."""

    name: str
    entity_type: EntityType
    area_code: str
    address: str
    scope: str
    capital_fen: int
    licence_number: str
    registered_on: date
    legal_representative: str
    status: str


class Private(Struct, frozen=True, kw_only=True):
    """What of a join is personal: sealed as one value."""

    legal_representative: LegalRepresentative
    register: RegisterEntry | None = None


class JoinRow(Struct, frozen=True, kw_only=True):
    """A join as stored."""

    id: UUID
    uscc: str
    state: JoinState
    private: bytes
    refused_code: JoinRefused | None
    asked_at: datetime
    ended_at: datetime | None


class Join(Struct, frozen=True, kw_only=True):
    """A join as whoever asked for it follows it. The register's entry is shown once the legal
    representative has signed; until then only whether it fits."""

    id: UUID
    business_id: UUID
    uscc: str
    state: JoinState
    legal_representative: MaskedPerson
    name: str | None
    registered_on: date | None
    signatures: list[Signature]
    refused_code: JoinRefused | None
    acts: Literal["registry", "legal_representative", "nobody"]
    asked_at: datetime
    ended_at: datetime | None


class JoinAsked(Event, frozen=True, kw_only=True):
    """Somebody wants to act here for a firm that exists; the register is to be asked."""

    join_id: UUID


class FirmJoined(Event, frozen=True, kw_only=True):
    """The firm is a customer: its legal representative has signed."""

    join_id: UUID
    uscc: str


class JoinNotFound(NotFound):
    """There is no such request to join."""

    zh = "入驻申请不存在"


class AlreadyJoining(Conflict):
    """This firm already has a request under way, or has joined."""

    zh = "该企业已有在办的入驻申请或已入驻"


class JoinFaulty(Refusal):
    """The code or the number breaks its own rules."""

    zh = "统一社会信用代码或身份证号码有误"
