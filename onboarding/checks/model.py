"""The nouns of the checks: what the outside said, one check with its evidence, the verdict."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from app.events import Event
from onboarding.applications.model import Route

CheckKind = Literal[
    "registry",
    "licence",
    "resident_id",
    "face",
    "watch_list",
    "owners",
    "basic_account",
    "reuse",
]
Result = Literal["passed", "noted", "failed"]
# Who is asked outside; each by a job of its own.
Source = Literal["registry", "account_system", "population"]
# Where the other side of a compared field comes from.
Origin = Literal[
    "public_register",
    "account_system",
    "population_register",
    "owner_register",
    "watch_list",
    "own_rules",
    "own_records",
]


class RegisterEntry(Struct, frozen=True, kw_only=True):
    """What the public register says of a firm."""

    name: str
    address: str
    capital_fen: int
    legal_representative: str
    status: str
    entity_type: str = ""
    registered_on: date | None = None


class BasicAccount(Struct, frozen=True, kw_only=True):
    """A firm's basic account as the account management system knows it."""

    filing_number: str
    bank_code: str


class Owner(Struct, frozen=True, kw_only=True):
    """A beneficial owner, declared to us or filed with the register of beneficial owners."""

    name: str
    id_number: str


class FaceAnswer(Struct, frozen=True, kw_only=True):
    """What the identity check said of the picture, or of name and number where none was taken."""

    matched: bool
    score_ppm: int
    code: str
    pictured: bool = True


class Answer(Struct, frozen=True, kw_only=True):
    """What one source answered: `None` in its field says that it knows nothing."""

    register: RegisterEntry | None = None
    basic: BasicAccount | None = None
    filed_owners: list[Owner] | None = None
    face: FaceAnswer | None = None


class AnswerRow(Struct, frozen=True, kw_only=True):
    """An answer as kept."""

    source: Source
    private: bytes
    answered_at: datetime


class Claimed(Struct, frozen=True, kw_only=True):
    """What the application says, in clear: it stays in memory."""

    account_class: str
    opening: str
    basic_account_number: str | None
    own_bank_code: str
    account_name: str
    entity_type: str
    address: str
    capital_fen: int
    established_on: date
    licence_until: date | None
    expected_monthly_fen: int
    legal_representative: str
    id_number: str
    id_valid_until: date | None
    owners: list[Owner]


class HitFound(Struct, frozen=True, kw_only=True):
    """A watch-list hit, without the name; `distance` letters of it differ."""

    part: str
    list: str
    how: str
    certain: bool
    entry_id: str
    reason: str = ""
    distance: int = 0
    entry_version: int = 1


class Shared(Struct, frozen=True, kw_only=True):
    """In how many other firms' openings a mark of this one appears: in all, in the last days, and
    among those that the bank refused or sent to a branch."""

    kind: str
    firms: int
    lately: int = 0
    refused: int = 0


class Facts(Struct, frozen=True, kw_only=True):
    """Everything the rules look at, gathered between the transactions."""

    claimed: Claimed
    register: RegisterEntry | None
    basic: BasicAccount | None
    filed_owners: list[Owner] | None
    face: FaceAnswer | None
    hits: list[HitFound]
    own_basic_account: bool
    shared: list[Shared]


class Compared(Struct, frozen=True, kw_only=True):
    """One field: what the application says, what the source says, and whether that is the same."""

    field: str
    ours: str
    theirs: str | None
    same: bool
    origin: Origin


class Check(Struct, frozen=True, kw_only=True):
    """One check: its result, the reason codes it adds, evidence without personal data, and the
    fields that were compared (in clear, so they are kept sealed)."""

    kind: CheckKind
    result: Result
    codes: list[str]
    evidence: dict[str, Any]
    fields: list[Compared] = []


class CheckRow(Struct, frozen=True, kw_only=True):
    """A check as kept."""

    round: int
    kind: CheckKind
    result: Result
    codes: list[str]
    evidence: dict[str, Any]
    checked_at: datetime


class SealedCheck(Struct, frozen=True, kw_only=True):
    """The compared fields of a check as kept."""

    kind: CheckKind
    private: bytes


class ComparedFields(Struct, frozen=True, kw_only=True):
    """A check's fields side by side, each with where the other side comes from."""

    kind: CheckKind
    fields: list[Compared]


class RiskPolicy(Struct, frozen=True, kw_only=True):
    """The bank's policy in force: points of each reason code (None: to the branch whatever the
    rest says), and from which score on who must look."""

    version: str
    points: dict[str, int | None]
    straight_through_up_to: dict[str, int]
    two_reviewers_from: int
    branch_from: int
    new_firm_days: int
    soon_days: int
    adult_years: int
    scale: int
    many: dict[str, int]
    batch_days: int
    batch_firms: int


class Verdict(Struct, frozen=True, kw_only=True):
    """What all checks come to: a score with its reasons, and who must look at it."""

    risk_score: int
    reason_codes: list[str]
    route: Route


class ApplicationChecked(Event, frozen=True, kw_only=True):
    """The checks are done and people have to look."""

    application_id: UUID
