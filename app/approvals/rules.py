"""Who may decide, and when a question is settled."""

from __future__ import annotations

from collections.abc import Sequence

from app.approvals.model import (
    AlreadyDecided,
    Approval,
    DecidedByYou,
    Decision,
    SelfApproval,
    StaleVersion,
    Vote,
)

# Where each kind of question is opened and answered.
LINKS = {
    "payment": "/v1/payments/{id}",
    "payroll": "/v1/payroll/runs/{id}",
    "application": "/desk/v1/reviews/{id}",
}


def check(approval: Approval, votes: Sequence[Vote], *, principal: str, version: int) -> None:
    """Raises unless this principal may answer this version of the question now."""
    if approval.state != "open":
        raise AlreadyDecided(state=approval.state)
    if principal == approval.requested_by or principal in approval.excluded:
        raise SelfApproval()
    if any(vote.principal == principal for vote in votes):
        raise DecidedByYou()
    if version != approval.version:
        raise StaleVersion(current_version=approval.version)


def decide(approval: Approval, votes: Sequence[Vote], *, approve: bool) -> Decision:
    """One refusal settles it; approval needs `levels` different people."""
    if not approve:
        return Decision(settled=True, approved=False, remaining=0)
    remaining = approval.levels - sum(vote.approve for vote in votes) - 1
    return Decision(settled=remaining <= 0, approved=remaining <= 0, remaining=max(remaining, 0))


def link(kind: str, object_id: object) -> str:
    """The product's own route to the object."""
    return LINKS[kind].format(id=object_id)
