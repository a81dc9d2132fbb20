"""Taxes over HTTP: a quote for everybody; the firm's returns, their deadlines and filing."""

from __future__ import annotations

from litestar import Router, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from app.http import problems
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.tax import operations
from bookkeeping.tax.model import (
    BadPeriod,
    IncomeTaxNeedsMore,
    NewTaxQuote,
    TaxQuote,
    UnknownRate,
)


@post(
    "/quotes/tax", status_code=200, public=True,
    responses=problems(NoValueInForce, BadPeriod, IncomeTaxNeedsMore, UnknownRate),
)
async def quote_tax(work: NamedDependency[Work], data: JSONBody[NewTaxQuote]) -> TaxQuote:
    """VAT, surcharges and income tax of a month, quarter or year, each with rule and source."""
    return await operations.quote(work, new=data)


router = Router("/v1", route_handlers=[quote_tax], tags=["tax"])
