"""Loans over HTTP: the calculator for everyone, drawing and reading for the firm."""

from __future__ import annotations

from litestar import Router, post
from litestar.params import JSONBody

from app.http import problems
from lending.loans import operations
from lending.loans.model import (
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DueDatesDoNotFit,
    GraceTooLong,
    LoanQuote,
    LoanTerms,
)

UNSCHEDULABLE = (
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DueDatesDoNotFit,
    GraceTooLong,
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


quotes = Router("/v1/quotes", route_handlers=[quote_loan], tags=["quotes"])
