"""What people do with loans: see what one costs, draw it, look at it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work
from lending.facilities import operations as facilities
from lending.loans import rules
from lending.loans.model import (
    CostDisclosure,
    CostNotAccepted,
    DrawnLoan,
    Instalment,
    Loan,
    LoanDrawn,
    LoanNotFound,
    LoanTerms,
    NewLoan,
    NewLoanQuote,
    Parties,
    ScheduleRow,
)
from lending.products import operations as products
from lending.products.model import Product

sql = load(__name__)

# A calculator: it knows no firm and touches nothing, so it takes no `work`.
quote = rules.quote


async def disclose(work: Work, *, new: NewLoanQuote) -> CostDisclosure:
    """What a drawing today would cost.

    Raises FacilityNotFound, FacilityNotActive, LimitExceeded, MethodNotOffered, TermNotOffered,
    BelowSmallestDrawing.
    """
    facility = await facilities.drawable(
        work, facility_id=new.facility_id, amount_fen=new.amount_fen
    )
    product = await products.in_force(work, code=facility.product_code)
    return rules.disclosure(new, product, on=work.today)


async def draw(work: Work, *, new: NewLoan) -> DrawnLoan:
    """Pay a loan out to the firm's account: the whole principal, nothing kept back.

    Raises as `disclose`, CostNotAccepted, LedgerAccountNotFound, AccountRefusesPosting.
    """
    facility = await facilities.drawable(
        work, facility_id=new.facility_id, amount_fen=new.amount_fen
    )
    product = await products.in_force(work, code=facility.product_code)
    disclosed = rules.disclosure(new, product, on=work.today)
    if disclosed.annual_cost_compound_ppm != new.accepted_annual_cost_ppm:
        raise CostNotAccepted(annual_cost_compound_ppm=disclosed.annual_cost_compound_ppm)
    # Reads the account as the firm sees it: the bank's side of the firm is no payout account.
    await ledger.balance(work, account_id=new.account_id)
    loan_id, number = new_id(), await work.one(str, sql.next_number)
    await _pay_out(work, loan_id=loan_id, number=number, new=new)
    await facilities.use(work, facility_id=facility.id, amount_fen=new.amount_fen)
    terms = rules.product_terms(new, product, on=work.today)
    await _keep(work, loan_id=loan_id, number=number, new=new, terms=terms, cost=disclosed,
                product=product)  # fmt: skip
    await keep_instalments(work, loan_id=loan_id, rows=disclosed.instalments)
    await work.record("loans.drawn", object_id=loan_id, principal_fen=new.amount_fen)
    await work.emit(
        LoanDrawn(
            loan_id=loan_id,
            principal_fen=new.amount_fen,
            account_id=new.account_id,
            drawn_on=work.today,
        )
    )
    return DrawnLoan(loan=await get(work, loan_id=loan_id), disclosure=disclosed)


async def _pay_out(work: Work, *, loan_id: UUID, number: str, new: NewLoan) -> None:
    bank_side = await ledger.bank_side(work, kind="loan_principal")
    await ledger.post(
        work,
        entries=[
            NewEntry(
                kind="loan_drawdown",
                business_key=str(loan_id),
                legs=[
                    Leg(account_id=new.account_id, amount_fen=new.amount_fen),
                    Leg(account_id=bank_side, amount_fen=-new.amount_fen),
                ],
                memo=f"贷款发放 {number}",
            )
        ],
    )


async def _keep(
    work: Work,
    *,
    loan_id: UUID,
    number: str,
    new: NewLoan,
    terms: LoanTerms,
    cost: CostDisclosure,
    product: Product,
) -> None:
    await work.run(
        sql.keep_loan,
        id=loan_id,
        number=number,
        facility_id=new.facility_id,
        product_code=product.code,
        account_id=new.account_id,
        principal_fen=new.amount_fen,
        purpose=new.purpose,
        method=new.method,
        instalment_count=terms.instalment_count,
        day_count=terms.day_count,
        annual_rate_ppm=cost.annual_rate_ppm,
        prime_rate_ppm=cost.prime_rate_ppm,
        penalty_rate_ppm=cost.overdue_rate_ppm,
        principal_first_after_days=product.principal_first_after_days,
        annual_cost_simple_ppm=cost.annual_cost_simple_ppm,
        annual_cost_compound_ppm=cost.annual_cost_compound_ppm,
        matures_on=cost.instalments[-1].due_on,
    )


async def keep_instalments(
    work: Work, *, loan_id: UUID, rows: list[Instalment], after_no: int = 0
) -> None:
    """Store the planned rows of a schedule, numbered after those there already."""
    await work.run(
        sql.keep_instalments,
        loan_id=loan_id,
        nos=[after_no + row.no for row in rows],
        from_ons=[row.from_on for row in rows],
        due_ons=[row.due_on for row in rows],
        principals=[row.principal_fen for row in rows],
        interests=[row.interest_fen for row in rows],
    )


async def get(work: Work, *, loan_id: UUID) -> Loan:
    """One loan; LoanNotFound."""
    loan = await work.maybe(Loan, sql.loan, id=loan_id)
    if loan is None:
        raise LoanNotFound(loan_id=loan_id)
    return loan


async def newest(work: Work, *, after: str | None, limit: int) -> Page[Loan]:
    """The firm's loans, newest first."""
    at, last = decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(Loan, sql.loans, after_at=at, after_id=last, row_limit=limit + 1)
    return page(rows, limit, lambda row: (row.drawn_at, row.id))


async def schedule(work: Work, *, loan_id: UUID) -> list[ScheduleRow]:
    """The instalments as they stand; LoanNotFound."""
    await get(work, loan_id=loan_id)
    return await work.all(ScheduleRow, sql.instalments, loan_id=loan_id)


async def parties(work: Work, *, account_id: UUID) -> Parties:
    """The names on the contract."""
    return await work.one(Parties, sql.parties, account_id=account_id)


async def file_contract(work: Work, *, loan_id: UUID, file_id: UUID) -> bool:
    """Attach the rendered contract; False if another was faster."""
    return bool(await work.run(sql.file_contract, id=loan_id, file_id=file_id))
