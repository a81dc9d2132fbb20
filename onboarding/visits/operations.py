"""Book, move and cancel a visit; check in, complete, and open the account that it was for."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.numbers import operations as numbers
from accounts.numbers.model import Branch
from app import clock
from app.identity import operations as identity
from app.ids import new_id
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import AccountActivated, ApplicationNotOpen, ApplicationRow
from onboarding.registrations import operations as registrations
from onboarding.visits import rules
from onboarding.visits.model import (
    AlreadyBooked,
    BasicAccountTaken,
    BranchShown,
    Confirmed,
    DayVisit,
    MovedVisit,
    NewVisit,
    OtherBranch,
    Slot,
    SlotFull,
    SlotKey,
    SlotUnknown,
    StaleVisit,
    Taken,
    Visit,
    VisitCompleted,
    VisitNotFound,
    VisitNotOpen,
    WrongBranch,
)

sql = load(__name__)

TICKET_LETTERS = "ABCDEFGHJKLMNPQRTUWXY3468"


async def branches(work: Work) -> list[BranchShown]:
    """All branches."""
    return [
        BranchShown(
            code=branch.code, name=branch.name, address=branch.address,
            area_code=branch.area_code, bank_code=branch.bank_code,
            opens=f"{branch.opens_at:%H:%M}", closes=f"{branch.closes_at:%H:%M}",
        )
        for branch in await numbers.branches(work)
    ]  # fmt: skip


async def slots(work: Work, *, code: str, on: date) -> list[Slot]:
    """The slots of a day at a branch and what is free; none on days when it is closed."""
    branch = await numbers.branch(work, code=code)
    if not rules.bookable(on, today=work.today):
        return []
    special = await reference.special_days(work, from_on=on, until_on=on + timedelta(days=1))
    at = rules.moments(branch, on=on, now=work.now, special=special)
    start = clock.start_of_day(on)
    taken = await work.all(
        Taken, sql.taken, branch=code, from_at=start, until_at=start + timedelta(days=1)
    )
    return rules.slots(branch, at, {row.starts_at: row.taken for row in taken})


async def _slot(work: Work, name: str, application: ApplicationRow) -> tuple[SlotKey, Branch]:
    """A slot that exists at the application's branch; SlotUnknown, WrongBranch."""
    key = rules.parse_slot(name)
    if key is None:
        raise SlotUnknown(slot_id=name)
    if key.branch != application.branch:
        raise WrongBranch(branch=application.branch)
    branch = await numbers.branch(work, code=key.branch)
    on = clock.business_date(key.starts_at)
    if not rules.bookable(on, today=work.today):
        raise SlotUnknown(slot_id=name)
    special = await reference.special_days(work, from_on=on, until_on=on + timedelta(days=1))
    if key.starts_at not in rules.moments(branch, on=on, now=work.now, special=special):
        raise SlotUnknown(slot_id=name)
    return key, branch


async def _take(work: Work, key: SlotKey, branch: Branch) -> None:
    taken = await work.maybe(
        int, sql.take_slot, branch=key.branch, starts_at=key.starts_at, capacity=branch.windows
    )
    if taken is None:
        raise SlotFull(slot_id=rules.slot_id(key))


async def book(work: Work, *, new: NewVisit) -> Visit:
    """Book a slot for an application; capacity is never exceeded. SlotFull, AlreadyBooked."""
    application = await applications.lock(work, application_id=new.application_id)
    if application.state not in rules.BOOKABLE:
        raise ApplicationNotOpen(state=application.state)
    key, branch = await _slot(work, new.slot_id, application)
    visit_id = new_id()
    added = await work.run(
        sql.add_visit, id=visit_id, application_id=application.id, branch=key.branch,
        starts_at=key.starts_at,
        ticket="".join(secrets.choice(TICKET_LETTERS) for _ in range(6)),
    )  # fmt: skip
    if not added:
        raise AlreadyBooked(application_id=application.id)
    await _take(work, key, branch)
    await registrations.refer(work, object_id=visit_id)
    visit = await get(work, visit_id=visit_id)
    await _tell(work, visit)
    return visit


async def _tell(work: Work, visit: Visit) -> None:
    await work.progress(
        visit.application_id, "visit", state=visit.state, branch=visit.branch,
        starts_at=visit.starts_at.isoformat(),
    )  # fmt: skip
    await work.record(f"visit.{visit.state}", object_id=visit.id)


async def get(work: Work, *, visit_id: UUID) -> Visit:
    """One appointment; VisitNotFound."""
    visit = await work.maybe(Visit, sql.visit, id=visit_id)
    if visit is None:
        raise VisitNotFound(visit_id=visit_id)
    return visit


async def get_all(work: Work) -> list[Visit]:
    """The firm's appointments, newest first."""
    return await work.all(Visit, sql.visits)


async def _lock(work: Work, visit_id: UUID) -> Visit:
    visit = await work.maybe(Visit, sql.lock_visit, id=visit_id)
    if visit is None:
        raise VisitNotFound(visit_id=visit_id)
    return visit


async def reschedule(work: Work, *, visit_id: UUID, moved: MovedVisit) -> Visit:
    """Another time: the new slot is taken and the old one freed, in the order of their keys."""
    visit = await _lock(work, visit_id)
    if visit.state not in rules.MOVABLE:
        raise VisitNotOpen(state=visit.state)
    if visit.version != moved.version:
        raise StaleVisit(version=visit.version)
    application = await applications.row(work, application_id=visit.application_id)
    key, branch = await _slot(work, moved.slot_id, application)
    old = SlotKey(branch=visit.branch, starts_at=visit.starts_at)
    if key == old:
        return visit
    # Two firms that swap their slots must not wait for each other.
    if old < key:
        await _free(work, old)
        await _take(work, key, branch)
    else:
        await _take(work, key, branch)
        await _free(work, old)
    await work.run(sql.move_visit, id=visit_id, starts_at=key.starts_at)
    changed = await get(work, visit_id=visit_id)
    await _tell(work, changed)
    return changed


async def _free(work: Work, key: SlotKey) -> None:
    await work.run(sql.free_slot, branch=key.branch, starts_at=key.starts_at)


async def cancel(work: Work, *, visit_id: UUID) -> Visit:
    """Nobody comes: the slot is free for others."""
    visit = await _lock(work, visit_id)
    if visit.state not in rules.MOVABLE:
        raise VisitNotOpen(state=visit.state)
    return await _cancel(work, visit)


async def _cancel(work: Work, visit: Visit) -> Visit:
    await work.run(sql.cancel_visit, id=visit.id)
    await _free(work, SlotKey(branch=visit.branch, starts_at=visit.starts_at))
    changed = await get(work, visit_id=visit.id)
    await _tell(work, changed)
    return changed


async def cancel_for(work: Work, *, application_id: UUID) -> None:
    """The application ended: its appointment falls away."""
    visit = await work.maybe(Visit, sql.live_visit_of, application_id=application_id)
    if visit is not None:
        await _cancel(work, visit)


async def day(work: Work, *, code: str, on: date) -> list[DayVisit]:
    """Who comes to a branch on a day, for its tellers; OtherBranch."""
    if work.actor.branch not in (None, code):
        raise OtherBranch(branch=code)
    if abs((on - work.today).days) > 366:
        return []
    start = clock.start_of_day(on)
    return await work.all(
        DayVisit, sql.day, branch=code, from_at=start, until_at=start + timedelta(days=1)
    )


async def _at_the_desk(work: Work, visit_id: UUID) -> Visit:
    """A visit to the teller's own branch; one to another branch is not there."""
    business_id = await registrations.whose(work, object_id=visit_id)
    if business_id is None:
        raise VisitNotFound(visit_id=visit_id)
    await work.set_business(business_id)
    visit = await _lock(work, visit_id)
    if work.actor.branch not in (None, visit.branch):
        raise VisitNotFound(visit_id=visit_id)
    return visit


async def check_in(work: Work, *, visit_id: UUID) -> Visit:
    """Somebody is there; it needs the bank's approval of the application."""
    visit = await _at_the_desk(work, visit_id)
    if visit.state != "booked":
        raise VisitNotOpen(state=visit.state)
    application = await applications.row(work, application_id=visit.application_id)
    if application.state != "approved":
        raise ApplicationNotOpen(state=application.state)
    await work.run(sql.check_in, id=visit_id)
    changed = await get(work, visit_id=visit_id)
    await _tell(work, changed)
    return changed


async def complete(work: Work, *, visit_id: UUID, confirmed: Confirmed) -> Visit:
    """The teller confirms identity, will and seals; the account is opened at once by job."""
    visit = await _at_the_desk(work, visit_id)
    if visit.version != confirmed.version:
        raise StaleVisit(version=visit.version)
    rules.check_completion(visit.state, confirmed)
    await work.run(sql.complete, id=visit_id, staff_id=work.actor.staff_id)
    await work.emit(VisitCompleted(visit_id=visit_id, application_id=visit.application_id))
    changed = await get(work, visit_id=visit_id)
    await _tell(work, changed)
    return changed


async def to_activate(work: Work, *, application_id: UUID) -> str | None:
    """The code of a firm whose account is to be opened now; None when that has been settled."""
    application = await applications.row(work, application_id=application_id)
    return application.uscc if application.state == "approved" else None


async def activate(work: Work, *, application_id: UUID) -> None:
    """Open the account under the number kept for it, and the firm may do business.

    Raises BasicAccountTaken when the firm has its basic account already: nothing is opened then.
    """
    application = await applications.lock(work, application_id=application_id)
    if application.state != "approved":
        return
    assert application.number is not None
    account_id = await deposits.open(
        work, number=application.number, name=application.account_name,
        account_class=application.account_class,
    )  # fmt: skip
    await numbers.take(
        work, number=application.number, application_id=application_id, account_id=account_id
    )
    if not await applications.activate(work, application=application, account_id=account_id):
        raise BasicAccountTaken(uscc=application.uscc)
    await _bring_to_life(work, application)
    await work.emit(AccountActivated(application_id=application_id, account_id=account_id))


async def _bring_to_life(work: Work, application: ApplicationRow) -> None:
    """A firm from elsewhere gets its code in our directory; any firm may now do business."""
    business = await identity.business(work)
    if business.state == "forming":
        await identity.register_business(work, uscc=application.uscc, name=application.account_name)
    if business.state != "active":
        await identity.activate_business(work)


async def refuse_second_account(work: Work, *, application_id: UUID) -> None:
    """The firm has its basic account already: the application ends."""
    application = await applications.lock(work, application_id=application_id)
    if application.state == "approved":
        await applications.move(
            work, application=application, state="refused", acted="system",
            codes=["basic_account_exists"],
        )  # fmt: skip
