"""Open quotes of income tax on wages, bonuses and labour."""

from __future__ import annotations

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import problems
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.withholding import operations
from bookkeeping.withholding.model import (
    BonusOutsideYear,
    BonusTaxQuote,
    LabourTaxQuote,
    MonthsOutOfOrder,
    NewBonusTaxQuote,
    NewLabourTaxQuote,
    NewWagesTaxQuote,
    PaidBeforeJoining,
    WagesTaxQuote,
)


@post(
    "/wages-tax",
    status_code=200,
    public=True,
    responses=problems(NoValueInForce, MonthsOutOfOrder, PaidBeforeJoining),
)
async def quote_wages_tax(
    work: NamedDependency[Work], data: JSONBody[NewWagesTaxQuote]
) -> WagesTaxQuote:
    """Income tax to withhold from wages, month by month."""
    return await operations.quote_wages_tax(work, new=data)


@post(
    "/bonus-tax",
    status_code=200,
    public=True,
    responses=problems(NoValueInForce, BonusOutsideYear, PaidBeforeJoining),
)
async def quote_bonus_tax(
    work: NamedDependency[Work], data: JSONBody[NewBonusTaxQuote]
) -> BonusTaxQuote:
    """Income tax on an annual bonus, by itself or merged into the wages."""
    return await operations.quote_bonus_tax(work, new=data)


@post("/labour-tax", status_code=200, public=True, responses=problems(NoValueInForce))
async def quote_labour_tax(
    work: NamedDependency[Work], data: JSONBody[NewLabourTaxQuote]
) -> LabourTaxQuote:
    """Income tax to withhold from labour, author's or royalty income."""
    return await operations.quote_labour_tax(work, new=data)


router = Router(
    "/v1/quotes",
    route_handlers=[quote_wages_tax, quote_bonus_tax, quote_labour_tax],
    tags=["quotes"],
)
