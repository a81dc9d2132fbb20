"""Taxes: quotes, the firm's own returns computed from its books, filing and its outcome."""

from __future__ import annotations

from datetime import date
from typing import TypeVar
from uuid import UUID

import msgspec

from app.identity import operations as identity
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from bookkeeping.assessments import operations as assessments
from bookkeeping.assessments import rules as assessment
from bookkeeping.assessments.model import (
    CitRates,
    EducationExemption,
    LateFee,
    SmallProfit,
    SmallScaleVat,
    SurchargeRates,
    SurchargeRelief,
)
from bookkeeping.assessments.operations import Laws
from bookkeeping.journal import operations as journal
from bookkeeping.reports import operations as reports
from bookkeeping.tax import rules
from bookkeeping.tax.model import (
    Calendar,
    Computed,
    DueMonth,
    DuePeriod,
    Filing,
    NewProfile,
    NotRegistered,
    Profile,
    ProfileChanged,
    Return,
    ReturnNotFound,
    ReturnRow,
    StaffAt,
    TaxReturnFiled,
    TaxReturnSubmitted,
    Withheld,
)

T = TypeVar("T")
sql = load(__name__)


# --- returns -----------------------------------------------------------------------------------


async def profile(work: Work) -> Profile:
    """What the firm is for the tax bureau; a small-scale taxpayer in a city if it said nothing."""
    return await work.maybe(Profile, sql.profile) or Profile()


async def set_profile(work: Work, *, new: NewProfile) -> Profile:
    """Say what the firm is; ProfileChanged where another version stands."""
    facts = {"taxpayer": new.taxpayer, "city_tax_class": new.city_tax_class}
    if new.version == 0:
        changed = await work.run(sql.begin_profile, **facts)
    else:
        changed = await work.run(sql.change_profile, version=new.version, **facts)
    now = await profile(work)
    if not changed:
        raise ProfileChanged(version=now.version)
    await work.record("tax.profile", version=now.version)
    return now


async def prepare(work: Work, *, month_on: date) -> list[Return]:
    """Compute what is declared for a month and the quarter it ends, from the firm's own books, and
    book what it makes due. Computed again it changes only what is not on its way yet."""
    known = await profile(work)
    due_on = await reference.filing_deadline(work, month_on=rules.next_month(month_on))
    rows = []
    for due in rules.due_periods(known.taxpayer, month_on):
        computed = await _compute(work, due, known)
        rows.append(await _keep(work, due, computed, due_on=due_on))
    return [await _shown(work, row) for row in rows]


async def _keep(work: Work, due: DuePeriod, now: Computed, *, due_on: date) -> ReturnRow:
    row = await work.maybe(ReturnRow, sql.lock_period, tax=due.tax, period_from=due.from_on)
    if row is None:
        row = ReturnRow(
            id=new_id(),
            tax=due.tax,
            period_from=due.from_on,
            period_until=due.until_on,
            due_on=due_on,
            figures=now.figures,
            payable_fen=now.payable_fen,
            state="computed",
            version=1,
        )
        await work.run(
            sql.add_return,
            id=row.id,
            tax=row.tax,
            period_from=row.period_from,
            period_until=row.period_until,
            due_on=row.due_on,
            figures=row.figures,
            payable_fen=row.payable_fen,
        )
    else:
        was, row = row, rules.recompute(row, now)
        if row is was:
            return row
        await journal.take_back(
            work,
            source_event=rules.voucher_event(was),
            dated_on=rules.last_day(was),
            reason="税款重新计算",
        )
        await _save(work, row)
    await _accrue(work, row)
    return row


async def _accrue(work: Work, row: ReturnRow) -> None:
    lines = rules.accrual(row)
    if lines:
        await journal.record(
            work,
            lines=lines,
            dated_on=rules.last_day(row),
            summary=rules.summary(row),
            source_event=rules.voucher_event(row),
        )


async def _save(work: Work, row: ReturnRow) -> ReturnRow:
    await work.run(
        sql.save_return,
        id=row.id,
        figures=row.figures,
        payable_fen=row.payable_fen,
        state=row.state,
        version=row.version,
        computed_no=row.computed_no,
        submitted_on=row.submitted_on,
        receipt_number=row.receipt_number,
        refusal=row.refusal,
    )
    return row


async def _compute(work: Work, due: DuePeriod, known: Profile) -> Computed:
    """The figures of one return from the books and payrolls as they stand."""
    if due.tax == "iit_withholding":
        return rules.withholding_return(
            await work.one(Withheld, sql.wages_withheld, from_on=due.from_on, until_on=due.until_on)
        )
    found = await assessments.laws(work, on=due.from_on)
    if due.tax == "cit":
        return await _compute_cit(work, found, due)
    span = {"from_on": due.from_on, "until_on": due.until_on}
    sales = (await reports.income_statement(work, **span)).revenue_fen
    if due.tax == "surcharges":
        return await _compute_surcharges(work, found, due, known, sales)
    rows = (await reports.trial_balance(work, **span)).accounts
    if known.taxpayer == "general":
        return rules.general_return(rows, sales)
    law = found.value("vat.small_scale", SmallScaleVat)
    return rules.small_scale_return(law, sales, rules.collected(rows))


async def _compute_surcharges(
    work: Work, found: Laws, due: DuePeriod, known: Profile, sales_fen: int
) -> Computed:
    vat_fen = await work.maybe(int, sql.vat_of, period_from=due.from_on) or 0
    small = known.taxpayer == "small_scale" or await _small_profit(work, found, due)
    relief = found.maybe("surcharge.half", SurchargeRelief) if small else None
    result = assessment.surcharges(
        found.value("surcharge.rates", SurchargeRates),
        found.value("surcharge.education_exemption", EducationExemption),
        relief.relief_ppm if relief else 0,
        vat_fen=vat_fen,
        sales_fen=sales_fen,
        period=assessment.period_kind(due.from_on, due.until_on),
        city=known.city_tax_class,
    )
    return rules.surcharges_return(result, vat_fen, sales_fen)


async def _small_profit(work: Work, found: Laws, due: DuePeriod) -> bool:
    law = found.maybe("cit.small_profit", SmallProfit)
    return assessment.is_small_profit(law, *await _cit_facts(work, due))


async def _compute_cit(work: Work, found: Laws, due: DuePeriod) -> Computed:
    profit_fen, staff, assets_fen = await _cit_facts(work, due)
    result = assessment.corporate_income_tax(
        found.value("cit.rates", CitRates),
        found.maybe("cit.small_profit", SmallProfit),
        profit_fen=profit_fen,
        staff=staff,
        assets_fen=assets_fen,
    )
    prepaid = await work.one(
        int, sql.prepaid, year_on=date(due.from_on.year, 1, 1), period_from=due.from_on
    )
    return rules.cit_return(
        result, profit_fen=profit_fen, staff=staff, assets_fen=assets_fen, prepaid_fen=prepaid
    )


async def _cit_facts(work: Work, due: DuePeriod) -> tuple[int, int, int]:
    """Profit of the year so far, and staff and assets averaged by quarter."""
    year_on = date(due.from_on.year, 1, 1)
    statement = await reports.income_statement(work, from_on=year_on, until_on=due.until_on)
    days = rules.quarter_ends(due.until_on)
    staff = await work.all(StaffAt, sql.staff_at, days=days)
    assets = [(await reports.balance_sheet(work, on=day)).assets_fen for day in days]
    return (
        rules.profit_before_tax(statement),
        rules.average([row.staff for row in staff]),
        rules.average(assets),
    )


async def get(work: Work, *, return_id: UUID) -> Return:
    """One return; ReturnNotFound."""
    row = await work.maybe(ReturnRow, sql.return_, id=return_id)
    if row is None:
        raise ReturnNotFound(return_id=return_id)
    return await _shown(work, row)


async def list_page(work: Work, *, after: str | None, limit: int) -> Page[Return]:
    """Returns, the newest period first."""
    after_on, after_tax = decode_cursor(after, date, str) if after else (None, None)
    rows = await work.all(
        ReturnRow, sql.returns_page, after_on=after_on, after_tax=after_tax, limit=limit + 1
    )
    shown = [await _shown(work, row) for row in rows]
    return page(shown, limit, lambda row: (row.period_from, row.tax))


async def _shown(work: Work, row: ReturnRow) -> Return:
    fee = 0
    if row.state in ("computed", "refused") and work.today > row.due_on:
        law = await reference.value(work, kind="tax.late_fee", on=work.today, shape=LateFee)
        fee = rules.late_fee(row.payable_fen, law.day_ppm, due_on=row.due_on, today=work.today)
    return Return(**msgspec.structs.asdict(row), late_fee_fen=fee)


async def calendar(work: Work, *, from_on: date, until_on: date) -> Calendar:
    """Deadlines of the months that begin in `[from_on, until_on)`; BadSpan beyond two years."""
    known = await profile(work)
    items = []
    for month_on in rules.months_between(from_on, until_on):
        due_on = await reference.filing_deadline(work, month_on=month_on)
        periods = rules.due_periods(known.taxpayer, rules.month_before(month_on))
        items.append(DueMonth(month_on=month_on, due_on=due_on, periods=periods))
    return Calendar(items=items)


# --- filing ------------------------------------------------------------------------------------


async def submit(work: Work, *, return_id: UUID, version: int) -> Return:
    """Send a return as it was seen. ReturnNotFound, NotRegistered, and what `rules.submit`
    raises."""
    row = await _lock(work, return_id)
    if (await identity.business(work)).uscc is None:
        raise NotRegistered()
    vat_state = await work.maybe(str, sql.vat_state, period_from=row.period_from)
    rules.vat_goes_first(row, vat_state)
    due = DuePeriod(tax=row.tax, from_on=row.period_from, until_on=row.period_until)
    now = await _compute(work, due, await profile(work))
    row = await _save(work, rules.submit(row, now, version=version, today=work.today))
    await work.emit(TaxReturnSubmitted(return_id=row.id))
    await work.record("tax.submitted", object_id=row.id, tax=row.tax)
    return await _shown(work, row)


async def _lock(work: Work, return_id: UUID) -> ReturnRow:
    row = await work.maybe(ReturnRow, sql.lock_return, id=return_id)
    if row is None:
        raise ReturnNotFound(return_id=return_id)
    return row


async def to_file(work: Work, *, return_id: UUID) -> Filing | None:
    """A submitted return as it goes out; None if it is not on its way."""
    row = await work.maybe(ReturnRow, sql.return_, id=return_id)
    if row is None or row.state != "submitted":
        return None
    uscc = (await identity.business(work)).uscc
    assert uscc is not None, "submit checks it"
    return Filing(reference=rules.reference(work.business_id, row), uscc=uscc, row=row)


async def take_receipt(work: Work, *, return_id: UUID, receipt_number: str) -> None:
    """The platform has taken the return; told once."""
    row = await _lock(work, return_id)
    if row.state == "submitted":
        row = await _save(work, rules.accepted(row, receipt_number))
        await work.emit(TaxReturnFiled(return_id=row.id, tax=row.tax, payable_fen=row.payable_fen))


async def take_refusal(work: Work, *, return_id: UUID, reason: str) -> None:
    """The platform has refused the return."""
    row = await _lock(work, return_id)
    if row.state == "submitted":
        await _save(work, rules.refused(row, reason))
