"""Keeps schedules and pays each of their dates once, by ordinary payments."""

from datetime import date, timedelta
from uuid import UUID

import msgspec
from msgspec.structs import replace

from accounts.deposits import operations as deposits
from accounts.ledger import operations as ledger
from accounts.ledger.model import InsufficientFunds
from accounts.parties import operations as parties
from accounts.parties.rules import tail
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import NewPayment, Payee
from accounts.policies import operations as policies
from accounts.schedules import rules
from accounts.schedules.model import (
    NewAmount,
    NewSchedule,
    PatternWrong,
    Retry,
    Run,
    Schedule,
    ScheduleDue,
    ScheduleFailed,
    ScheduleNotFound,
    StoredSchedule,
)
from app import pages
from app.errors import XiaoweiError
from app.ids import new_id
from app.queries import load
from app.reference import operations as calendar
from app.reference.model import DayKind
from app.work import Work

sql = load(__name__)
PLACE = "accounts.schedules.payee_sealed"
LEFT = "制单人已无付款权限，定期付款已暂停"


async def make(work: Work, *, new: NewSchedule) -> Schedule:
    """Pay by the calendar: AccountNotFound, PartyNotFound, PartyClosed, ScheduleIncomplete, or
    PatternWrong where no date is to come."""
    rules.sound(new)
    await deposits.own(work, account_id=new.account_id)
    if new.to_account_id is not None:
        await deposits.own(work, account_id=new.to_account_id)
    known = None
    if new.party_id is not None:
        known = await parties.payee_account(work, party_id=new.party_id)
    first = rules.first_from(new.pattern, await _special(work), today=work.today, made=0)
    if first is None:
        raise PatternWrong(field="first_on")
    schedule_id = new_id()
    payee = new.payee
    await work.run(
        sql.add_schedule,
        id=schedule_id,
        kind=new.kind,
        account_id=new.account_id,
        to_account_id=new.to_account_id,
        amount_fen=new.amount_fen,
        party_id=new.party_id,
        payee_name=payee.name if payee else known.name if known else None,
        payee_sealed=await _sealed(work, schedule_id, payee) if payee else None,
        payee_account_tail=tail(payee.account_number) if payee else None,
        payee_bank_code=payee.bank_code if payee else None,
        purpose=new.purpose if new.kind == "payment" else "own_account",
        memo=new.memo,
        speed=new.speed,
        pattern=msgspec.to_builtins(new.pattern),
        next_nominal_on=first.nominal_on,
        next_on=first.pay_on,
    )
    await work.record("schedule.made", object_id=schedule_id, kind=new.kind)
    return await get(work, schedule_id=schedule_id)


async def _sealed(work: Work, schedule_id: UUID, payee: Payee) -> bytes:
    return await work.vault.seal(
        work, payee.account_number, scope=work.business_id, place=PLACE, row_id=schedule_id
    )


async def _special(work: Work) -> dict[date, DayKind]:
    """The calendar's exceptions around today, as far as any next date may lie."""
    return await calendar.special_days(
        work,
        from_on=work.today - timedelta(days=rules.HORIZON_DAYS),
        until_on=work.today + timedelta(days=2 * rules.HORIZON_DAYS),
    )


async def get(work: Work, *, schedule_id: UUID) -> Schedule:
    """One schedule with its next dates, or ScheduleNotFound."""
    stored = await work.maybe(StoredSchedule, sql.schedule, id=schedule_id)
    if stored is None:
        raise ScheduleNotFound(schedule_id=schedule_id)
    return rules.shown(stored, await _special(work), today=work.today)


async def search(work: Work, *, after: str | None, limit: int) -> pages.Page[Schedule]:
    """The firm's schedules, newest first."""
    (after_id,) = pages.decode_cursor(after, UUID) if after else (None,)
    rows = await work.all(StoredSchedule, sql.schedules_page, after_id=after_id, limit=limit)
    special = await _special(work)
    shown = [rules.shown(row, special, today=work.today) for row in rows]
    return pages.page(shown, limit, lambda one: (one.id,))


async def runs(work: Work, *, schedule_id: UUID) -> list[Run]:
    """What came of the dates so far, newest first; ScheduleNotFound."""
    await get(work, schedule_id=schedule_id)
    return await work.all(Run, sql.runs, schedule_id=schedule_id)


async def _lock(work: Work, schedule_id: UUID) -> StoredSchedule:
    stored = await work.maybe(StoredSchedule, sql.lock_schedule, id=schedule_id)
    if stored is None:
        raise ScheduleNotFound(schedule_id=schedule_id)
    return stored


async def _save(work: Work, stored: StoredSchedule) -> None:
    await work.run(
        sql.save_schedule,
        id=stored.id,
        amount_fen=stored.amount_fen,
        state=stored.state,
        reason=stored.reason,
        next_nominal_on=stored.next_nominal_on,
        next_on=stored.next_on,
        made=stored.made,
        version=stored.version,
    )


async def _decided(work: Work, stored: StoredSchedule, action: str) -> Schedule:
    await _save(work, stored)
    await work.record(f"schedule.{action}", object_id=stored.id)
    return rules.shown(stored, await _special(work), today=work.today)


async def pause(work: Work, *, schedule_id: UUID, version: int) -> Schedule:
    """Pay no date until it goes on. ScheduleNotFound, ScheduleChanged, ScheduleStateForbids."""
    stored = await _lock(work, schedule_id)
    rules.seen(stored, version=version)
    return await _decided(work, rules.move(stored, "paused", allowed=("active",)), "paused")


async def resume(work: Work, *, schedule_id: UUID, version: int) -> Schedule:
    """Go on with the next date to come: those that passed are not made up for."""
    stored = await _lock(work, schedule_id)
    rules.seen(stored, version=version)
    stored = rules.move(stored, "active", allowed=("paused",))
    found = rules.first_from(
        stored.pattern,
        await _special(work),
        today=work.today,
        made=stored.made,
        after=await work.one(date, sql.last_date, schedule_id=schedule_id),
    )
    return await _decided(work, rules.at(stored, found), "resumed")


async def cancel(work: Work, *, schedule_id: UUID, version: int) -> Schedule:
    """Pay no further date. ScheduleNotFound, ScheduleChanged, ScheduleStateForbids."""
    stored = await _lock(work, schedule_id)
    rules.seen(stored, version=version)
    moved = rules.move(stored, "cancelled", allowed=("active", "paused"))
    return await _decided(work, moved, "cancelled")


async def change_amount(work: Work, *, schedule_id: UUID, new: NewAmount) -> Schedule:
    """Another amount from the next date on; raises like `cancel`."""
    stored = await _lock(work, schedule_id)
    rules.seen(stored, version=new.version)
    moved = rules.move(stored, stored.state, allowed=("active", "paused"))
    changed = replace(moved, amount_fen=new.amount_fen, reason=stored.reason)
    return await _decided(work, rules.whole(changed), "changed")


async def skip(work: Work, *, schedule_id: UUID, version: int) -> Schedule:
    """Pass over the next date; raises like `cancel`."""
    stored = await _lock(work, schedule_id)
    rules.seen(stored, version=version)
    moved = rules.move(stored, "active", allowed=("active",))
    on = moved.next_nominal_on
    assert on is not None, "an active schedule has a next date"
    await work.run(sql.skip_run, schedule_id=schedule_id, nominal_on=on, due_on=moved.next_on)
    moved = replace(moved, made=moved.made + 1)
    following = rules.following(moved, await _special(work), after=on)
    return await _decided(work, following, "skipped")


async def maker_of(work: Work, *, schedule_id: UUID) -> UUID:
    """Who made a schedule, and pays by it."""
    return (await work.one(StoredSchedule, sql.schedule, id=schedule_id)).made_by


async def pay(work: Work, *, schedule_id: UUID, nominal_on: date) -> None:
    """Pay one date once, as its maker would by hand; what cannot be paid says why.

    Missing money is looked for again by the bank's policy, then told to the firm.
    """
    stored = await _lock(work, schedule_id)
    run = await work.one(Run, sql.lock_run, schedule_id=schedule_id, nominal_on=nominal_on)
    if run.state != "due":
        return
    if stored.state == "active" and not await work.one(bool, sql.may_pay, person=stored.made_by):
        stored = replace(stored, state="paused", reason=LEFT, version=stored.version + 1)
        run = replace(run, state="failed", reason=LEFT)
    elif stored.state in ("paused", "cancelled"):
        run = replace(run, state="skipped")
    else:
        run = await _pay(work, stored, run)
    await _keep(work, schedule_id, run)
    if stored.next_nominal_on == nominal_on and stored.state == "active":
        stored = await _advance(work, replace(stored, made=stored.made + 1), nominal_on)
    await _save(work, stored)
    if run.state == "failed":
        await work.emit(
            ScheduleFailed(schedule_id=schedule_id, nominal_on=nominal_on, reason=run.reason or "")
        )


async def _keep(work: Work, schedule_id: UUID, run: Run) -> None:
    await work.run(
        sql.save_run,
        schedule_id=schedule_id,
        nominal_on=run.nominal_on,
        state=run.state,
        amount_fen=run.amount_fen,
        payment_id=run.payment_id,
        tries=run.tries,
        try_at=run.try_at,
        reason=run.reason,
    )


async def _advance(work: Work, stored: StoredSchedule, after: date) -> StoredSchedule:
    """On to the next date; where its day has come already, it follows at once."""
    stored = rules.following(stored, await _special(work), after=after)
    on, day = stored.next_nominal_on, stored.next_on
    if on is None or day is None or day > work.today:
        return stored
    if await work.run(sql.begin_run, schedule_id=stored.id, nominal_on=on, due_on=day):
        await work.emit(ScheduleDue(schedule_id=stored.id, nominal_on=on))
    return stored


async def _pay(work: Work, stored: StoredSchedule, run: Run) -> Run:
    """The date with its payment, without one because there is nothing to move, or with why not."""
    amount_fen = await _to_move(work, stored)
    if amount_fen == 0:
        return replace(run, state="nothing", amount_fen=0)
    run = replace(run, amount_fen=amount_fen, tries=run.tries + 1, try_at=None, reason=None)
    key = f"schedule:{stored.id}:{run.nominal_on}:{run.tries}"
    try:
        async with work.savepoint():
            ordinary = await _ordinary(work, stored, amount_fen)
            outcome = await payments.pay(work, new=ordinary, key=key)
    except XiaoweiError as error:
        return replace(run, state="failed", reason=error.zh)
    refusal = payment_rules.refusal_of(outcome.order)
    if refusal is None:
        return replace(run, state="made", payment_id=outcome.order.id)
    again = None
    if isinstance(refusal, InsufficientFunds):
        retry = await policies.value(work, kind="schedules.retry", shape=Retry)
        again = rules.try_again_at(retry, tries=run.tries, now=work.now)
    return replace(
        run, state="failed" if again is None else "waiting", try_at=again, reason=refusal.zh
    )


async def _to_move(work: Work, stored: StoredSchedule) -> int:
    if stored.to_account_id is None:
        return stored.amount_fen
    here = await ledger.balance(work, account_id=stored.account_id)
    there = await ledger.balance(work, account_id=stored.to_account_id)
    return rules.to_move(stored, here_fen=here.available_fen, there_fen=there.available_fen)


async def _ordinary(work: Work, stored: StoredSchedule, amount_fen: int) -> NewPayment:
    """The payment of a date, as it would be made by hand."""
    payee = None
    if stored.to_account_id is not None:
        own = await deposits.own(work, account_id=stored.to_account_id)
        bank = await policies.bank(work)
        payee = Payee(name=own.name, account_number=own.number, bank_code=bank.bank_code)
    elif stored.payee_sealed is not None:
        number = await work.vault.open(
            work, stored.payee_sealed, scope=work.business_id, place=PLACE, row_id=stored.id
        )
        payee = Payee(
            name=stored.payee_name or "",
            account_number=number,
            bank_code=stored.payee_bank_code or "",
        )
    return NewPayment(
        account_id=stored.account_id,
        amount_fen=amount_fen,
        party_id=stored.party_id,
        payee=payee,
        purpose=stored.purpose,
        memo=stored.memo,
        speed=stored.speed,
        confirm_duplicate=True,
    )


async def find_due(work: Work) -> int:
    """Mark all that is due in all firms; runs as `nightly`."""
    return await work.one(int, sql.find_due)
