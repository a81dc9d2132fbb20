"""Book, move and cancel a visit; check in, complete, and open the account that it was for."""

from __future__ import annotations

import base64
import io
import secrets
from datetime import date, timedelta
from uuid import UUID

import segno

from accounts.deposits import operations as deposits
from accounts.numbers import operations as numbers
from accounts.numbers.model import Branch
from accounts.policies import operations as policies
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
    Before,
    BranchShown,
    CheckInCode,
    MovedVisit,
    NewVisit,
    NotToday,
    Place,
    Slot,
    SlotFull,
    SlotKey,
    SlotUnknown,
    StaleVisit,
    Taken,
    Visit,
    VisitMissed,
    VisitNear,
    VisitNotFound,
    VisitNotOpen,
    VisitRow,
    VisitTerms,
    WrongBranch,
)

sql = load(__name__)

TICKET_LETTERS = "ABCDEFGHJKLMNPQRTUWXY3468"


async def terms(work: Work) -> VisitTerms:
    """The bank's policy of visits in force today."""
    return await policies.value(work, kind="visits.terms", shape=VisitTerms)


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
    if not rules.bookable(on, today=work.today, days_ahead=(await terms(work)).days_ahead):
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
    if not rules.bookable(on, today=work.today, days_ahead=(await terms(work)).days_ahead):
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
        starts_at=key.starts_at, comes=new.comes,
        ticket="".join(secrets.choice(TICKET_LETTERS) for _ in range(6)),
    )  # fmt: skip
    if not added:
        raise AlreadyBooked(application_id=application.id)
    await _take(work, key, branch)
    await registrations.refer(work, object_id=visit_id)
    visit = await get(work, visit_id=visit_id)
    await tell(work, visit)
    return visit


async def tell(work: Work, visit: Visit) -> None:
    """A step for whoever watches live, and the audit's row."""
    await work.progress(
        visit.application_id, "visit", state=visit.state, branch=visit.branch,
        starts_at=visit.starts_at.isoformat(),
        number=None if visit.queue is None else visit.queue.number, window=visit.window,
    )  # fmt: skip
    await work.record(f"visit.{visit.state}", object_id=visit.id)


async def get(work: Work, *, visit_id: UUID) -> Visit:
    """One appointment with what to bring and one's place in the queue; VisitNotFound."""
    row = await work.maybe(VisitRow, sql.visit, id=visit_id)
    if row is None:
        raise VisitNotFound(visit_id=visit_id)
    return await shown(work, row)


async def get_all(work: Work) -> list[Visit]:
    """The firm's appointments, newest first."""
    return [await shown(work, row) for row in await work.all(VisitRow, sql.visits)]


async def shown(work: Work, row: VisitRow) -> Visit:
    """An appointment as people see it."""
    application = await applications.row(work, application_id=row.application_id)
    return Visit(
        id=row.id, application_id=row.application_id, branch=row.branch,
        starts_at=row.starts_at, state=row.state, version=row.version, ticket=row.ticket,
        comes=row.comes,
        bring=rules.checklist(
            entity_type=application.entity_type, account_class=application.account_class,
            electronic_licence=application.registration_id is not None, comes=row.comes,
        ),
        queue=await _place(work, row), window=row.desk_window, booked_at=row.booked_at,
        checked_in_at=row.checked_in_at, called_at=row.called_at,
        completed_at=row.completed_at, missed_at=row.missed_at,
    )  # fmt: skip


async def _place(work: Work, row: VisitRow) -> Place | None:
    """Number, how many are before, and how long it may take."""
    if row.queue_number is None or row.state not in ("checked_in", "serving"):
        return None
    if row.state == "serving":
        return Place(number=row.queue_number, ahead=0, minutes=0)
    before = await work.one(Before, sql.before, branch=row.branch, queue_at=row.queue_at, id=row.id)
    branch = await numbers.branch(work, code=row.branch)
    minutes = rules.wait_minutes(
        before, typical_minutes=(await terms(work)).typical_minutes, windows=branch.windows
    )
    return Place(number=row.queue_number, ahead=before.waiting, minutes=minutes)


async def lock(work: Work, *, visit_id: UUID) -> VisitRow:
    """One appointment, kept from others until this work ends; VisitNotFound."""
    row = await work.maybe(VisitRow, sql.lock_visit, id=visit_id)
    if row is None:
        raise VisitNotFound(visit_id=visit_id)
    return row


async def check_in_code(work: Work, *, visit_id: UUID) -> CheckInCode:
    """What the phone shows at the branch: signed, for two minutes, and only for this visit as it
    stands: arrived or moved, it lets nobody in. VisitNotOpen, NotToday."""
    row = await work.maybe(VisitRow, sql.visit, id=visit_id)
    if row is None:
        raise VisitNotFound(visit_id=visit_id)
    if row.state != "booked":
        raise VisitNotOpen(state=row.state)
    on = clock.business_date(row.starts_at)
    if on != work.today:
        raise NotToday(on=on.isoformat())
    seconds = (await terms(work)).code_seconds
    expires_at = work.now.replace(microsecond=0) + timedelta(seconds=seconds)
    text = rules.code_text(row.id, row.version, int(expires_at.timestamp()))
    code = f"{text}.{signature(work, text)}"
    out = io.BytesIO()
    segno.make(code, error="m", micro=False).save(out, kind="svg", scale=4, border=2, xmldecl=False)
    return CheckInCode(code=code, qr_svg=out.getvalue().decode(), expires_at=expires_at)


def signature(work: Work, text: str) -> str:
    """Ours over a check-in code, a hundred and twenty bits of it."""
    return base64.urlsafe_b64encode(work.vault.blind_index("visit_check_in", text)[:15]).decode()


async def reschedule(work: Work, *, visit_id: UUID, moved: MovedVisit) -> Visit:
    """Another time: the new slot is taken and the old one freed, in the order of their keys."""
    visit = await lock(work, visit_id=visit_id)
    if visit.state not in rules.MOVABLE:
        raise VisitNotOpen(state=visit.state)
    if visit.version != moved.version:
        raise StaleVisit(version=visit.version)
    application = await applications.row(work, application_id=visit.application_id)
    key, branch = await _slot(work, moved.slot_id, application)
    old = SlotKey(branch=visit.branch, starts_at=visit.starts_at)
    if key == old:
        return await shown(work, visit)
    # Two firms that swap their slots must not wait for each other.
    if old < key:
        await _free(work, old)
        await _take(work, key, branch)
    else:
        await _take(work, key, branch)
        await _free(work, old)
    await work.run(sql.move_visit, id=visit_id, starts_at=key.starts_at)
    changed = await get(work, visit_id=visit_id)
    await tell(work, changed)
    return changed


async def _free(work: Work, key: SlotKey) -> None:
    await work.run(sql.free_slot, branch=key.branch, starts_at=key.starts_at)


async def cancel(work: Work, *, visit_id: UUID) -> Visit:
    """Nobody comes: the slot is free for others."""
    visit = await lock(work, visit_id=visit_id)
    if visit.state not in rules.MOVABLE:
        raise VisitNotOpen(state=visit.state)
    return await _cancel(work, visit)


async def _cancel(work: Work, visit: VisitRow) -> Visit:
    await work.run(sql.cancel_visit, id=visit.id)
    await _free(work, SlotKey(branch=visit.branch, starts_at=visit.starts_at))
    changed = await get(work, visit_id=visit.id)
    await tell(work, changed)
    return changed


async def cancel_for(work: Work, *, application_id: UUID) -> None:
    """The application ended: its appointment falls away."""
    visit = await work.maybe(VisitRow, sql.live_visit_of, application_id=application_id)
    if visit is not None:
        await _cancel(work, visit)


async def miss(work: Work, *, row: VisitRow) -> Visit:
    """Nobody came: another appointment can be made, the time is gone."""
    await work.run(sql.miss_visit, id=row.id)
    await work.emit(VisitMissed(visit_id=row.id, application_id=row.application_id))
    changed = await get(work, visit_id=row.id)
    await tell(work, changed)
    return changed


async def look_at(work: Work, *, visit_id: UUID, what: str) -> None:
    """What the clock found due, if it still is: who did not come, who is to be reminded."""
    row = await lock(work, visit_id=visit_id)
    if what == "missed" and row.state in ("booked", "checked_in"):
        await miss(work, row=row)
    if what == "near" and row.state == "booked":
        await work.run(sql.mark_reminded, id=visit_id)
        await work.emit(VisitNear(visit_id=visit_id, application_id=row.application_id))


async def to_activate(work: Work, *, application_id: UUID) -> ApplicationRow | None:
    """The application whose account is to be opened now; None when that has been settled."""
    application = await applications.row(work, application_id=application_id)
    return application if application.state == "approved" else None


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


async def refuse_account(work: Work, *, application_id: UUID, code: str) -> None:
    """The firm has its basic account already, or for another class has none: the application
    ends."""
    application = await applications.lock(work, application_id=application_id)
    if application.state == "approved":
        await applications.move(
            work, application=application, state="refused", acted="system",
            codes=[code],
        )  # fmt: skip
