"""Declare what is too near, say that one is away, see who reviews."""

from __future__ import annotations

from uuid import UUID

from accounts.policies import operations as policies
from app.ids import new_id
from app.queries import load
from app.reference import rules as identifiers
from app.work import Work
from onboarding.colleagues import rules
from onboarding.colleagues.model import (
    Absence,
    AbsenceNotFound,
    AwayNow,
    Colleague,
    IdNumberInvalid,
    Interest,
    NewAbsence,
    NewInterest,
    NewRelative,
    Relative,
    ReviewTerms,
)

sql = load(__name__)

# One blind index for the numbers of staff's relatives and of a firm's people: they are compared.
RELATIVE = "staff_relative"


async def terms(work: Work) -> ReviewTerms:
    """The policy of the queue in force today."""
    return await policies.value(work, kind="onboarding.reviews", shape=ReviewTerms)


def me(work: Work) -> UUID:
    """The member of staff who acts."""
    assert work.actor.staff_id is not None
    return work.actor.staff_id


def mark(work: Work, id_number: str) -> bytes:
    """The blind mark of a resident identity number, for comparing alone."""
    return work.vault.blind_index(RELATIVE, id_number)


async def scope(work: Work) -> str | None:
    """The branch whose cases the caller sees; None = every branch's (the central branch)."""
    branch = work.actor.branch
    assert branch is not None
    return None if branch == (await terms(work)).central_branch else branch


async def reviewers(work: Work) -> list[Colleague]:
    """Who may review what the caller sees: their own branch's people and the central ones."""
    branch, central = work.actor.branch, (await terms(work)).central_branch
    return await work.all(
        Colleague, sql.colleagues, branches=[branch, central], everywhere=branch == central
    )


async def declare_interest(work: Work, *, new: NewInterest) -> Interest:
    """Say that a firm is too near; it holds from now on and is not taken back here."""
    staff_id = me(work)
    await work.run(sql.declare_interest, staff_id=staff_id, uscc=new.uscc, reason=new.reason)
    await work.record("interest.declared", object_id=staff_id)
    return await work.one(Interest, sql.interest, staff_id=staff_id, uscc=new.uscc)


async def interests(work: Work) -> list[Interest]:
    """The firms that the caller has declared."""
    return await work.all(Interest, sql.interests, staff_id=me(work))


async def declare_relative(work: Work, *, new: NewRelative) -> Relative:
    """Say who is a relative; a firm whose people carry that number is then others' to review."""
    if not identifiers.resident_id(new.id_number, today=work.today).valid:
        raise IdNumberInvalid()
    staff_id, index = me(work), mark(work, new.id_number)
    await work.run(sql.add_relative, staff_id=staff_id, mark=index, relation=new.relation)
    await work.record("relative.declared", object_id=staff_id, relation=new.relation)
    return await work.one(Relative, sql.relative, staff_id=staff_id, mark=index)


async def relatives(work: Work) -> list[Relative]:
    """What the caller has declared, without whom."""
    return await work.all(Relative, sql.relatives, staff_id=me(work))


async def absences(work: Work) -> list[Absence]:
    """Who is or will be away."""
    return await work.all(Absence, sql.absences)


async def declare_absence(work: Work, *, new: NewAbsence) -> Absence:
    """Say that one is away; BadAbsence."""
    colleagues = {one.staff_id: one for one in await reviewers(work)}
    rules.check_absence(new, staff_id=me(work), colleagues=colleagues, now=work.now)
    absence = Absence(
        id=new_id(), staff_id=me(work), stand_in=new.stand_in, from_at=new.from_at,
        until_at=new.until_at,
    )  # fmt: skip
    await work.run(
        sql.add_absence, staff_id=absence.staff_id, id=absence.id, stand_in=absence.stand_in,
        from_at=absence.from_at, until_at=absence.until_at,
    )  # fmt: skip
    await work.record("absence.declared", object_id=absence.id)
    return absence


async def end_absence(work: Work, *, absence_id: UUID) -> None:
    """The caller is back; AbsenceNotFound unless it is their own and not over."""
    if not await work.run(sql.end_absence, staff_id=me(work), id=absence_id):
        raise AbsenceNotFound(absence_id=absence_id)
    await work.record("absence.ended", object_id=absence_id)


async def check_present(work: Work) -> None:
    """AwayNow for somebody who has said that they are away."""
    found = rules.away(await absences(work), staff_id=me(work), now=work.now)
    if found is not None:
        raise AwayNow(until_at=found.until_at)
