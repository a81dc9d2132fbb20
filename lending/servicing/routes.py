"""Servicing over HTTP: pay what is due now, prepay."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter

from accounts.ledger.model import InsufficientFunds
from app.http import allow, problems
from app.money import MAX_FEN
from app.once import once
from app.work import Work
from lending.loans.model import LoanNotFound
from lending.servicing import operations
from lending.servicing.model import (
    DuesFirst,
    MoreThanOwed,
    NewPrepayment,
    NothingOwed,
    PartNotOffered,
    Prepaid,
    PrepaymentQuote,
    QuoteChanged,
    Repayment,
)

# Litestar checks what stands in QueryParameter, not what stands in the type.
Part = Annotated[int | None, QueryParameter(name="principal_fen", ge=1, le=MAX_FEN)]
NOT_PREPAYABLE = (LoanNotFound, NothingOwed, DuesFirst, MoreThanOwed, PartNotOffered)


@post(
    "/{loan_id:uuid}/repayments",
    status_code=200,
    guards=[allow("owner", "finance")],
    responses=problems(LoanNotFound, InsufficientFunds),
)
@once
async def pay_dues(work: NamedDependency[Work], loan_id: FromPath[UUID]) -> list[Repayment]:
    """Pay what is due now, as far as the balance goes; nothing due is an empty list."""
    return await operations.collect(work, loan_id=loan_id, on=work.today)


@get(
    "/{loan_id:uuid}/prepayment-quote",
    guards=[allow("owner", "finance")],
    responses=problems(*NOT_PREPAYABLE),
)
async def quote_prepayment(
    work: NamedDependency[Work],
    loan_id: FromPath[UUID],
    principal_fen: Part = None,
) -> PrepaymentQuote:
    """Show what prepaying would cost today; without an amount, settling the whole loan."""
    return await operations.prepayment_quote(work, loan_id=loan_id, principal_fen=principal_fen)


@post(
    "/{loan_id:uuid}/prepay",
    status_code=200,
    guards=[allow("owner")],
    responses=problems(*NOT_PREPAYABLE, QuoteChanged, InsufficientFunds),
)
@once
async def prepay_loan(
    work: NamedDependency[Work], loan_id: FromPath[UUID], data: JSONBody[NewPrepayment]
) -> Prepaid:
    """Prepay principal with the interest it has earned; the rest is planned anew."""
    return await operations.prepay(work, loan_id=loan_id, new=data)


router = Router(
    "/v1/loans", route_handlers=[pay_dues, quote_prepayment, prepay_loan], tags=["loans"]
)
