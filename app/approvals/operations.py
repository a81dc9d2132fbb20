"""Ask, answer and withdraw; the caller acts on a settled answer in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.approvals import rules
from app.approvals.model import Approval, ApprovalNotFound, Decision, Scope, Vote, Waiting
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def request(
    work: Work,
    *,
    kind: str,
    object_id: UUID,
    version: int,
    amount_fen: int | None = None,
    levels: int = 1,
    exclude: Sequence[UUID] = (),
    scope: Scope = "firm",
) -> UUID:
    """Ask `levels` other people about this version of an object; `exclude` names persons."""
    approval_id = new_id()
    await work.run(
        sql.ask,
        id=approval_id,
        kind=kind,
        object_id=object_id,
        version=version,
        scope=scope,
        levels=levels,
        amount_fen=amount_fen,
        excluded=[f"person:{person_id}" for person_id in exclude],
    )
    return approval_id


async def decide(
    work: Work,
    *,
    kind: str,
    object_id: UUID,
    version: int,
    approve: bool,
    reason: str = "",
) -> Decision:
    """The caller's answer; raises ApprovalNotFound, AlreadyDecided, SelfApproval, DecidedByYou,
    StaleVersion. The row lock makes fifty simultaneous answers one after another."""
    approval = await work.maybe(Approval, sql.lock_latest, kind=kind, object_id=object_id)
    if approval is None or (approval.scope == "bank") != (work.actor.kind == "staff"):
        raise ApprovalNotFound()
    votes = await work.all(Vote, sql.votes, approval_id=approval.id)
    rules.check(approval, votes, principal=work.actor.principal, version=version)
    decision = rules.decide(approval, votes, approve=approve)
    await work.run(sql.vote, approval_id=approval.id, approve=approve, reason=reason)
    if decision.settled:
        state = "approved" if decision.approved else "rejected"
        await work.run(sql.settle, id=approval.id, state=state)
    await work.record(
        f"{kind}.{'approve' if approve else 'reject'}",
        object_id=object_id,
        version=version,
        settled=decision.settled,
    )
    return decision


async def withdraw(work: Work, *, kind: str, object_id: UUID) -> bool:
    """Take a question back (the object was cancelled or edited); False if none was open."""
    return await work.run(sql.withdraw, kind=kind, object_id=object_id) > 0


async def waiting(work: Work, *, limit: int = 50) -> list[Waiting]:
    """What waits for the caller in this firm, oldest first; never what they asked themselves."""
    rows = await work.all(Approval, sql.waiting, row_limit=limit)
    return [
        Waiting(
            id=row.id,
            kind=row.kind,
            object_id=row.object_id,
            version=row.version,
            amount_fen=row.amount_fen,
            requested_at=row.requested_at,
            link=rules.link(row.kind, row.object_id),
        )
        for row in rows
    ]
