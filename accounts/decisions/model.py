"""The nouns of decisions: a word on a payment, and what a payment would take."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from accounts.mandates.model import Standing
from accounts.payments.model import Rail, Version


class Approval(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Approve the payment in the version seen; where its mandate asks for it, the last approver
    confirms by a step-up for exactly this payment."""

    version: Version
    step_up_id: UUID | None = None


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Reject the payment in the version seen, with the reason."""

    version: Version
    reason: Annotated[str, Meta(min_length=1, max_length=200, examples=["重复付款"])]


class SeenVersion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the payment that is to be confirmed."""

    version: Version


class Explained(Struct, frozen=True, kw_only=True):
    """What a payment would take if it were made now: whose agreement (`agree` has the roles of
    each person, empty = nobody's), whether a step-up, and which rule says so (`line` counts from
    1 in the firm's mandate, 0 = the second-person rule). `left_today_fen` is what its maker may
    still pay today."""

    payee_standing: Standing
    rail: Rail
    agree: list[list[str]]
    in_order: bool
    step_up: bool
    line: int
    mandate_version: int
    single_limit_fen: int
    left_today_fen: int
    within_limits: bool
