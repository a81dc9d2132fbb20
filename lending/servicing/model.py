"""The nouns of servicing: dues, shares of a debit, prepayments."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec

from app.errors import Conflict, Refusal
from app.events import Event
from app.money import NonNegativeFen, PositiveFen
from lending.loans.model import InstalmentState, ScheduleRow


class NothingOwed(Conflict):
    """The loan is settled; nothing is owed."""

    zh = "贷款已结清"


class DuesFirst(Conflict):
    """What is due must be paid before anything is paid early."""

    zh = "请先偿还已到期款项"


class QuoteChanged(Conflict):
    """The amount is not the one that was accepted; show the present one first."""

    zh = "应还金额已变化，请重新确认"


class MoreThanOwed(Refusal):
    """No more than the outstanding principal can be prepaid."""

    zh = "提前还款金额超过剩余本金"


class PartNotOffered(Refusal):
    """A loan with equal principal and interest can only be prepaid whole."""

    zh = "等本等息贷款仅支持全部提前结清"


class InstalmentPaid(Event, frozen=True, kw_only=True):
    """Money was taken for an instalment, wholly or in part; `interest_fen` includes the penalty.

    `part` counts the debits of one instalment from 1.
    """

    loan_id: UUID
    instalment_no: int
    part: int
    paid_on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int


class Due(ScheduleRow, frozen=True, kw_only=True):
    """An unpaid instalment that has fallen due; `parts` debits were made for it so far."""

    parts: int


class Share(msgspec.Struct, frozen=True, kw_only=True):
    """What one debit takes for one instalment, and how the instalment stands afterwards.

    `owed_penalty_fen` is all the penalty up to the day, fixed with this debit.
    """

    no: int
    part: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int
    owed_penalty_fen: int
    state: InstalmentState

    @property
    def total_fen(self) -> int:
        """Fen taken from the account."""
        return self.principal_fen + self.interest_fen + self.penalty_fen


class PrepaymentQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What prepaying costs on a day: principal, and the interest it earned so far; no fee."""

    on: date
    principal_fen: int
    interest_fen: int
    total_fen: int
    outstanding_after_fen: int
    interest_saved_fen: int


class NewPrepayment(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay principal early; without `principal_fen` all of it. `accepted_total_fen` was shown."""

    accepted_total_fen: NonNegativeFen
    principal_fen: PositiveFen | None = None


class Repayment(msgspec.Struct, frozen=True, kw_only=True):
    """One debit."""

    instalment_no: int
    part: int
    paid_on: date
    principal_fen: int
    interest_fen: int
    penalty_fen: int


class Prepaid(msgspec.Struct, frozen=True, kw_only=True):
    """A prepayment made, and the schedule that is left."""

    quote: PrepaymentQuote
    schedule: list[ScheduleRow]
