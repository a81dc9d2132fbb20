"""The credit bureau (征信中心): reports on firms and people who consented."""

from __future__ import annotations

from datetime import date
from typing import Literal

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire


class NewReport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A request for a report; without the subject's consent the bureau refuses."""

    reference: Reference
    subject_kind: Literal["firm", "person"]
    # USCC of the firm, or resident id of the person
    subject_id: str
    subject_name: str
    consent_id: str
    asked_on: date


class CreditReport(Struct, frozen=True, kw_only=True):
    """What lenders and courts reported, as of `asked_on`."""

    report_number: str
    subject_kind: Literal["firm", "person"]
    asked_on: date
    has_history: bool
    # loans at other lenders
    external_debt_fen: int
    guaranteed_fen: int
    # times at least one month overdue in the last 24 months, and now
    overdue_months_24: int
    overdue_now_fen: int
    worst_class: Literal["normal", "special_mention", "substandard", "doubtful", "loss"]
    # earlier inquiries by lenders in the last three months, without this one
    inquiries_3_months: int
    # 被执行, 失信
    enforcement_cases: int
    dishonest: bool


class Bureau:
    """Requests to the credit bureau."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def report(self, new: NewReport) -> Outcome[CreditReport]:
        """The report; repeating the reference gives the same report and counts no inquiry."""
        return await self._wire.post("/reports", new, Outcome[CreditReport])
