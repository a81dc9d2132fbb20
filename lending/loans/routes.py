"""Loans over HTTP: the calculator for everyone, drawing and reading for the firm."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.ledger.model import AccountRefusesPosting, LedgerAccountNotFound
from app.http import allow, problems
from app.once import once
from app.pages import MAX_LIMIT, BadCursor, Cursor, Page
from app.work import Work
from lending.facilities.model import FacilityNotActive, FacilityNotFound, LimitExceeded
from lending.loans import operations
from lending.loans.model import (
    BelowSmallestDrawing,
    CostDisclosure,
    CostNotAccepted,
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DrawnLoan,
    DueDatesDoNotFit,
    GraceTooLong,
    Loan,
    LoanNotFound,
    LoanQuote,
    LoanTerms,
    MethodNotOffered,
    NewLoan,
    NewLoanQuote,
    ScheduleRow,
    TermNotOffered,
)

# Litestar checks what stands in QueryParameter, not what stands in the type.
PageSize = Annotated[int, QueryParameter(name="limit", ge=1, le=MAX_LIMIT)]
UNSCHEDULABLE = (
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DueDatesDoNotFit,
    GraceTooLong,
)
NOT_DRAWABLE = (
    FacilityNotFound,
    FacilityNotActive,
    LimitExceeded,
    MethodNotOffered,
    TermNotOffered,
    BelowSmallestDrawing,
)


@post(
    "/loan",
    status_code=200,
    sync_to_thread=False,
    opt={"public": True},
    responses=problems(*UNSCHEDULABLE),
)
def quote_loan(data: JSONBody[LoanTerms]) -> LoanQuote:
    """Compute a repayment schedule with its yearly cost, simple and compound."""
    return operations.quote(data)


@post(
    "/quotes",
    status_code=200,
    guards=[allow("owner", "finance")],
    responses=problems(*NOT_DRAWABLE),
)
async def disclose_cost(
    work: NamedDependency[Work], data: JSONBody[NewLoanQuote]
) -> CostDisclosure:
    """Show what a drawing would cost: every payment, and the yearly cost to be accepted."""
    return await operations.disclose(work, new=data)


@post(
    "/",
    status_code=201,
    guards=[allow("owner")],
    responses=problems(
        *NOT_DRAWABLE, CostNotAccepted, LedgerAccountNotFound, AccountRefusesPosting
    ),
)
@once
async def draw_loan(work: NamedDependency[Work], data: JSONBody[NewLoan]) -> DrawnLoan:
    """Draw on a limit: the principal arrives in the account at once."""
    return await operations.draw(work, new=data)


@get("/", guards=[allow("owner", "finance", "accountant")], responses=problems(BadCursor))
async def list_loans(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: PageSize = 50,
) -> Page[Loan]:
    """List the firm's loans, newest first."""
    return await operations.newest(work, after=after, limit=limit)


@get(
    "/{loan_id:uuid}",
    guards=[allow("owner", "finance", "accountant")],
    responses=problems(LoanNotFound),
)
async def get_loan(work: NamedDependency[Work], loan_id: FromPath[UUID]) -> Loan:
    """Get a loan: what is owed, its state, the terms of its day."""
    return await operations.get(work, loan_id=loan_id)


@get(
    "/{loan_id:uuid}/schedule",
    guards=[allow("owner", "finance", "accountant")],
    responses=problems(LoanNotFound),
)
async def get_schedule(work: NamedDependency[Work], loan_id: FromPath[UUID]) -> list[ScheduleRow]:
    """Get the instalments: what is owed when, and what was paid."""
    return await operations.schedule(work, loan_id=loan_id)


router = Router(
    "/v1",
    route_handlers=[
        Router("/quotes", route_handlers=[quote_loan], tags=["quotes"]),
        Router(
            "/loans",
            route_handlers=[disclose_cost, draw_loan, list_loans, get_loan, get_schedule],
            tags=["loans"],
        ),
    ],
)
