"""Takes what is due, prepays, and keeps every loan's standing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.queries import load
from app.work import Work
from lending.facilities import operations as facilities
from lending.loans import operations as loans
from lending.loans.model import Loan, LoanNotFound, ScheduleRow
from lending.servicing import rules
from lending.servicing.model import (
    Due,
    DuesFirst,
    InstalmentPaid,
    NewPrepayment,
    NothingOwed,
    Prepaid,
    PrepaymentQuote,
    QuoteChanged,
    Repayment,
    Share,
)

sql = load(__name__)

# States of an account in which the bank may take what is owed to it.
DEBITABLE = ("open", "no_credit")


async def collect(work: Work, *, loan_id: UUID, on: date) -> list[Repayment]:
    """Take what is due on a business date, as far as the balance goes; the rest is overdue.

    One ledger entry per instalment and debit, under a key that can be used once for ever.
    Raises LoanNotFound, and InsufficientFunds when another debit was faster: then repeat.
    """
    loan = await _lock(work, loan_id)
    dues = await work.all(Due, sql.dues, loan_id=loan_id, on=on)
    if not dues:
        return []
    account = await ledger.balance(work, account_id=loan.account_id)
    available = account.available_fen if account.state in DEBITABLE else 0
    shares = rules.allocate(dues, available, loan=loan, on=on)
    taken = [share for share in shares if share.total_fen]
    # A day on which nothing is taken leaves the penalty growing on unrounded days.
    changed = rules.changed(dues, shares)
    await _debit(work, loan, taken, kind="loan_instalment")
    await work.run(
        sql.take_shares,
        loan_id=loan_id,
        on=on,
        nos=[s.no for s in changed],
        principals=[s.principal_fen for s in changed],
        interests=[s.interest_fen for s in changed],
        penalties=[s.penalty_fen for s in changed],
        owed_penalties=[s.owed_penalty_fen for s in changed],
        states=[s.state for s in changed],
    )
    found = await _keep(work, loan, taken, kind="loan_instalment")
    await _stand(work, loan, taken, on=on, days=rules.overdue_days(dues, shares, on=on))
    return found


async def catch_up(work: Work, *, loan_id: UUID, on: date) -> None:
    """Serve a loan up to a business date as if no day had been missed. Raises as `collect`."""
    await _lock(work, loan_id)
    for day in await work.all(date, sql.dates_to_serve, loan_id=loan_id, on=on):
        await collect(work, loan_id=loan_id, on=day)


async def prepayment_quote(
    work: Work, *, loan_id: UUID, principal_fen: int | None
) -> PrepaymentQuote:
    """What prepaying would cost today.

    Raises LoanNotFound, NothingOwed, DuesFirst, MoreThanOwed, PartNotOffered.
    """
    loan = await loans.get(work, loan_id=loan_id)
    planned = await _planned(work, loan)
    return rules.prepayment(loan, planned, principal_fen, on=work.today)


async def prepay(work: Work, *, loan_id: UUID, new: NewPrepayment) -> Prepaid:
    """Pay principal early with the interest it has earned; what is left is planned anew.

    Raises as `prepayment_quote`, QuoteChanged, InsufficientFunds.
    """
    loan = await _lock(work, loan_id)
    planned = await _planned(work, loan)
    quote = rules.prepayment(loan, planned, new.principal_fen, on=work.today)
    if quote.total_fen != new.accepted_total_fen:
        raise QuoteChanged(total_fen=quote.total_fen)
    no = await work.one(int, sql.last_no, loan_id=loan_id) + 1
    share = Share(
        no=no, part=1, principal_fen=quote.principal_fen, interest_fen=quote.interest_fen,
        penalty_fen=0, owed_penalty_fen=0, state="paid",
    )  # fmt: skip
    await _debit(work, loan, [share], kind="loan_prepayment")
    await work.run(sql.supersede_planned, loan_id=loan_id)
    await work.run(
        sql.keep_prepayment,
        loan_id=loan_id,
        no=no,
        from_on=planned[0].from_on,
        on=work.today,
        principal_fen=quote.principal_fen,
        interest_fen=quote.interest_fen,
    )
    rows = rules.rescheduled(loan, planned, quote.outstanding_after_fen)
    await loans.keep_instalments(work, loan_id=loan_id, rows=rows, after_no=no)
    await _keep(work, loan, [share], kind="loan_prepayment")
    await _stand(work, loan, [share], on=work.today, days=0)
    await work.record("loans.prepaid", object_id=loan_id, principal_fen=quote.principal_fen)
    return Prepaid(quote=quote, schedule=await loans.schedule(work, loan_id=loan_id))


async def _lock(work: Work, loan_id: UUID) -> Loan:
    loan = await work.maybe(Loan, sql.lock_loan, id=loan_id)
    if loan is None:
        raise LoanNotFound(loan_id=loan_id)
    return loan


async def _planned(work: Work, loan: Loan) -> list[ScheduleRow]:
    """The rows that can be prepaid: there must be some, and nothing due before them."""
    if loan.state == "settled":
        raise NothingOwed(loan_id=loan.id)
    dues = await work.all(Due, sql.dues, loan_id=loan.id, on=work.today)
    if dues:
        raise DuesFirst(
            loan_id=loan.id,
            due_on=dues[0].due_on.isoformat(),
            next_step=f"POST /v1/loans/{loan.id}/repayments",
        )
    return await work.all(ScheduleRow, sql.planned, loan_id=loan.id, on=work.today)


def _key(loan: Loan, share: Share) -> str:
    first = f"{loan.id}:{share.no}"
    return first if share.part == 1 else f"{first}:{share.part}"


async def _debit(work: Work, loan: Loan, shares: Sequence[Share], *, kind: str) -> None:
    if not shares:
        return
    principal = await ledger.bank_side(work, kind="loan_principal")
    income = await ledger.bank_side(work, kind="interest_income")
    entries = []
    for share in shares:
        legs = [Leg(account_id=loan.account_id, amount_fen=-share.total_fen)]
        if share.principal_fen:
            legs.append(Leg(account_id=principal, amount_fen=share.principal_fen))
        if earned := share.interest_fen + share.penalty_fen:
            legs.append(Leg(account_id=income, amount_fen=earned))
        entries.append(
            NewEntry(
                kind=kind,
                business_key=_key(loan, share),
                legs=legs,
                memo=f"贷款还款 {loan.number} 第{share.no}期",
            )
        )
    await ledger.post(work, entries=entries)


async def _keep(work: Work, loan: Loan, shares: Sequence[Share], *, kind: str) -> list[Repayment]:
    await work.run(
        sql.keep_repayments,
        loan_id=loan.id,
        paid_on=work.today,
        entry_kind=kind,
        nos=[s.no for s in shares],
        parts=[s.part for s in shares],
        principals=[s.principal_fen for s in shares],
        interests=[s.interest_fen for s in shares],
        penalties=[s.penalty_fen for s in shares],
        keys=[_key(loan, s) for s in shares],
    )
    for share in shares:
        await work.emit(
            InstalmentPaid(
                loan_id=loan.id,
                instalment_no=share.no,
                part=share.part,
                paid_on=work.today,
                principal_fen=share.principal_fen,
                interest_fen=share.interest_fen + share.penalty_fen,
                penalty_fen=share.penalty_fen,
            )
        )
    return [
        Repayment(
            instalment_no=s.no,
            part=s.part,
            paid_on=work.today,
            principal_fen=s.principal_fen,
            interest_fen=s.interest_fen,
            penalty_fen=s.penalty_fen,
        )
        for s in shares
    ]


async def _stand(work: Work, loan: Loan, shares: Sequence[Share], *, on: date, days: int) -> None:
    principal = sum(s.principal_fen for s in shares)
    await work.run(
        sql.settle_day,
        id=loan.id,
        on=on,
        principal_fen=principal,
        interest_fen=sum(s.interest_fen for s in shares),
        overdue_days=days,
    )
    if principal:
        await facilities.give_back(work, facility_id=loan.facility_id, amount_fen=principal)
