"""Gather what the page shows; what it does is done by the operations of the subjects below."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from app.files import operations as files
from app.files.model import File, FileNotFound
from app.identity.staff import operations as staff
from app.pages import Page
from app.reference import operations as reference
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.colleagues import operations as colleagues
from onboarding.inquiries import operations as inquiries
from onboarding.reviews import operations as reviews
from onboarding.reviews import rules as clock
from onboarding.reviews.model import QueueLine, ReviewRow, Wanted
from onboarding.workbench import rules
from onboarding.workbench.model import Filters, Line, Own, Shown

PAGE_LINES = 40


async def lines(work: Work, *, filters: Filters) -> Page[Line]:
    """A page of the queue as filtered."""
    wanted = Wanted(
        view=filters.view, order=filters.order, risk_from=filters.risk_from,
        account_class=filters.account_class, uscc=filters.uscc or None,
    )  # fmt: skip
    found = await reviews.queue(work, wanted=wanted, after=filters.after or None, limit=PAGE_LINES)
    return Page(items=await _lines(work, found.items), next=found.next)


async def _lines(work: Work, rows: Sequence[QueueLine]) -> list[Line]:
    terms, me = await colleagues.terms(work), colleagues.me(work)
    names = {one.staff_id: one.username for one in await colleagues.reviewers(work)}
    days = [work.today, *(row.due_at.date() for row in rows)]
    special = await reference.special_days(
        work, from_on=min(days) - timedelta(days=1), until_on=max(days) + timedelta(days=2)
    )
    made = []
    for row in rows:
        minutes = clock.minutes_between(work.now, row.due_at, special=special, terms=terms)
        live = row.lease_until is not None and row.lease_until > work.now
        holder = row.claimed_by if live else row.assigned_to
        made.append(
            Line(
                row=row, left=rules.left(row, minutes),
                tone=rules.tone(row, minutes, soon=terms.soon_minutes),
                holder=names.get(holder, "其他人") if holder else None,
                mine=holder == me,
            )
        )  # fmt: skip
    return made


async def case(work: Work, *, review_id: UUID) -> Shown:
    """One case; ReviewNotFound, OwnFirm."""
    found = await reviews.read(work, review_id=review_id)
    row = msgspec.convert(msgspec.structs.asdict(found.review) | {"barred": False}, QueueLine)
    (line,) = await _lines(work, [row])
    names = {one.staff_id: one.username for one in await colleagues.reviewers(work)}
    return Shown(
        review=found, line=line,
        asked=await inquiries.of_review(work, review_id=review_id),
        holds=clock.holds(found.review, staff_id=colleagues.me(work), now=work.now),
        approvers=[names.get(one, "其他人") for one in found.review.approved_by],
        documents_by_kind={d.kind: str(d.file_id) for d in found.application.documents},
    )  # fmt: skip


async def document(work: Work, *, review_id: UUID, kind: str) -> File:
    """A document of a case to look at; that it was looked at is recorded. FileNotFound."""
    await reviews.enter(work, review_id=review_id)
    review: ReviewRow = await reviews.row(work, review_id=review_id)
    await reviews.check_not_barred(work, review_id=review_id)
    attached = await applications.documents(work, application_id=review.application_id)
    file_id = next((one.file_id for one in attached if one.kind == kind), None)
    if file_id is None:
        raise FileNotFound()
    await work.record("document.looked_at", object_id=review_id, kind=kind, file_id=str(file_id))
    return await files.fetch(work, file_id=file_id, business_id=review.business_id)


async def own(work: Work) -> Own:
    """The caller's own matters."""
    return Own(
        me=await staff.me(work), people=await colleagues.reviewers(work),
        absences=await colleagues.absences(work), interests=await colleagues.interests(work),
        relatives=await colleagues.relatives(work),
    )  # fmt: skip
