"""Looks through closed days, and brings reports and cases from finding to filing.

Audit rows of this work lie in the bank's own firm: a customer's trail never shows them.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec

from accounts.policies import operations as policies
from accounts.surveillance import rules
from accounts.surveillance.model import (
    CaseFile,
    CaseNote,
    CaseNotFound,
    CaseState,
    Confirmation,
    Customer,
    LargeReport,
    LargeReportNotFound,
    Movement,
    NewProposal,
    ReportFile,
    Span,
    StoredMovement,
    Suspicion,
    SuspicionCase,
)
from app import pages
from app.identity import operations as identity
from app.identity.model import BANK
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
# Where incoming money keeps its payer's name sealed.
PAYER_PLACE = "accounts.incoming_credits.payer_name_sealed"


async def sealed_until(work: Work) -> date:
    """The last business date on which nothing can be booked any more."""
    return await work.one(date, sql.sealed_until)


async def days_to_survey(work: Work, *, on: date) -> list[date]:
    """Business dates before this one that nobody has looked through; runs as `nightly`."""
    return await work.all(date, sql.days_to_survey, on=on)


async def survey(work: Work, *, day: date) -> bool:
    """Look through one business date of all firms, once; runs as `nightly`."""
    return await work.one(bool, sql.survey, day=day)


async def _enter(work: Work, business_id: UUID) -> None:
    await work.set_business(business_id)


async def _note(work: Work, action: str, object_id: UUID, **facts: object) -> None:
    """Record it in the bank's own trail, then go on in the firm."""
    firm = work.business_id
    await work.set_business(BANK)
    await work.record(action, object_id=object_id, **facts)
    await work.set_business(firm)


def _staff(work: Work) -> UUID:
    assert work.actor.staff_id is not None
    return work.actor.staff_id


async def large_reports(
    work: Work, *, filed: bool, after: str | None, limit: int
) -> pages.Page[LargeReport]:
    """Reports of the whole bank, by their term."""
    key = pages.decode_cursor(after, date, UUID, UUID) if after else (None, None, None)
    rows = await work.all(
        LargeReport,
        sql.large_reports,
        state="filed" if filed else "due",
        after_due=key[0],
        after_business=key[1],
        after_id=key[2],
        most=limit + 1,
    )
    return pages.page(rows, limit, lambda row: (row.due_on, row.business_id, row.id))


async def large_file(work: Work, *, business_id: UUID, report_id: UUID) -> ReportFile:
    """A large-value report with all its fields; LargeReportNotFound."""
    await _enter(work, business_id)
    report = await work.maybe(LargeReport, sql.large_report, id=report_id)
    if report is None:
        raise LargeReportNotFound(report_id=report_id)
    moved = await work.all(StoredMovement, sql.movements_of_large, id=report_id)
    bank = await policies.bank(work)
    await _note(work, "large_report.read", report_id)
    return ReportFile(
        kind="large_value",
        reporting_bank_code=bank.bank_code,
        reporting_bank_name=bank.name,
        report_id=report.id,
        made_at=work.now,
        due_on=report.due_on,
        customer=await _customer(work),
        booked_from=report.booked_on,
        booked_until=report.booked_on,
        amount_fen=report.amount_fen,
        patterns=[],
        suspicions=[],
        reason="",
        movements=[
            await _opened(work, one)
            for one in moved
            if rules.direction(one.amount_fen) == report.direction
        ],
    )


async def _customer(work: Work) -> Customer:
    firm = await identity.business(work)
    return Customer(name=firm.name, uscc=firm.uscc, accounts=await work.all(str, sql.numbers))


async def _opened(work: Work, one: StoredMovement) -> Movement:
    name = one.payee_name or ""
    if one.payer_name_sealed is not None and one.credit_id is not None:
        name = await work.vault.open(
            work,
            one.payer_name_sealed,
            scope=work.business_id,
            place=PAYER_PLACE,
            row_id=one.credit_id,
        )
    return Movement(
        at=one.at,
        account_number=one.account_number,
        direction=rules.direction(one.amount_fen),
        amount_fen=abs(one.amount_fen),
        currency=one.currency,
        counterparty_name=name,
        counterparty_account_tail=one.tail,
        counterparty_bank_code=one.bank_code,
        purpose=one.purpose,
        memo=one.memo,
    )


async def file_large(
    work: Work, *, business_id: UUID, report_id: UUID, receipt: str
) -> LargeReport:
    """The centre took the report; LargeReportNotFound or ReportFiled."""
    await _enter(work, business_id)
    report = await work.maybe(LargeReport, sql.lock_large_report, id=report_id)
    if report is None:
        raise LargeReportNotFound(report_id=report_id)
    rules.may_file_large(report)
    await work.run(sql.file_large, id=report_id, receipt=receipt)
    await _note(work, "large_report.filed", report_id, receipt=receipt)
    return await work.one(LargeReport, sql.large_report, id=report_id)


async def cases(
    work: Work, *, state: CaseState, after: str | None, limit: int
) -> pages.Page[SuspicionCase]:
    """Cases of the whole bank in a state, the oldest first."""
    key = pages.decode_cursor(after, date, UUID, UUID) if after else (None, None, None)
    rows = await work.all(
        SuspicionCase,
        sql.cases,
        state=state,
        after_on=key[0],
        after_business=key[1],
        after_id=key[2],
        most=limit + 1,
    )
    return pages.page(rows, limit, lambda row: (row.opened_on, row.business_id, row.id))


async def _lock(work: Work, business_id: UUID, case_id: UUID) -> SuspicionCase:
    await _enter(work, business_id)
    case = await work.maybe(SuspicionCase, sql.lock_case, id=case_id)
    if case is None:
        raise CaseNotFound(case_id=case_id)
    return case


async def _case(work: Work, case_id: UUID) -> SuspicionCase:
    case = await work.maybe(SuspicionCase, sql.case_of, id=case_id)
    if case is None:
        raise CaseNotFound(case_id=case_id)
    return case


async def read(work: Work, *, business_id: UUID, case_id: UUID) -> CaseFile:
    """A case with everything found and written; CaseNotFound."""
    await _enter(work, business_id)
    case = await _case(work, case_id)
    await _note(work, "suspicion.read", case_id)
    return CaseFile(
        case=case,
        customer=await _customer(work),
        suspicions=await work.all(Suspicion, sql.suspicions, case_id=case_id),
        notes=await work.all(CaseNote, sql.notes, case_id=case_id),
    )


async def claim(work: Work, *, business_id: UUID, case_id: UUID) -> SuspicionCase:
    """Work on a case for an hour; claiming it again renews the lease."""
    case = await _lock(work, business_id, case_id)
    rules.may_claim(case, staff_id=_staff(work), now=work.now)
    until = work.now + timedelta(minutes=rules.LEASE_MINUTES)
    await work.run(sql.set_claim, id=case_id, claimed_by=_staff(work), lease_until=until)
    return await _case(work, case_id)


async def add_note(work: Work, *, business_id: UUID, case_id: UUID, text: str) -> CaseNote:
    """Write something into a case; it stays."""
    await _lock(work, business_id, case_id)
    note = CaseNote(id=new_id(), staff_id=_staff(work), text=text, at=work.now)
    await work.run(
        sql.add_note, id=note.id, case_id=case_id, staff_id=note.staff_id, text=note.text
    )
    await _note(work, "suspicion.note", case_id)
    return note


async def propose(
    work: Work, *, business_id: UUID, case_id: UUID, new: NewProposal
) -> SuspicionCase:
    """One person's judgement: report the firm, or close the case; another person confirms."""
    case = await _lock(work, business_id, case_id)
    rules.may_propose(case, staff_id=_staff(work), now=work.now)
    await work.run(
        sql.propose, id=case_id, proposal=new.proposal, reason=new.reason, staff_id=_staff(work)
    )
    await _note(work, f"suspicion.propose_{new.proposal}", case_id)
    return await _case(work, case_id)


async def confirm(
    work: Work, *, business_id: UUID, case_id: UUID, new: Confirmation
) -> SuspicionCase:
    """Settle a case as the second person, or send it back; a reported one has five working days.

    Raises CaseNotFound, CaseNotThere, NotYourOwnProposal.
    """
    case = await _lock(work, business_id, case_id)
    proposal = rules.may_confirm(case, staff_id=_staff(work))
    state: CaseState = "open"
    if new.agree:
        state = rules.SETTLED[proposal]
        await work.run(sql.settle, id=case_id, state=state, staff_id=_staff(work))
    else:
        await work.run(sql.send_back, id=case_id)
    if new.remark is not None:
        await work.run(
            sql.add_note, id=new_id(), case_id=case_id, staff_id=_staff(work), text=new.remark
        )
    await _note(work, f"suspicion.{state}", case_id)
    return await _case(work, case_id)


async def case_report(work: Work, *, business_id: UUID, case_id: UUID) -> ReportFile:
    """The file of a reported case; CaseNotFound, or CaseNotThere before two people agreed."""
    await _enter(work, business_id)
    case = await _case(work, case_id)
    rules.is_reported(case)
    assert case.due_on is not None and case.reason is not None
    span = await work.one(Span, sql.span, case_id=case_id)
    moved = await work.all(
        StoredMovement, sql.movements_of_case, first_on=span.first_on, last_on=span.last_on
    )
    bank = await policies.bank(work)
    await _note(work, "suspicion.file_read", case_id)
    return ReportFile(
        kind="suspicious",
        reporting_bank_code=bank.bank_code,
        reporting_bank_name=bank.name,
        report_id=case.id,
        made_at=work.now,
        due_on=case.due_on,
        customer=await _customer(work),
        booked_from=span.first_on,
        booked_until=span.last_on,
        amount_fen=case.amount_fen,
        patterns=case.patterns,
        suspicions=await work.all(Suspicion, sql.suspicions, case_id=case_id),
        reason=case.reason,
        movements=[await _opened(work, one) for one in moved],
    )


async def file_case(work: Work, *, business_id: UUID, case_id: UUID, receipt: str) -> SuspicionCase:
    """The centre took the report of a case; CaseNotFound, CaseNotThere or ReportFiled."""
    case = await _lock(work, business_id, case_id)
    rules.may_file(case)
    await work.run(sql.file_case, id=case_id, receipt=receipt)
    await _note(work, "suspicion.filed", case_id, receipt=receipt)
    return await _case(work, case_id)


def as_bytes(report: ReportFile) -> bytes:
    """The report as JSON, indented for whoever reads it before it is handed in."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1)
