"""Wages at the clearing house, in the books and on paper; what the clock starts of them."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from accounts.clearing.jobs import sweeping
from accounts.movements.model import Movement
from app import crash
from app.errors import Refusal
from app.identity import operations as identity
from app.jobs import Ctx, Later
from app.outside.clearing_house import BatchLine, BatchSettlement, NewBatch
from app.outside.delivery import deliver
from app.outside.model import Outcome
from bookkeeping.employees.model import Who
from bookkeeping.journal import operations as journal
from bookkeeping.journal.model import DraftLine
from bookkeeping.payroll import operations, rules
from bookkeeping.payroll.model import Batch, LineRow, LineState, Run

# A call-back usually comes first; asking again is for those that are lost.
ASK_AGAIN_SECONDS = 2
TEMPLATE = "bookkeeping/payroll/pages/payslip.html"
LINE_STATES: dict[str, LineState] = {
    "done": "settled",
    "refused": "failed",
    "returned": "returned",
}


# --- the clearing house ------------------------------------------------------------------------


async def send(ctx: Ctx, *, run_id: UUID, business_id: UUID, **_: object) -> None:
    """Send a run's batches and follow them until every line has its outcome."""
    async with ctx.begin(business_id) as work:
        numbers = await operations.batch_numbers(work, run_id=run_id)
        if not numbers:
            run = await operations.lock(work, run_id=run_id)
            await operations.close(work, run_id=run_id, was=run)
    finished = [await _pursue(ctx, business_id, run_id, number) for number in numbers]
    if not all(finished):
        raise Later(ASK_AGAIN_SECONDS)


async def hear(ctx: Ctx, *, system: str, reference: str, **_: object) -> None:
    """The clearing house knows more about a batch of ours: ask it."""
    ours = rules.read_reference(reference) if system == "clearing_house" else None
    if ours is not None:
        await _pursue(ctx, ours.business_id, ours.run_id, ours.batch_no)


async def _pursue(ctx: Ctx, business_id: UUID, run_id: UUID, batch_no: int) -> bool:
    """One round with one batch: ask, send what never arrived, record; whether it is final."""
    async with ctx.begin(business_id) as work:
        batch = await operations.batch(work, run_id=run_id, batch_no=batch_no)
    if batch is None or not batch.lines:
        return True
    house = ctx.outside.clearing_house
    outcome = await deliver(_message(batch), ask=house.batch_outcome, send=house.send_batch)
    crash.point(ctx.settings, "answered.payroll")
    if not outcome.is_final:
        return False
    async with ctx.begin(business_id) as work:
        await operations.record_outcomes(
            work,
            run_id=run_id,
            batch_no=batch_no,
            told=_told(batch, outcome),
            moved=_moved(outcome),
        )
    return True


def _message(batch: Batch) -> NewBatch:
    lines = [
        BatchLine(
            no=line.no,
            payee_bank=line.bank_code,
            payee_account=who.account_number,
            payee_name=who.name,
            amount_fen=line.net_fen,
            purpose=batch.purpose,
        )
        for line, who in zip(batch.lines, batch.people, strict=True)
    ]
    return NewBatch(
        reference=batch.reference,
        payer_account=batch.payer_account,
        lines=lines,
        payer_name=batch.payer_name,
        line_count=len(lines),
        sent_on=batch.sent_on,
        total_fen=sum(line.amount_fen for line in lines),
    )


def _told(batch: Batch, outcome: Outcome[BatchSettlement]) -> dict[int, tuple[LineState, str]]:
    """Each line's state and reason; a batch refused as a whole failed in every line."""
    if outcome.result is None:
        return {line.no: ("failed", outcome.reason) for line in batch.lines}
    return {
        line.no: (LINE_STATES[line.state], line.reason)
        for line in outcome.result.lines
        if line.state in LINE_STATES
    }


def _moved(outcome: Outcome[BatchSettlement]) -> list[Movement]:
    """What the batch moved on our account with the clearing house, line by line."""
    if outcome.result is None:
        return []
    moved = []
    for line in outcome.result.lines:
        if line.state in ("done", "returned"):
            out = Movement(
                direction="outgoing",
                reference=outcome.reference,
                line_no=line.no,
                moved_on=outcome.result.settled_on,
                amount_fen=line.amount_fen,
            )
            moved.append(out)
            if line.returned_on is not None:
                on = line.returned_on
                moved.append(replace(out, direction="outgoing_returned", moved_on=on))
    return moved


# --- the books ---------------------------------------------------------------------------------


async def record_accrual(ctx: Ctx, *, run_id: UUID, business_id: UUID, **_: object) -> None:
    """Wages and the employer's contributions become a cost of the month they are for."""
    async with ctx.begin(business_id) as work:
        run = await operations.lock(work, run_id=run_id)
        dated_on = min(rules.last_day(run.month_on), run.sent_on or run.pay_on)
        await journal.record(
            work,
            template_id="SALARY_ACCRUE",
            dated_on=dated_on,
            summary=f"计提工资 {run.month_on:%Y-%m}",
            source_event=f"payroll:{run_id}:wages",
            amounts={"gross_salary": run.gross_fen},
        )
        await journal.record(
            work,
            template_id="SOCIAL_ACCRUE",
            dated_on=dated_on,
            summary=f"计提单位社保公积金 {run.month_on:%Y-%m}",
            source_event=f"payroll:{run_id}:contributions",
            amounts={
                "er_si": run.employer_social_fen,
                "er_hf": run.employer_housing_fund_fen,
            },
        )


async def record_payment(ctx: Ctx, *, run_id: UUID, business_id: UUID, **_: object) -> None:
    """What was paid and what was withheld; wages that did not arrive stay payable."""
    async with ctx.begin(business_id) as work:
        run = await operations.lock(work, run_id=run_id)
        arrived_fen = await operations.arrived(work, run_id=run_id)
        await journal.record(
            work,
            template_id="SALARY_PAY",
            dated_on=run.sent_on or run.pay_on,
            summary=f"发放工资 {run.month_on:%Y-%m}",
            source_event=f"payroll:{run_id}:paid",
            amounts={
                "ee_si": run.social_fen,
                "ee_hf": run.housing_fund_fen,
                "iit": run.tax_fen,
                "net_pay": arrived_fen,
            },
        )


async def record_return(
    ctx: Ctx, *, run_id: UUID, amount_fen: int, version: int, business_id: UUID, **_: object
) -> None:
    """Wages that came back are payable again."""
    async with ctx.begin(business_id) as work:
        await journal.record(
            work,
            dated_on=work.today,
            summary="工资退回",
            source_event=f"payroll:{run_id}:returned:{version}",
            lines=[
                DraftLine(account="1002", debit_fen=amount_fen, cash_line=4),
                DraftLine(account="221101", credit_fen=amount_fen),
            ],
        )


# --- payslips ----------------------------------------------------------------------------------


async def make_payslips(ctx: Ctx, *, run_id: UUID, business_id: UUID, **_: object) -> None:
    """A document for every line, a few at a time."""
    async with ctx.begin(business_id) as work:
        run, lines = await operations.without_payslip(work, run_id=run_id)
        firm = await identity.business(work)
    for line, who in lines:
        content = await ctx.documents.pdf(TEMPLATE, _slip(firm.name, run, line, who))
        async with ctx.begin(business_id) as work:
            await operations.keep_payslip(
                work, run=run, employee_id=line.employee_id, content=content
            )
    if len(lines) == operations.PAYSLIPS_AT_ONCE:
        raise Later(0)


def _slip(firm: str, run: Run, line: LineRow, who: Who) -> dict[str, Any]:
    parts: dict[str, int] = {str(code): fen for code, fen in line.components.items()}
    shown = {"name": who.name, "account_tail": who.account_number[-4:]}
    figures = {
        name: getattr(line, name)
        for name in (
            "gross_fen",
            "net_fen",
            "tax_fen",
            "taxable_fen",
            "rate_ppm",
            "additional_fen",
            "failure",
        )
    }
    return {
        "firm": firm,
        "month": f"{run.month_on:%Y-%m}",
        "pay_on": run.pay_on.isoformat(),
        "earned": _named(EARNED, parts),
        "withheld": _named(WITHHELD, parts),
        "employer": _named(EMPLOYER, parts),
        **shown,
        **figures,
    }


EARNED = {"base_wage": "基本工资", "overtime": "加班工资", "bonus": "奖金", "absence": "缺勤扣款"}
WITHHELD = {
    "pension": "养老保险",
    "medical": "医疗保险",
    "unemployment": "失业保险",
    "housing_fund": "住房公积金",
    "income_tax": "个人所得税",
}
EMPLOYER = {
    "employer_pension": "养老保险",
    "employer_medical": "医疗保险（含生育）",
    "employer_unemployment": "失业保险",
    "employer_injury": "工伤保险",
    "employer_housing_fund": "住房公积金",
}


def _named(names: dict[str, str], parts: dict[str, int]) -> list[dict[str, Any]]:
    return [{"name": zh, "fen": parts[code]} for code, zh in names.items() if parts.get(code)]


# --- the clock ---------------------------------------------------------------------------------


async def pay_due(ctx: Ctx, *, on: date, **_: object) -> None:
    """Approved runs whose day has come, each firm's in a job of its own."""
    async with ctx.nightly() as connection:
        found = await connection.fetch(operations.sql.firms_with_runs_due.text, on)
    await ctx.start_each(pay_runs, [business_id for (business_id,) in found], on=on)


async def pay_runs(ctx: Ctx, *, on: date, business_id: UUID, **_: object) -> None:
    """Pay a firm's due runs; one that is short of money is tried again tomorrow."""
    async with ctx.begin(business_id) as work:
        runs = await operations.due(work)
    for run_id in runs:
        try:
            async with ctx.begin(business_id) as work:
                await operations.release(work, run_id=run_id)
        except Refusal as refusal:
            async with ctx.begin(business_id) as work:
                await work.record(
                    "payroll.not_released",
                    object_id=run_id,
                    on=on.isoformat(),
                    reason=type(refusal).__name__,
                )


async def sweep(ctx: Ctx, **_: object) -> None:
    """Sweep settled wages to the bank itself, over all firms at once."""
    async with sweeping(ctx) as (work, home):
        await operations.sweep(work, home=home)
