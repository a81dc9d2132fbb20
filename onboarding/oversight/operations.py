"""Assign many at once, see what was late, count."""

from __future__ import annotations

from datetime import date, datetime, time
from uuid import UUID

import msgspec

from app.clock import SHANGHAI
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work
from onboarding.colleagues import operations as colleagues
from onboarding.colleagues import rules as presence
from onboarding.oversight import rules
from onboarding.oversight.model import (
    Assigned,
    Assignment,
    Counted,
    Escalation,
    EverybodyAway,
    NewAssignment,
    NotAReviewer,
    Statistics,
)

sql = load(__name__)


async def assign(work: Work, *, new: NewAssignment) -> Assignment:
    """Lay cases on one desk, each answered for itself; a stand-in takes what the absent would.

    Raises NotAReviewer, EverybodyAway.
    """
    known = {one.staff_id for one in await colleagues.reviewers(work)}
    if new.staff_id not in known:
        raise NotAReviewer(staff_id=str(new.staff_id))
    absences = await colleagues.absences(work)
    taker = presence.who_takes(absences, staff_id=new.staff_id, now=work.now)
    if taker is None:
        raise EverybodyAway()
    done = await work.all(
        Assigned, sql.assign, review_ids=new.review_ids, to=taker,
        branch=await colleagues.scope(work),
    )  # fmt: skip
    found = {one.review_id for one in done}
    done += [
        Assigned(review_id=one, outcome="not_found") for one in new.review_ids if one not in found
    ]
    ids = [str(one.review_id) for one in done if one.outcome == "assigned"]
    await work.record("reviews.assigned", object_id=taker, review_ids=ids)
    return Assignment(staff_id=taker, items=done)


async def escalations(work: Work, *, after: str | None, limit: int) -> Page[Escalation]:
    """What was late in the caller's branch, the latest first; BadCursor."""
    start = (work.now, UUID(int=2**128 - 1))
    at, last = decode_cursor(after, datetime, UUID) if after else start
    rows = await work.all(
        Escalation, sql.escalations, at=at, review_id=last, most=limit + 1,
        branch=await colleagues.scope(work),
    )  # fmt: skip
    return page(rows, limit, lambda row: (row.at, row.review_id))


async def statistics(work: Work, *, from_on: date | None, until_on: date | None) -> Statistics:
    """The queue of the caller's branch now, and what was decided in `[from_on, until_on)`."""
    first, until = rules.period(from_on, until_on, today=work.today)
    counted = await work.one(
        Counted, sql.counted, branch=await colleagues.scope(work),
        from_at=datetime.combine(first, time(), SHANGHAI),
        until_at=datetime.combine(until, time(), SHANGHAI),
    )  # fmt: skip
    return Statistics(
        **msgspec.structs.asdict(counted), from_on=first, until_on=until,
        first_pass_ppm=rules.first_pass(counted),
    )  # fmt: skip


async def note_overdue(work: Work, *, review_id: UUID) -> None:
    """The applicant's progress says that it takes longer; the audit trail says that it was late."""
    application_id = await work.one(UUID, sql.application_of, id=review_id)
    await work.progress(application_id, "review_late", next="reviewer")
    await work.record("review.escalated", object_id=review_id)
