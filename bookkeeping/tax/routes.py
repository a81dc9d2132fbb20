"""Taxes over HTTP: a quote for everybody; the firm's returns, their deadlines and filing."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.assessments import operations as assessments
from bookkeeping.assessments.model import (
    BadPeriod,
    IncomeTaxNeedsMore,
    NewTaxQuote,
    TaxQuote,
    UnknownRate,
)
from bookkeeping.tax import operations
from bookkeeping.tax.model import (
    BadSpan,
    Calendar,
    NewProfile,
    NewReturns,
    NotRegistered,
    PeriodNotOver,
    Profile,
    ProfileChanged,
    Return,
    ReturnChanged,
    ReturnNotFound,
    ReturnOutdated,
    Returns,
    ReturnStateForbids,
    SeenReturn,
    VatFirst,
)

READERS = allow("owner", "finance", "accountant")
From = Annotated[date, QueryParameter(name="from", description="first day, inclusive")]
Until = Annotated[date, QueryParameter(name="until", description="first day after, exclusive")]


@post(
    "/quotes/tax",
    status_code=200,
    public=True,
    responses=problems(NoValueInForce, BadPeriod, IncomeTaxNeedsMore, UnknownRate),
)
async def quote_tax(work: NamedDependency[Work], data: JSONBody[NewTaxQuote]) -> TaxQuote:
    """VAT, surcharges and income tax of a month, quarter or year, each with rule and source."""
    return await assessments.quote(work, new=data)


@get("/tax/profile", guards=[READERS])
async def read_profile(work: NamedDependency[Work]) -> Profile:
    """What the firm is for the tax bureau."""
    return await operations.profile(work)


@put("/tax/profile", guards=[allow("owner", "finance")], responses=problems(ProfileChanged))
async def set_profile(work: NamedDependency[Work], data: JSONBody[NewProfile]) -> Profile:
    """Say what the firm is for the tax bureau."""
    return await operations.set_profile(work, new=data)


@get("/tax/deadlines", guards=[READERS], responses=problems(BadSpan))
async def read_deadlines(work: NamedDependency[Work], from_on: From, until_on: Until) -> Calendar:
    """The last days for filing, and what is due by then."""
    return await operations.calendar(work, from_on=from_on, until_on=until_on)


@post("/tax/returns", status_code=200, guards=[READERS], responses=problems(NoValueInForce))
@once
async def prepare_returns(work: NamedDependency[Work], data: JSONBody[NewReturns]) -> Returns:
    """Compute the returns of a month, and of the quarter it ends, from the books as they stand."""
    month_on = date(int(data.month[:4]), int(data.month[5:]), 1)
    return Returns(items=await operations.prepare(work, month_on=month_on))


@get("/tax/returns", guards=[READERS], responses=problems(BadCursor))
async def list_returns(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Return]:
    """Returns, the newest period first."""
    return await operations.list_page(work, after=after, limit=limit)


@get("/tax/returns/{return_id:uuid}", guards=[READERS], responses=problems(ReturnNotFound))
async def read_return(work: NamedDependency[Work], return_id: FromPath[UUID]) -> Return:
    """One return with its lines."""
    return await operations.get(work, return_id=return_id)


@post(
    "/tax/returns/{return_id:uuid}/file",
    status_code=200,
    guards=[allow("owner", "finance", "accountant")],
    responses=problems(
        ReturnNotFound,
        ReturnChanged,
        ReturnOutdated,
        ReturnStateForbids,
        PeriodNotOver,
        NotRegistered,
        VatFirst,
        NoValueInForce,
    ),
)
@once
async def file_return(
    work: NamedDependency[Work], data: JSONBody[SeenReturn], return_id: FromPath[UUID]
) -> Return:
    """Send a return to the tax platform as it was seen."""
    return await operations.submit(work, return_id=return_id, version=data.version)


router = Router(
    "/v1",
    route_handlers=[
        quote_tax,
        read_profile,
        set_profile,
        read_deadlines,
        prepare_returns,
        list_returns,
        read_return,
        file_return,
    ],
    tags=["tax"],
)
