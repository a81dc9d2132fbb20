"""The reviewers' queue: open, list, claim, read, decide, withdraw."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from app.approvals import operations as approvals
from app.identity import operations as identity
from app.ids import new_id
from app.pages import Page, page
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications import rules as opening
from onboarding.applications.model import (
    ApplicationReviewed,
    ApplicationRow,
)
from onboarding.checks import operations as checks
from onboarding.checks import rules as routes
from onboarding.registrations import operations as registrations
from onboarding.reviews import rules
from onboarding.reviews.model import (
    Interest,
    NewDecision,
    NewInterest,
    Review,
    ReviewNotFound,
    ReviewRow,
    Subject,
)

sql = load(__name__)

KIND = "application"


async def open_for(work: Work, *, application_id: UUID) -> None:
    """Put a checked application into the queue, once per round; its own people may not decide."""
    application = await applications.lock(work, application_id=application_id)
    if application.state != "reviewing" or application.route is None:
        return
    assert application.risk_score is not None and application.due_at is not None
    review_id, levels = new_id(), routes.levels(application.route)
    added = await work.run(
        sql.add_review, id=review_id, application_id=application_id,
        version=application.version, round=application.round, branch=application.branch,
        uscc=application.uscc, levels=levels, risk_score=application.risk_score,
        reason_codes=application.reason_codes, account_name=application.account_name,
        due_at=application.due_at,
    )  # fmt: skip
    if not added:
        return
    await registrations.refer(work, object_id=review_id)
    members = await identity.members(work)
    await approvals.request(
        work, kind=KIND, object_id=review_id, version=application.version, levels=levels,
        exclude=[member.person_id for member in members], scope="bank",
    )  # fmt: skip
    await work.record("review.opened", object_id=review_id, levels=levels)


async def withdraw_for(work: Work, *, application_id: UUID) -> None:
    """The application ended by itself: its open review leaves the queue."""
    review = await work.maybe(ReviewRow, sql.open_review_of, application_id=application_id)
    if review is None:
        return
    await approvals.withdraw(work, kind=KIND, object_id=review.id)
    await work.run(sql.close_review, id=review.id, state="withdrawn")
    await work.record("review.withdrawn", object_id=review.id)


async def queue(
    work: Work, *, after: tuple[int, datetime, UUID] | None, limit: int
) -> Page[ReviewRow]:
    """What is open in the whole bank, the riskiest first, then the oldest."""
    calm, opened_at, last = after or (-1, work.now, UUID(int=0))
    rows = await work.all(
        ReviewRow, sql.queue, calm=calm, opened_at=opened_at, id=last,
        most=limit + 1,
    )  # fmt: skip
    return page(rows, limit, lambda row: (row.calm, row.opened_at, row.id))


async def _enter(work: Work, review_id: UUID) -> None:
    """Find the firm of a review and act in it from here on; ReviewNotFound."""
    business_id = await registrations.whose(work, object_id=review_id)
    if business_id is None:
        raise ReviewNotFound(review_id=review_id)
    await work.set_business(business_id)


async def _lock(work: Work, review_id: UUID) -> ReviewRow:
    await _enter(work, review_id)
    row = await work.maybe(ReviewRow, sql.lock_review, id=review_id)
    if row is None:
        raise ReviewNotFound(review_id=review_id)
    return row


async def _row(work: Work, review_id: UUID) -> ReviewRow:
    row = await work.maybe(ReviewRow, sql.review, id=review_id)
    if row is None:
        raise ReviewNotFound(review_id=review_id)
    return row


def _staff(work: Work) -> UUID:
    assert work.actor.staff_id is not None
    return work.actor.staff_id


async def _interested(work: Work, review: ReviewRow) -> bool:
    found = await work.maybe(Interest, sql.interest, staff_id=_staff(work), uscc=review.uscc)
    return found is not None


async def claim(work: Work, *, review_id: UUID) -> ReviewRow:
    """Take a review for fifteen minutes; claiming it again renews the lease."""
    review = await _lock(work, review_id)
    staff_id = _staff(work)
    rules.check_claim(
        review, staff_id=staff_id, now=work.now, interested=await _interested(work, review)
    )
    until = work.now + timedelta(minutes=rules.LEASE_MINUTES)
    await work.run(sql.set_claim, id=review_id, claimed_by=staff_id, lease_until=until)
    await work.record("review.claimed", object_id=review_id)
    return await _row(work, review_id)


async def release(work: Work, *, review_id: UUID) -> ReviewRow:
    """Let go of one's claim; letting go of nothing changes nothing."""
    review = await _lock(work, review_id)
    if review.claimed_by == _staff(work):
        await work.run(sql.set_claim, id=review_id, claimed_by=None, lease_until=None)
        await work.record("review.released", object_id=review_id)
    return await _row(work, review_id)


async def decide(work: Work, *, review_id: UUID, new: NewDecision) -> ReviewRow:
    """One reviewer's decision about the version seen; the last needed one moves the application.

    Raises what `rules.check_decision` and `approvals.decide` raise: stale version, twice the same.
    """
    review = await _lock(work, review_id)
    rules.check_decision(
        review, new, staff_id=_staff(work), now=work.now,
        interested=await _interested(work, review),
    )  # fmt: skip
    application = await applications.lock(work, application_id=review.application_id)
    decision = await approvals.decide(
        work, kind=KIND, object_id=review_id, version=new.version,
        approve=new.decision == "approve", reason=new.reason,
    )  # fmt: skip
    if new.decision == "approve":
        await work.run(sql.add_approval, id=review_id, staff_id=_staff(work))
    if decision.settled:
        await _settle(work, review, application, new)
    return await _row(work, review_id)


async def _settle(
    work: Work, review: ReviewRow, application: ApplicationRow, new: NewDecision
) -> None:
    closed, following = rules.OUTCOMES[new.decision]
    await work.run(sql.close_review, id=review.id, state=closed)
    await applications.move(
        work, application=application, state=following, acted="reviewer", codes=new.codes
    )
    if new.decision != "return":
        await work.emit(
            ApplicationReviewed(application_id=application.id, approved=new.decision == "approve")
        )


async def read(work: Work, *, review_id: UUID) -> Review:
    """A review with the application, masked, and all evidence."""
    await _enter(work, review_id)
    review = await _row(work, review_id)
    application = await applications.row(work, application_id=review.application_id)
    return Review(
        review=review,
        application=await _subject(work, application),
        checks=await checks.evidence(work, application_id=application.id),
    )


async def _subject(work: Work, application: ApplicationRow) -> Subject:
    secret = await applications.private(work, application=application)
    return Subject(
        state=application.state, version=application.version,
        account_class=application.account_class, account_name=application.account_name,
        uscc=application.uscc, entity_type=application.entity_type, address=secret.address,
        legal_representative=opening.masked(secret.legal_representative),
        capital_fen=application.capital_fen, established_on=application.established_on,
        purpose=application.purpose, expected_monthly_fen=application.expected_monthly_fen,
        number=application.number,
        documents=await applications.documents(work, application_id=application.id),
        timeline=await applications.turns(work, application_id=application.id),
    )  # fmt: skip


async def declare_interest(work: Work, *, new: NewInterest) -> Interest:
    """Say that a firm is too near; it holds from now on and is not taken back here."""
    staff_id = _staff(work)
    await work.run(sql.declare_interest, staff_id=staff_id, uscc=new.uscc, reason=new.reason)
    await work.record("interest.declared", object_id=staff_id)
    return await work.one(Interest, sql.interest, staff_id=staff_id, uscc=new.uscc)
