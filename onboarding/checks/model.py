"""The nouns of the checks: what the outside said, one check with its evidence, the verdict."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from app.events import Event
from onboarding.applications.model import Route

CheckKind = Literal[
    "registry", "licence", "resident_id", "face", "watch_list", "basic_account", "reuse"
]
Result = Literal["passed", "noted", "failed"]


class RegisterEntry(Struct, frozen=True, kw_only=True):
    """What the public register says of a firm."""

    name: str
    address: str
    capital_fen: int
    legal_representative: str
    status: str


class Claimed(Struct, frozen=True, kw_only=True):
    """What the application says, in clear: it stays in memory."""

    account_class: str
    account_name: str
    address: str
    capital_fen: int
    established_on: date
    licence_until: date | None
    expected_monthly_fen: int
    legal_representative: str
    id_number: str
    id_valid_until: date | None


class FaceAnswer(Struct, frozen=True, kw_only=True):
    """What the identity check said of the picture."""

    matched: bool
    score_ppm: int
    code: str


class HitFound(Struct, frozen=True, kw_only=True):
    """A watch-list hit, without the name."""

    part: str
    list: str
    how: str
    certain: bool
    entry_id: str


class Shared(Struct, frozen=True, kw_only=True):
    """In how many other firms' openings a mark of this one appears."""

    kind: str
    firms: int


class Facts(Struct, frozen=True, kw_only=True):
    """Everything the rules look at, gathered between the transactions."""

    claimed: Claimed
    register: RegisterEntry | None
    face: FaceAnswer | None
    hits: list[HitFound]
    basic_account_elsewhere: bool
    shared: dict[str, int]


class Check(Struct, frozen=True, kw_only=True):
    """One check: its result, the reason codes it adds, and evidence without personal data."""

    kind: CheckKind
    result: Result
    codes: list[str]
    evidence: dict[str, Any]


class CheckRow(Struct, frozen=True, kw_only=True):
    """A check as kept."""

    round: int
    kind: CheckKind
    result: Result
    codes: list[str]
    evidence: dict[str, Any]
    checked_at: datetime


class Verdict(Struct, frozen=True, kw_only=True):
    """What all checks come to: a score with its reasons, and who must look at it."""

    risk_score: int
    reason_codes: list[str]
    route: Route


class ApplicationChecked(Event, frozen=True, kw_only=True):
    """The checks are done and people have to look."""

    application_id: UUID
