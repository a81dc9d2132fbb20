"""The reviewers' queue: open, list, claim, read, reveal, decide, stop and start its clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from app.approvals import operations as approvals
from app.identity import operations as identity
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.reference.model import DayKind
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications import rules as opening
from onboarding.applications.model import (
    ApplicationReviewed,
    ApplicationRow,
)
from onboarding.checks import operations as checks
from onboarding.checks import rules as routes
from onboarding.colleagues import operations as colleagues
from onboarding.registrations import operations as registrations
from onboarding.reviews import rules
from onboarding.reviews.model import (
    NewDecision,
    NewReveal,
    NotClaimed,
    OwnFirm,
    QueueLine,
    Revealed,
    Review,
    ReviewNotFound,
    ReviewRow,
    Said,
    Subject,
    TooManyClaims,
    Wanted,
)

sql = load(__name__)

KIND = "application"
# Before anything was due.
FIRST = datetime(2000, 1, 1, tzinfo=UTC)


async def open_for(work: Work, *, application_id: UUID) -> None:
    """Put a checked application into the queue, once per round; its own people may not decide."""
    application = await applications.lock(work, application_id=application_id)
    if application.state != "reviewing" or application.route is None:
        return
    assert application.risk_score is not None
    review_id, levels = new_id(), routes.levels(application.route)
    minutes = rules.minutes_for(application.risk_score, await colleagues.terms(work))
    added = await work.run(
        sql.add_review, id=review_id, application_id=application_id,
        version=application.version, round=application.round, branch=application.branch,
        uscc=application.uscc, levels=levels, risk_score=application.risk_score,
        reason_codes=application.reason_codes, account_name=application.account_name,
        account_class=application.account_class, due_at=await due_after(work, minutes),
        people_marks=await _people(work, application),
    )  # fmt: skip
    if not added:
        return
    await registrations.refer(work, object_id=review_id)
    await ask(work, review_id=review_id, version=application.version, levels=levels)
    await work.record("review.opened", object_id=review_id, levels=levels)


async def ask(work: Work, *, review_id: UUID, version: int, levels: int) -> None:
    """Put the question about one version to as many reviewers as the route asks for."""
    members = await identity.members(work)
    await approvals.request(
        work, kind=KIND, object_id=review_id, version=version, levels=levels,
        exclude=[member.person_id for member in members], scope="bank",
    )  # fmt: skip


async def _people(work: Work, application: ApplicationRow) -> list[bytes]:
    """Blind marks of the firm's people, for those who have declared them as relatives."""
    secret = await applications.private(work, application=application)
    numbers = {secret.legal_representative.id_number}
    if application.registration_id is not None:
        found = await registrations.owners(work, registration_id=application.registration_id)
        numbers |= {number for _name, number, person in found if person}
    return [colleagues.mark(work, number) for number in sorted(numbers)]


async def _calendar(work: Work, on: date) -> Mapping[date, DayKind]:
    first = min(on, work.today)
    return await reference.special_days(
        work, from_on=first, until_on=max(on, work.today) + reference.LONGEST_CLOSURE
    )


async def due_after(work: Work, minutes: int) -> datetime:
    """The moment so many working minutes from now."""
    return rules.due_after(
        work.now, minutes, special=await _calendar(work, work.today),
        terms=await colleagues.terms(work),
    )  # fmt: skip


async def minutes_left(work: Work, review: ReviewRow) -> int:
    """How many working minutes are left; below nothing when it is late."""
    if review.minutes_left is not None:
        return review.minutes_left
    return rules.minutes_between(
        work.now, review.due_at, special=await _calendar(work, review.due_at.date()),
        terms=await colleagues.terms(work),
    )  # fmt: skip


async def withdraw_for(work: Work, *, application_id: UUID) -> None:
    """The application ended by itself: its open review leaves the queue."""
    review = await work.maybe(ReviewRow, sql.open_review_of, application_id=application_id)
    if review is None:
        return
    await approvals.withdraw(work, kind=KIND, object_id=review.id)
    await work.run(sql.close_review, id=review.id, state="withdrawn")
    await work.record("review.withdrawn", object_id=review.id)


async def queue(
    work: Work, *, wanted: Wanted, after: str | None = None, limit: int
) -> Page[QueueLine]:
    """What is open of the caller's branch (of all, at the central branch); BadCursor."""
    mine = {"staff_id": colleagues.me(work)}
    branch = await colleagues.scope(work)
    if wanted.view == "mine" or wanted.uscc is not None:
        rows = await (
            work.all(QueueLine, sql.of_code, uscc=wanted.uscc, **mine)
            if wanted.uscc is not None
            else work.all(QueueLine, sql.mine, **mine)
        )
        return Page(items=[row for row in rows if branch in (None, row.branch)])
    asked = mine | {
        "view": wanted.view, "risk_from": wanted.risk_from, "most": limit + 1,
        "account_class": wanted.account_class,
    }  # fmt: skip
    if branch is not None:
        asked["branch"] = branch
    if wanted.order == "due":
        due_at, last = decode_cursor(after, datetime, UUID) if after else (FIRST, UUID(int=0))
        query = sql.bank_by_term if branch is None else sql.branch_by_term
        rows = await work.all(QueueLine, query, due_at=due_at, id=last, **asked)
        return page(rows, limit, lambda row: (row.due_at, row.id))
    start = (-1, work.now, UUID(int=0))
    calm, opened_at, last = decode_cursor(after, int, datetime, UUID) if after else start
    query = sql.bank_by_risk if branch is None else sql.branch_by_risk
    rows = await work.all(QueueLine, query, calm=calm, opened_at=opened_at, id=last, **asked)
    return page(rows, limit, lambda row: (row.calm, row.opened_at, row.id))


async def enter(work: Work, *, review_id: UUID) -> None:
    """Find the firm of a review and act in it from here on; ReviewNotFound."""
    business_id = await registrations.whose(work, object_id=review_id)
    if business_id is None:
        raise ReviewNotFound(review_id=review_id)
    await work.set_business(business_id)


async def _seen(work: Work, review: ReviewRow | None, review_id: UUID) -> ReviewRow:
    """A review of another branch is not there."""
    if review is None or await colleagues.scope(work) not in (None, review.branch):
        raise ReviewNotFound(review_id=review_id)
    return review


async def lock(work: Work, *, review_id: UUID) -> ReviewRow:
    """A review of the caller's branch, kept from others until this work ends; ReviewNotFound."""
    await enter(work, review_id=review_id)
    found = await work.maybe(ReviewRow, sql.lock_review, id=review_id)
    return await _seen(work, found, review_id)


async def lock_own(work: Work, *, review_id: UUID) -> ReviewRow:
    """A review of the firm that is acted in, whoever acts, kept from others."""
    found = await work.maybe(ReviewRow, sql.lock_review, id=review_id)
    if found is None:
        raise ReviewNotFound(review_id=review_id)
    return found


async def row(work: Work, *, review_id: UUID) -> ReviewRow:
    """A review of the firm that is acted in."""
    return await _seen(work, await work.maybe(ReviewRow, sql.review, id=review_id), review_id)


async def _barred(work: Work, review_id: UUID) -> bool:
    return await work.one(bool, sql.barred, id=review_id, staff_id=colleagues.me(work))


async def check_not_barred(work: Work, *, review_id: UUID) -> None:
    """OwnFirm where the firm is the caller's own or a relative's: not even read."""
    if await _barred(work, review_id):
        raise OwnFirm()


async def claim(work: Work, *, review_id: UUID) -> ReviewRow:
    """Take a review for as long as the policy's lease; claiming it again renews the lease."""
    review = await lock(work, review_id=review_id)
    staff_id, terms = colleagues.me(work), await colleagues.terms(work)
    await colleagues.check_present(work)
    rules.check_claim(
        review, staff_id=staff_id, now=work.now, barred=await _barred(work, review_id),
        supervisor=work.actor.role == "supervisor",
    )  # fmt: skip
    held = rules.holds(review, staff_id=staff_id, now=work.now)
    most = terms.claims_at_most
    if not held and await work.one(int, sql.claims_of, staff_id=staff_id) >= most:
        raise TooManyClaims(at_most=most)
    until = work.now + timedelta(minutes=terms.lease_minutes)
    await work.run(sql.set_claim, id=review_id, claimed_by=staff_id, lease_until=until)
    await work.record("review.claimed", object_id=review_id)
    return await row(work, review_id=review_id)


async def release(work: Work, *, review_id: UUID) -> ReviewRow:
    """Let go of one's claim; letting go of nothing changes nothing."""
    review = await lock(work, review_id=review_id)
    if review.claimed_by == colleagues.me(work):
        await work.run(sql.set_claim, id=review_id, claimed_by=None, lease_until=None)
        await work.record("review.released", object_id=review_id)
    return await row(work, review_id=review_id)


async def decide(work: Work, *, review_id: UUID, new: NewDecision) -> ReviewRow:
    """One reviewer's decision about the version seen; the last needed one moves the application.

    Raises what `rules.check_decision` and `approvals.decide` raise: stale version, twice the same.
    """
    review = await lock(work, review_id=review_id)
    await colleagues.check_present(work)
    rules.check_decision(
        review, new, staff_id=colleagues.me(work), now=work.now,
        barred=await _barred(work, review_id),
    )  # fmt: skip
    application = await applications.lock(work, application_id=review.application_id)
    decision = await approvals.decide(
        work, kind=KIND, object_id=review_id, version=new.version,
        approve=new.decision == "approve", reason=new.reason,
    )  # fmt: skip
    if new.decision == "approve":
        await work.run(sql.add_approval, id=review_id, staff_id=colleagues.me(work))
    if decision.settled:
        await _settle(work, review, application, new)
    return await row(work, review_id=review_id)


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


async def stop_clock(work: Work, *, review: ReviewRow) -> None:
    """The applicant is asked for something: nobody holds it, what was said of it falls."""
    left = max(await minutes_left(work, review), 0)
    await approvals.withdraw(work, kind=KIND, object_id=review.id)
    await work.run(sql.stop_clock, id=review.id, minutes_left=left)


async def start_clock(work: Work, *, review: ReviewRow, version: int) -> None:
    """The reviewers' turn again with the minutes that were left, about this version."""
    due_at = await due_after(work, review.minutes_left or 0)
    await work.run(sql.start_clock, id=review.id, due_at=due_at, version=version)
    await ask(work, review_id=review.id, version=version, levels=review.levels)


async def hold(work: Work, *, review_id: UUID) -> ReviewRow:
    """A review that the caller holds a live claim on; NotClaimed otherwise."""
    review = await lock(work, review_id=review_id)
    if not rules.holds(review, staff_id=colleagues.me(work), now=work.now):
        raise NotClaimed()
    return review


async def reveal(work: Work, *, review_id: UUID, new: NewReveal) -> Revealed:
    """One personal field in full to whoever holds the review; that it was shown is recorded."""
    review = await hold(work, review_id=review_id)
    application = await applications.row(work, application_id=review.application_id)
    person = (await applications.private(work, application=application)).legal_representative
    await work.record("review.revealed", object_id=review_id, field=new.field, why=new.why)
    value = person.id_number if new.field == "id_number" else person.phone
    return Revealed(field=new.field, value=value)


async def read(work: Work, *, review_id: UUID) -> Review:
    """A review with the application, masked, and all evidence; OwnFirm for whom it is too near."""
    await enter(work, review_id=review_id)
    review = await row(work, review_id=review_id)
    await check_not_barred(work, review_id=review_id)
    application = await applications.row(work, application_id=review.application_id)
    subject = await _subject(work, application)
    evidence = await checks.evidence(work, application_id=application.id)
    await work.record("review.read", object_id=review_id)
    return Review(
        review=review,
        application=subject,
        comparison=rules.compare(await checks.compared(work, application_id=application.id)),
        checks=evidence,
        said=await work.all(Said, sql.said, id=review_id),
        minutes_left=await minutes_left(work, review),
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
