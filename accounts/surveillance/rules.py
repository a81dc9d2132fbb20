"""Who may work on a case and settle it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.surveillance.model import (
    CaseClaimed,
    CaseNotThere,
    CaseState,
    ClaimCaseFirst,
    Direction,
    LargeReport,
    NotYourOwnProposal,
    Proposal,
    ReportFiled,
    SuspicionCase,
)

LEASE_MINUTES = 60
SETTLED: dict[Proposal, CaseState] = {"report": "reported", "close": "closed"}


def may_claim(case: SuspicionCase, *, staff_id: UUID, now: datetime) -> None:
    """Raises unless this member of staff may work on the case now."""
    if case.state != "open":
        raise CaseNotThere(state=case.state)
    taken = case.lease_until is not None and case.lease_until > now
    if taken and case.claimed_by != staff_id:
        raise CaseClaimed(lease_until=case.lease_until)


def may_propose(case: SuspicionCase, *, staff_id: UUID, now: datetime) -> None:
    """Raises unless this member of staff works on the case."""
    may_claim(case, staff_id=staff_id, now=now)
    live = case.lease_until is not None and case.lease_until > now
    if case.claimed_by != staff_id or not live:
        raise ClaimCaseFirst()


def may_confirm(case: SuspicionCase, *, staff_id: UUID) -> Proposal:
    """What is proposed; raises unless somebody else than this member of staff proposed it."""
    if case.state != "proposed" or case.proposal is None:
        raise CaseNotThere(state=case.state)
    if case.proposed_by == staff_id:
        raise NotYourOwnProposal()
    return case.proposal


def is_reported(case: SuspicionCase) -> None:
    """Raises unless two people agreed to report the firm."""
    if case.state != "reported":
        raise CaseNotThere(state=case.state)


def may_file(case: SuspicionCase) -> None:
    """Raises unless the case has been reported and its file not yet handed in."""
    is_reported(case)
    if case.receipt is not None:
        raise ReportFiled(receipt=case.receipt)


def may_file_large(report: LargeReport) -> None:
    """Raises once the report has been handed in."""
    if report.state == "filed":
        raise ReportFiled(receipt=report.receipt)


def direction(amount_fen: int) -> Direction:
    """Which way money went, seen from the customer."""
    return "out" if amount_fen < 0 else "in"
