"""Each business date compared with the clearing house once it is over, and while it differs."""

from datetime import date
from uuid import UUID

from accounts.movements.model import DIRECTIONS, Item, Total
from accounts.reconciliation import operations
from accounts.reconciliation.model import Day
from app import clock
from app.ids import new_id
from app.jobs import Ctx, Later
from app.outside.clearing_house import DayItem, DayTotals

PAGE = 1_000
# What was asked about when a difference was found gets this long to be answered and noted.
ANSWERS_TAKE_SECONDS = 20


async def compare(ctx: Ctx, *, on: str, **_: object) -> None:
    """Compare the dates that are over, and earlier ones with something open."""
    async with ctx.begin() as work:
        dates = await operations.to_compare(work, until_on=date.fromisoformat(on))
    for one in dates:
        await _compare(ctx, one)


async def compare_again(ctx: Ctx, *, on: str, **_: object) -> None:
    """Compare one date once more, when what was asked about has had time to be answered."""
    if ctx.lease is not None:
        age = (clock.now() - ctx.lease.created_at).total_seconds()
        if age < ANSWERS_TAKE_SECONDS:
            raise Later(ANSWERS_TAKE_SECONDS - age)
    await _compare(ctx, date.fromisoformat(on))


async def _compare(ctx: Ctx, on: date) -> None:
    """Read their totals, add up ours, and compare every item: two that differ may cancel out.

    Ours are added up after theirs were read: what moves in between is a difference that the
    next comparison finds gone, never one that is missed.
    """
    day = _day(await ctx.outside.clearing_house.day_totals(on))
    async with ctx.begin() as work:
        compared = await operations.compare(work, on=on, day=day)
    comparison_id = new_id()
    await _take_items(ctx, on, comparison_id)
    async with ctx.begin() as work:
        await operations.seal(work, on=on, day=day, compared=compared, comparison_id=comparison_id)


async def _take_items(ctx: Ctx, on: date, comparison_id: UUID) -> None:
    """Their items of a date, page by page, each kept for the comparison."""
    last: DayItem | None = None
    while True:
        page = await ctx.outside.clearing_house.day_items(on, after=last, limit=PAGE)
        theirs = [
            Item(
                direction=one.direction,
                reference=one.reference,
                line_no=one.line_no,
                amount_fen=one.amount_fen,
            )
            for one in page
        ]
        async with ctx.begin() as work:
            await operations.take_items(work, comparison_id=comparison_id, theirs=theirs)
        if len(page) < PAGE:
            return
        last = page[-1]


def _day(told: DayTotals) -> Day:
    return Day(
        opening_fen=told.opening_fen,
        closing_fen=told.closing_fen,
        totals=[
            Total(
                direction=direction,
                count=getattr(told, f"{direction}_count"),
                amount_fen=getattr(told, f"{direction}_fen"),
            )
            for direction in DIRECTIONS
        ],
    )
