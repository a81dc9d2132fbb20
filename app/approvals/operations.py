"""Ask, answer and withdraw; the caller acts on a settled answer in the same transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.approvals import rules
from app.approvals.model import (
    Approval,
    ApprovalAsked,
    ApprovalNotFound,
    Asked,
    Authority,
    Decision,
    Delegation,
    DelegationNotFound,
    NewDelegation,
    Pending,
    Places,
    Scope,
    Somebody,
    Term,
    Vote,
    Waiting,
)
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
ANYBODY = Places()


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
    places: Places = ANYBODY,
    term: Term | None = None,
) -> UUID:
    """Ask `levels` other people (or those whom `places` names) about this version of an object;
    `exclude` names persons. With a term its approvers are told, rung for, and it ends."""
    approval_id = new_id()
    await work.run(
        sql.ask,
        id=approval_id,
        kind=kind,
        object_id=object_id,
        version=version,
        scope=scope,
        levels=len(places.steps) or levels,
        amount_fen=amount_fen,
        excluded=[f"person:{person_id}" for person_id in exclude],
        steps=places.steps,
        in_order=places.in_order,
        step_up=places.step_up,
        remind_at=term.remind_at if term else None,
        expires_at=term.expires_at if term else None,
    )
    if term is not None:
        await work.emit(ApprovalAsked(approval_id=approval_id, kind=kind, object_id=object_id))
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
    StaleVersion, NotYourPlace. The row lock makes fifty simultaneous answers one after another."""
    approval = await work.maybe(Asked, sql.lock_latest, kind=kind, object_id=object_id)
    if approval is None or (approval.scope == "bank") != (work.actor.kind == "staff"):
        raise ApprovalNotFound()
    votes = await work.all(Vote, sql.votes, approval_ids=[approval.id])
    rules.check(
        approval,
        votes,
        principal=work.actor.principal,
        version=version,
        barred=approval.barred,
    )
    having = await _authorities(work) if approval.steps else []
    place = rules.authority(approval, votes, having, approve=approve)
    decision = rules.decide(approval, votes, approve=approve)
    await work.run(
        sql.vote,
        approval_id=approval.id,
        approve=approve,
        reason=reason,
        role=place.role if place else work.actor.role or "",
        stands_for=place.stands_for if place else None,
    )
    if decision.settled:
        state = "approved" if decision.approved else "rejected"
        await work.run(sql.settle, id=approval.id, state=state)
    await work.record(
        f"{kind}.{'approve' if approve else 'reject'}",
        object_id=object_id,
        version=version,
        settled=decision.settled,
        stands_for=str(place.stands_for) if place and place.stands_for else None,
    )
    return decision


async def _authorities(work: Work) -> list[Authority]:
    """As what the caller may answer: by their own role first, then for whom they stand in."""
    mine = [who for who in await people(work) if who.person_id == work.actor.person_id]
    return [Authority(role=who.role, stands_for=who.stands_for) for who in mine]


async def people(work: Work) -> list[Somebody]:
    """Every active member by each authority they have at this moment."""
    members = await work.all(Somebody, sql.members)
    standing = await work.all(Delegation, sql.delegations_in_force)
    return rules.somebodies(members, [(one.from_person, one.to_person) for one in standing])


async def withdraw(work: Work, *, kind: str, object_id: UUID) -> bool:
    """Take a question back (the object was cancelled or edited); False if none was open."""
    return await work.run(sql.withdraw, kind=kind, object_id=object_id) > 0


async def waiting(work: Work) -> list[Waiting]:
    """What waits for the caller in this firm, oldest first; never what they asked themselves."""
    found, votes = await _open(work)
    mine = [who for who in await people(work) if who.person_id == work.actor.person_id]
    return [
        rules.waiting(one)
        for one in found
        if not one.barred and any(rules.may_answer(one, votes[one.id], who) for who in mine)
    ]


async def pending(work: Work) -> list[Pending]:
    """Everything that waits in this firm, oldest first: since when, for whom, until when."""
    found, votes = await _open(work)
    everybody = await people(work)
    return [rules.pending(one, votes[one.id], everybody) for one in found]


async def _open(work: Work) -> tuple[list[Asked], dict[UUID, list[Vote]]]:
    found = await work.all(Asked, sql.open_questions)
    votes: dict[UUID, list[Vote]] = defaultdict(list)
    for vote in await work.all(Vote, sql.votes, approval_ids=[one.id for one in found]):
        votes[vote.approval_id].append(vote)
    return found, votes


async def find(work: Work, *, approval_id: UUID) -> tuple[Approval, list[Somebody]] | None:
    """An open question and who may give the next answer; None once it is settled."""
    approval = await work.maybe(Approval, sql.open_question, id=approval_id)
    if approval is None:
        return None
    votes = await work.all(Vote, sql.votes, approval_ids=[approval.id])
    everybody = await people(work)
    return approval, [who for who in everybody if rules.may_answer(approval, votes, who)]


async def delegate(work: Work, *, new: NewDelegation) -> Delegation:
    """Let another member answer in the caller's stead for a while; BadDelegation."""
    absent = work.actor.person_id
    assert absent is not None, "people are absent"
    members = await work.all(Somebody, sql.members)
    rules.sound_absence(new, absent=absent, members=[member.person_id for member in members])
    delegation = await work.one(
        Delegation,
        sql.add_delegation,
        id=new_id(),
        to_person=new.to_person,
        from_at=new.from_at,
        until_at=new.until_at,
    )
    await work.record("absence.delegated", object_id=delegation.id)
    return delegation


async def delegations(work: Work) -> list[Delegation]:
    """The firm's absences that last or are to come."""
    return await work.all(Delegation, sql.delegations)


async def end_delegation(work: Work, *, delegation_id: UUID) -> None:
    """The caller is back; DelegationNotFound unless it is their own and not over."""
    if not await work.run(sql.end_delegation, id=delegation_id):
        raise DelegationNotFound(delegation_id=delegation_id)
    await work.record("absence.ended", object_id=delegation_id)


def term(now: datetime, *, remind_hours: int, expire_hours: int) -> Term:
    """From the moment a question is asked: when to ring for it, and when it ends."""
    return Term(
        remind_at=now + timedelta(hours=remind_hours),
        expires_at=now + timedelta(hours=expire_hours),
    )
