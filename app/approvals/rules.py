"""Who may decide, in which place, and when a question is settled."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from app.approvals.model import (
    AlreadyDecided,
    Approval,
    Authority,
    BadDelegation,
    DecidedByYou,
    Decision,
    NewDelegation,
    NotYourPlace,
    Pending,
    SelfApproval,
    Somebody,
    StaleVersion,
    Vote,
    Waiting,
)

# Where each kind of question is opened and answered.
LINKS = {
    "payment": "/v1/payments/{id}",
    "batch": "/v1/batches/{id}",
    "payroll": "/v1/payroll/runs/{id}",
    "mandate": "/v1/mandates/{id}",
    "application": "/desk/v1/reviews/{id}",
}
LONGEST_ABSENCE = timedelta(days=92)


def check(
    approval: Approval,
    votes: Sequence[Vote],
    *,
    principal: str,
    version: int,
    barred: bool = False,
) -> None:
    """Raises unless this principal may answer this version of the question now; `barred` = the
    same human as somebody who may not."""
    if approval.state != "open":
        raise AlreadyDecided(state=approval.state)
    if barred or principal == approval.requested_by or principal in approval.excluded:
        raise SelfApproval()
    if any(vote.principal == principal for vote in votes):
        raise DecidedByYou()
    if version != approval.version:
        raise StaleVersion(current_version=approval.version)


def authority(
    approval: Approval, votes: Sequence[Vote], having: Iterable[Authority], *, approve: bool
) -> Authority | None:
    """As what the answer is given: the first authority that fits a place still free. None where
    the question is put to anybody; NotYourPlace where none fits."""
    if not approval.steps:
        return None
    for one in having:
        if _stands_for_somebody_barred(approval, votes, one):
            continue
        if _fits(approval, votes, one.role, now=approve):
            return one
    raise NotYourPlace(next=_next_roles(approval, votes))


def _stands_for_somebody_barred(approval: Approval, votes: Sequence[Vote], one: Authority) -> bool:
    """Nobody is represented who may not answer, or who has answered already."""
    if one.stands_for is None:
        return False
    absent = f"person:{one.stands_for}"
    return (
        absent == approval.requested_by
        or absent in approval.excluded
        or any(absent == vote.principal or one.stands_for == vote.stands_for for vote in votes)
    )


def _fits(approval: Approval, votes: Sequence[Vote], role: str, *, now: bool) -> bool:
    given = [vote.role for vote in votes if vote.approve]
    if not approval.in_order:
        return seated(approval.steps, [*given, role])
    free = approval.steps[len(given) :]
    return any(role in place for place in (free[:1] if now else free))


def seated(places: Sequence[Sequence[str]], roles: Sequence[str]) -> bool:
    """Whether each of these roles finds a place of its own."""
    if not roles:
        return True
    first, rest = roles[0], roles[1:]
    return any(
        first in place and seated([*places[:no], *places[no + 1 :]], rest)
        for no, place in enumerate(places)
    )


def _next_roles(approval: Approval, votes: Sequence[Vote]) -> list[str]:
    """The roles from which the next answer may come."""
    every = sorted({role for place in approval.steps for role in place})
    return [role for role in every if _fits(approval, votes, role, now=True)]


def decide(approval: Approval, votes: Sequence[Vote], *, approve: bool) -> Decision:
    """One refusal settles it; approval needs `levels` different people."""
    if not approve:
        return Decision(settled=True, approved=False, remaining=0, step_up=False)
    remaining = approval.levels - sum(vote.approve for vote in votes) - 1
    return Decision(
        settled=remaining <= 0,
        approved=remaining <= 0,
        remaining=max(remaining, 0),
        step_up=approval.step_up,
    )


def may_answer(approval: Approval, votes: Sequence[Vote], who: Somebody) -> bool:
    """Whether the next answer may be theirs, by this authority."""
    principal = f"person:{who.person_id}"
    if principal == approval.requested_by or principal in approval.excluded:
        return False
    if any(vote.principal == principal for vote in votes):
        return False
    one = Authority(role=who.role, stands_for=who.stands_for)
    if _stands_for_somebody_barred(approval, votes, one):
        return False
    return not approval.steps or _fits(approval, votes, who.role, now=True)


def somebodies(
    members: Iterable[Somebody], standing: Iterable[tuple[UUID, UUID]]
) -> list[Somebody]:
    """Every member by their own role, and by that of each absent member (absent, stand-in)."""
    known = {member.person_id: member.role for member in members}
    own = [Somebody(person_id=person, role=role) for person, role in known.items()]
    lent = [
        Somebody(person_id=to, role=known[absent], stands_for=absent)
        for absent, to in standing
        if absent in known and to in known
    ]
    return own + lent


def waiting(approval: Approval) -> Waiting:
    """The question as a line of the inbox."""
    return Waiting(
        id=approval.id,
        kind=approval.kind,
        object_id=approval.object_id,
        version=approval.version,
        amount_fen=approval.amount_fen,
        requested_at=approval.requested_at,
        expires_at=approval.expires_at,
        link=link(approval.kind, approval.object_id),
    )


def pending(approval: Approval, votes: Sequence[Vote], people: Sequence[Somebody]) -> Pending:
    """The question with who has agreed and who may agree next."""
    line = waiting(approval)
    agreed = [
        Somebody(
            person_id=UUID(vote.principal.removeprefix("person:")),
            role=vote.role,
            stands_for=vote.stands_for,
        )
        for vote in votes
        if vote.approve
    ]
    return Pending(
        **{name: getattr(line, name) for name in line.__struct_fields__},
        requested_by=approval.requested_by,
        reminded_at=approval.reminded_at,
        agreed=agreed,
        remaining=approval.levels - len(agreed),
        waits_for=[who for who in people if may_answer(approval, votes, who)],
    )


def sound_absence(new: NewDelegation, *, absent: UUID, members: Iterable[UUID]) -> None:
    """Raise BadDelegation unless another member stands in for a time that ends."""
    fits = new.from_at < new.until_at <= new.from_at + LONGEST_ABSENCE
    if not fits or new.to_person == absent or new.to_person not in set(members):
        raise BadDelegation()


def in_force(from_at: datetime, until_at: datetime, *, now: datetime) -> bool:
    """Whether an absence lasts at this moment."""
    return from_at <= now < until_at


def link(kind: str, object_id: object) -> str:
    """The product's own route to the object."""
    return LINKS[kind].format(id=object_id)
