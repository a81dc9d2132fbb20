"""Fees over HTTP: what a payment would cost, and what was charged."""

from typing import Annotated

from litestar import Router, get
from litestar.di import NamedDependency
from litestar.params import FromQuery
from msgspec import Meta

from accounts.deposits.routes import READERS
from accounts.fees import operations
from accounts.fees.model import Fee, Quotes
from app.http import problems
from app.money import MAX_FEN
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

AmountFen = Annotated[int, Meta(gt=0, le=MAX_FEN, examples=[5_000_000])]


@get("/quote", guards=[READERS])
async def quote_fees(work: NamedDependency[Work], amount_fen: FromQuery[AmountFen]) -> Quotes:
    """What a payment of this amount to another bank costs today, before it is made."""
    return await operations.quotes(work, amount_fen=amount_fen)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_fees(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Fee]:
    """Fees set aside, charged and given back, newest first."""
    return await operations.search(work, after=after, limit=limit)


router = Router("/v1/fees", route_handlers=[quote_fees, list_fees], tags=["fees"])
