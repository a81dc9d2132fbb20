"""Payroll runs: calculated, approved by another person, paid, settled line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import msgspec

from accounts.clearing import operations as clearing
from accounts.clearing.model import Home, InTransit
from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.ledger import operations as ledger
from accounts.movements import operations as movements
from accounts.movements.model import Movement
from app.approvals import operations as approvals
from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.pages import MAX_LIMIT, Page, decode_cursor, page
from app.queries import load
from app.vault import mask_card, mask_name
from app.work import Work
from bookkeeping.employees import operations as employees
from bookkeeping.employees.model import EmployeeRow, Who
from bookkeeping.payroll import rules
from bookkeeping.payroll.model import (
    Batch,
    LatestRun,
    Line,
    LineFigures,
    LineRow,
    LineState,
    NewRun,
    NoPayAccount,
    OwnPayslip,
    OwnPayslips,
    PayableLine,
    PayrollApproved,
    PayrollPaid,
    PayslipId,
    PayslipNotReady,
    Run,
    RunDecision,
    RunNotFound,
    RunWithLines,
)
from bookkeeping.wages import operations as wages
from bookkeeping.wages import rules as wage_rules
from bookkeeping.wages.model import (
    Calculated,
    NewLine,
    SoFar,
)

sql = load(__name__)

KIND = "payroll"
IN_CLEAR = ("owner", "finance")
PAYSLIPS_AT_ONCE = 20
FIGURES = (
    "gross_fen",
    "social_fen",
    "housing_fund_fen",
    "additional_fen",
    "taxable_fen",
    "rate_ppm",
    "tax_fen",
    "net_fen",
    "employer_social_fen",
    "employer_housing_fund_fen",
)


async def make(work: Work, *, new: NewRun) -> RunWithLines:
    """Calculate a month's wages as a draft. Raises what `rules.months_of_run`, `rules.who_is_paid`
    and `rules.calculate` raise, NoPayAccount, and NoValueInForce for a city or year unknown."""
    month_on = date(int(new.month[:4]), int(new.month[5:]), 1)
    latest = await work.one(LatestRun, sql.latest, month_on=month_on)
    span = rules.months_of_run(new, latest, work.today)
    account_id = await work.maybe(UUID, sql.pay_account)
    if account_id is None:
        raise NoPayAccount()
    employed = await employees.employed(work, from_on=span.from_on, until_on=span.until_on)
    paid = rules.who_is_paid(employed, new.lines, further=span.further)
    laws = await wages.laws(
        work, regions={row.region for row, _ in paid}, on=new.pay_on, month_on=month_on
    )
    before = await _so_far(work, paid, pay_on=new.pay_on)
    lines = [
        wage_rules.calculate(
            row, line, before.get(row.id), laws, pay_on=new.pay_on, further=span.further
        )
        for row, line in paid
    ]
    run_id = new_id()
    await work.run(
        sql.add_run,
        id=run_id,
        month_on=month_on,
        run_no=span.run_no,
        further=span.further,
        reason=new.reason or "",
        pay_on=new.pay_on,
        account_id=account_id,
        **rules.totals(lines),
    )
    await _add_lines(work, run_id, lines)
    await work.record("payroll.made", object_id=run_id, people=len(lines))
    return await get(work, run_id=run_id)


async def _so_far(
    work: Work, paid: Sequence[tuple[EmployeeRow, NewLine]], *, pay_on: date
) -> dict[UUID, SoFar]:
    year_on = date(pay_on.year, 1, 1)
    rows = await work.all(
        SoFar,
        sql.so_far,
        employees=[row.id for row, _ in paid],
        year_on=year_on,
        prior_year_on=date(pay_on.year - 1, 1, 1),
        pay_month_on=pay_on.replace(day=1),
    )
    return {row.employee_id: row for row in rows}


async def _add_lines(work: Work, run_id: UUID, lines: Sequence[Calculated]) -> None:
    nos = list(range(1, len(lines) + 1))
    await work.run(
        sql.add_lines,
        run_id=run_id,
        nos=nos,
        batch_nos=[rules.batch_of(no) for no in nos],
        employees=[line.employee_id for line in lines],
        **{name: [getattr(line, name) for line in lines] for name in FIGURES},
    )
    parts = [(x.employee_id, name, fen) for x in lines for name, fen in x.components.items()]
    await work.run(
        sql.add_components,
        run_id=run_id,
        employees=[part[0] for part in parts],
        components=[part[1] for part in parts],
        amounts=[part[2] for part in parts],
    )


async def get(work: Work, *, run_id: UUID) -> RunWithLines:
    """A run with its first lines; account numbers masked, names for those who pay. RunNotFound."""
    run = await work.maybe(Run, sql.run, id=run_id)
    if run is None:
        raise RunNotFound(run_id=run_id)
    first = await _lines(work, run_id=run_id, after=None, limit=MAX_LIMIT)
    return RunWithLines(**msgspec.structs.asdict(run), lines=first.items, next=first.next)


async def lines_of(work: Work, *, run_id: UUID, after: str | None, limit: int) -> Page[Line]:
    """More lines of a run; RunNotFound."""
    if await work.maybe(Run, sql.run, id=run_id) is None:
        raise RunNotFound(run_id=run_id)
    return await _lines(work, run_id=run_id, after=after, limit=limit)


async def _lines(work: Work, *, run_id: UUID, after: str | None, limit: int) -> Page[Line]:
    after_no = decode_cursor(after, int)[0] if after else 0
    rows = await work.all(LineRow, sql.lines, run_id=run_id, after_no=after_no, limit=limit + 1)
    return page([await _shown(work, row) for row in rows], limit, lambda line: (line.no,))


async def _shown(work: Work, row: LineRow) -> Line:
    who = await _who(work, row)
    in_clear = work.actor.role in IN_CLEAR
    figures = {name: getattr(row, name) for name in LineFigures.__struct_fields__}
    return Line(
        **figures,
        name=who.name if in_clear else mask_name(who.name),
        account_number=mask_card(who.account_number),
        payslip_ready=row.payslip_id is not None,
    )


async def _who(work: Work, line: LineRow | PayableLine) -> Who:
    return await employees.open_sealed(work, employee_id=line.employee_id, sealed=line.who_sealed)


async def list_page(work: Work, *, after: str | None, limit: int) -> Page[Run]:
    """Runs, newest first."""
    after_id = decode_cursor(after, UUID)[0] if after else None
    rows = await work.all(Run, sql.runs_page, after_id=after_id, limit=limit + 1)
    return page(rows, limit, lambda row: (row.id,))


async def lock(work: Work, *, run_id: UUID) -> Run:
    """The run under its row lock; RunNotFound."""
    run = await work.maybe(Run, sql.lock_run, id=run_id)
    if run is None:
        raise RunNotFound(run_id=run_id)
    return run


async def _save(work: Work, run: Run) -> Run:
    await work.run(
        sql.move_run, id=run.id, state=run.state, version=run.version, sent_on=run.sent_on
    )
    return run


async def submit(work: Work, *, run_id: UUID, version: int) -> Run:
    """Ask another person to approve the run. RunNotFound, RunStateForbids, RunChanged."""
    run = await _save(work, rules.submit(await lock(work, run_id=run_id), version))
    await approvals.request(
        work,
        kind=KIND,
        object_id=run.id,
        version=run.version,
        amount_fen=run.net_fen,
        exclude=[run.made_by],
    )
    await work.record("payroll.submitted", object_id=run_id)
    return run


async def cancel(work: Work, *, run_id: UUID, version: int) -> Run:
    """Give up a run that has not been paid. RunNotFound, RunStateForbids, RunChanged."""
    run = await _save(work, rules.cancel(await lock(work, run_id=run_id), version))
    await approvals.withdraw(work, kind=KIND, object_id=run_id)
    await work.record("payroll.cancelled", object_id=run_id)
    return run


async def decide(work: Work, *, run_id: UUID, decision: RunDecision) -> Run:
    """The other person's answer; a last yes sets the money aside in the same transaction, if the
    pay day has come. Raises what approvals raise, RunStateForbids, RunChanged, and what `release`
    raises: then nothing is decided."""
    run = await lock(work, run_id=run_id)
    answer = rules.decided(run, decision.version, approved=decision.approve)
    settled = await approvals.decide(
        work,
        kind=KIND,
        object_id=run_id,
        version=decision.version,
        approve=decision.approve,
        reason=decision.reason,
    )
    if not settled.settled:
        return run
    run = await _save(work, answer)
    if run.state == "approved" and run.pay_on <= work.today:
        run = await _release(work, run)
    return run


async def release(work: Work, *, run_id: UUID) -> Run:
    """Set the money of an approved run aside once its pay day has come. RunNotFound,
    RunStateForbids, InsufficientFunds, AccountRefusesPosting, CannotPayOnline."""
    return await _release(work, await lock(work, run_id=run_id))


async def _release(work: Work, run: Run) -> Run:
    run = await _save(work, rules.set_aside(run, work.today))
    lines = await work.all(PayableLine, sql.payable_lines, run_id=run.id, batch_no=None)
    await work.run(sql.settle_nothing, run_id=run.id)
    if lines:
        deposit_rules.may_pay_online(await deposits.own(work, account_id=run.account_id))
        in_transit = await ledger.bank_side(work, kind="wages_in_transit")
        await ledger.post(work, entries=[rules.payout(run, lines, in_transit)])
    await work.emit(PayrollApproved(run_id=run.id))
    await work.record("payroll.released", object_id=run.id)
    return run


async def due(work: Work) -> list[UUID]:
    """Approved runs whose pay day has come."""
    return await work.all(UUID, sql.due_runs)


async def arrived(work: Work, *, run_id: UUID) -> int:
    """Wages (fen) that reached their payees, even if one was sent back later."""
    return await work.one(int, sql.arrived, run_id=run_id)


async def batch_numbers(work: Work, *, run_id: UUID) -> list[int]:
    """The batches of a run that still wait for an outcome."""
    lines = await work.all(PayableLine, sql.payable_lines, run_id=run_id, batch_no=None)
    return sorted({line.batch_no for line in lines if line.state == "waiting"})


async def batch(work: Work, *, run_id: UUID, batch_no: int) -> Batch | None:
    """One batch as it goes out; None if the run is not being paid."""
    run = await work.maybe(Run, sql.run, id=run_id)
    if run is None or run.sent_on is None:
        return None
    lines = await work.all(PayableLine, sql.payable_lines, run_id=run_id, batch_no=batch_no)
    payer = await deposits.own(work, account_id=run.account_id)
    return Batch(
        reference=rules.reference(work.business_id, run_id, batch_no),
        payer_account=payer.number,
        payer_name=payer.name,
        purpose=rules.memo(run),
        sent_on=run.sent_on,
        lines=lines,
        people=[await _who(work, line) for line in lines],
    )


async def record_outcomes(
    work: Work,
    *,
    run_id: UUID,
    batch_no: int,
    told: Mapping[int, tuple[LineState, str]],
    moved: Sequence[Movement],
) -> Run:
    """What became of a batch's lines; failed and returned wages go back to the firm's account.
    Safe to repeat: only what is new moves money."""
    run = await lock(work, run_id=run_id)
    await movements.note(work, moved=moved, firm=work.business_id)
    lines = await work.all(PayableLine, sql.payable_lines, run_id=run_id, batch_no=batch_no)
    news = rules.outcomes(lines, told)
    if not news:
        return run
    in_transit = await ledger.bank_side(work, kind="wages_in_transit")
    entry = rules.give_back(run, news, in_transit, batch_no=batch_no)
    if entry is not None:
        await ledger.post(work, entries=[entry])
    await work.run(
        sql.record_outcomes,
        run_id=run_id,
        employees=[one.employee_id for one in news],
        states=[one.state for one in news],
        failures=[one.reason for one in news],
    )
    returned = sum(one.amount_fen for one in news if one.state == "returned")
    return await close(work, run_id=run_id, was=run, returned_fen=returned)


async def close(work: Work, *, run_id: UUID, was: Run, returned_fen: int = 0) -> Run:
    """Sum the outcomes; a run without waiting lines is paid, and that is told once."""
    await work.run(sql.total_outcomes, id=run_id)
    run = await work.one(Run, sql.run, id=run_id)
    if run.state == "paid" and was.state != "paid":
        await work.emit(PayrollPaid(run_id=run_id))
    elif returned_fen:
        await work.emit(rules.returned_event(run, returned_fen))
    return run


async def sweep(work: Work, *, home: Home) -> int:
    """Move settled wages of every firm to the bank itself; how many accounts were swept."""
    return await clearing.move(work, await work.all(InTransit, sql.mark_swept), home=home)


async def without_payslip(work: Work, *, run_id: UUID) -> tuple[Run, list[tuple[LineRow, Who]]]:
    """A run and its next lines that lack their document, people in clear."""
    run = await work.one(Run, sql.run, id=run_id)
    rows = await work.all(LineRow, sql.without_payslip, run_id=run_id, limit=PAYSLIPS_AT_ONCE)
    return run, [(row, await _who(work, row)) for row in rows]


async def keep_payslip(work: Work, *, run: Run, employee_id: UUID, content: bytes) -> None:
    """Store a line's payslip, unless it has one."""
    lacks = await work.maybe(UUID, sql.lock_without_payslip, run_id=run.id, employee_id=employee_id)
    if lacks is None:
        return
    payslip_id = await files.store(
        work,
        kind="payslip",
        name=f"工资条-{run.month_on:%Y-%m}.pdf",
        content=content,
        media_type="application/pdf",
    )
    await work.run(sql.keep_payslip, run_id=run.id, employee_id=employee_id, payslip_id=payslip_id)


async def payslip(work: Work, *, run_id: UUID, employee_id: UUID) -> File:
    """A payslip's document; an employee sees only their own. RunNotFound, PayslipNotReady."""
    own = work.actor.role != "employee" or employee_id in await employees.own_ids(work)
    found = await work.maybe(PayslipId, sql.payslip_id, run_id=run_id, employee_id=employee_id)
    if found is None or not own:
        raise RunNotFound(run_id=run_id)
    if found.payslip_id is None:
        raise PayslipNotReady(run_id=run_id)
    return await files.fetch(work, file_id=found.payslip_id)


async def own_payslips(work: Work) -> OwnPayslips:
    """The signed-in person's own wages here, newest first."""
    ids = await employees.own_ids(work)
    return OwnPayslips(items=await work.all(OwnPayslip, sql.own_payslips, employees=ids))
