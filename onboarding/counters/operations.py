"""Check in by code or by hand, call the next, the teller's case, confirm, and nobody was there."""

from __future__ import annotations

import hmac
from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct

from app import clock
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications import rules as opening
from onboarding.applications.model import ApplicationNotOpen
from onboarding.counters import rules
from onboarding.counters.model import (
    BadCheckInCode,
    Calling,
    Confirmed,
    DayVisit,
    NobodyWaits,
    OtherBranch,
    Presented,
    StillServing,
    VisitCase,
)
from onboarding.products import operations as products
from onboarding.registrations import operations as registrations
from onboarding.visits import operations as visits
from onboarding.visits import rules as booking
from onboarding.visits.model import (
    StaleVisit,
    Visit,
    VisitCompleted,
    VisitNotFound,
    VisitNotOpen,
    VisitRow,
)

sql = load(__name__)


class _Called(Struct, frozen=True, kw_only=True):
    business_id: UUID
    id: UUID


async def day(work: Work, *, code: str, on: date) -> list[DayVisit]:
    """Who comes to a branch on a day, for its tellers; OtherBranch."""
    _own_branch(work, code)
    if abs((on - work.today).days) > 366:
        return []
    start = clock.start_of_day(on)
    return await work.all(
        DayVisit, sql.day, branch=code, from_at=start, until_at=start + timedelta(days=1)
    )


def _own_branch(work: Work, code: str) -> None:
    if work.actor.branch not in (None, code):
        raise OtherBranch(branch=code)


async def _enter(work: Work, visit_id: UUID) -> None:
    business_id = await registrations.whose(work, object_id=visit_id)
    if business_id is None:
        raise VisitNotFound(visit_id=visit_id)
    await work.set_business(business_id)


async def _at_the_desk(work: Work, visit_id: UUID) -> VisitRow:
    """A visit to the teller's own branch; one to another branch is not there."""
    await _enter(work, visit_id)
    row = await visits.lock(work, visit_id=visit_id)
    if work.actor.branch not in (None, row.branch):
        raise VisitNotFound(visit_id=visit_id)
    return row


async def present(work: Work, *, presented: Presented) -> Visit:
    """Somebody's phone shows its code: they are checked in, once.

    BadCheckInCode says why: forged, expired, or used (also when the visit has changed since).
    """
    found = booking.parse_code(presented.code)
    if found is None:
        raise BadCheckInCode(reason="forged")
    visit_id, version, expires, signed = found
    text = booking.code_text(visit_id, version, expires)
    if not hmac.compare_digest(visits.signature(work, text), signed):
        raise BadCheckInCode(reason="forged")
    if work.now.timestamp() > expires:
        raise BadCheckInCode(reason="expired")
    row = await _at_the_desk(work, visit_id)
    if row.state != "booked" or row.version != version:
        raise BadCheckInCode(reason="used", state=row.state)
    return await _check_in(work, row)


async def check_in(work: Work, *, visit_id: UUID) -> Visit:
    """Somebody is there with their ticket; it needs the bank's approval of the application."""
    row = await _at_the_desk(work, visit_id)
    if row.state != "booked":
        raise VisitNotOpen(state=row.state)
    return await _check_in(work, row)


async def _check_in(work: Work, row: VisitRow) -> Visit:
    application = await applications.row(work, application_id=row.application_id)
    if application.state != "approved":
        raise ApplicationNotOpen(state=application.state)
    last = await work.one(int, sql.next_number, branch=row.branch)
    await work.run(
        sql.check_in, id=row.id, queue_number=booking.queue_number(last),
        queue_at=booking.queue_at(row.starts_at, work.now),
    )  # fmt: skip
    return await _told(work, row.id)


async def _told(work: Work, visit_id: UUID) -> Visit:
    changed = await visits.get(work, visit_id=visit_id)
    await visits.tell(work, changed)
    return changed


async def call_next(work: Work, *, branch: str, calling: Calling) -> VisitCase:
    """A window is free: the first in the queue is called to it, and to no other window.

    Raises OtherBranch, StillServing, NobodyWaits.
    """
    _own_branch(work, branch)
    await work.run(sql.one_at_a_time, staff_id=work.actor.staff_id)
    serving = await work.maybe(UUID, sql.serving, staff_id=work.actor.staff_id)
    if serving is not None:
        raise StillServing(visit_id=serving)
    called = await work.maybe(_Called, sql.call_next, branch=branch)
    if called is None:
        raise NobodyWaits(branch=branch)
    await work.set_business(called.business_id)
    await work.run(sql.call, id=called.id, staff_id=work.actor.staff_id, window=calling.window)
    await _told(work, called.id)
    return await _case(work, called.id)


async def leave(work: Work, *, visit_id: UUID) -> Visit:
    """Called, and nobody was there: the window is free again."""
    row = await _at_the_desk(work, visit_id)
    if row.state not in ("checked_in", "serving"):
        raise VisitNotOpen(state=row.state)
    return await visits.miss(work, row=row)


async def read(work: Work, *, visit_id: UUID) -> VisitCase:
    """The teller's case, numbers masked; that it was looked at is recorded. VisitNotFound."""
    await _enter(work, visit_id)
    case = await _case(work, visit_id)
    if work.actor.branch not in (None, case.visit.branch):
        raise VisitNotFound(visit_id=visit_id)
    await work.record("visit.read", object_id=visit_id)
    return case


async def _case(work: Work, visit_id: UUID) -> VisitCase:
    visit = await visits.get(work, visit_id=visit_id)
    application = await applications.row(work, application_id=visit.application_id)
    secret = await applications.private(work, application=application)
    there = visit.state in ("checked_in", "serving")
    return VisitCase(
        visit=visit, business_id=work.business_id, application_state=application.state,
        account_name=application.account_name, account_class=application.account_class,
        entity_type=application.entity_type, uscc=application.uscc, number=application.number,
        legal_representative=opening.masked(secret.legal_representative),
        documents=await applications.documents(work, application_id=application.id),
        products=await products.get_all(work, application_id=application.id),
        may_complete=there and application.state == "approved",
        next_step=rules.next_step(visit.state, application.state),
    )  # fmt: skip


async def complete(work: Work, *, visit_id: UUID, confirmed: Confirmed) -> Visit:
    """The teller confirms identity, will, papers and seals; the account is opened at once by job.

    Raises VisitNotOpen, StaleVisit, NotConfirmed with everything that is missing.
    """
    row = await _at_the_desk(work, visit_id)
    if row.version != confirmed.version:
        raise StaleVisit(version=row.version)
    visit = await visits.shown(work, row)
    rules.check_completion(row.state, confirmed, visit.bring)
    await work.run(
        sql.complete, id=visit_id, staff_id=work.actor.staff_id,
        identity_by=confirmed.identity_by, papers_seen=list(dict.fromkeys(confirmed.papers_seen)),
        seals=list(dict.fromkeys(confirmed.seals)),
    )  # fmt: skip
    await work.emit(VisitCompleted(visit_id=visit_id, application_id=row.application_id))
    return await _told(work, visit_id)
