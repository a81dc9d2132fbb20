"""Each business date compared with the clearing house once it is over, and while it differs."""

from datetime import date

from accounts.movements.model import DIRECTIONS, Direction, Item, Total
from accounts.reconciliation import operations
from accounts.reconciliation.model import Day
from app import clock
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
    """Read their totals, add up ours; read their items only of directions that differ.

    Ours are added up after theirs were read: what moves in between is a difference that the
    next comparison finds gone, never one that is missed.
    """
    day = _day(await ctx.outside.clearing_house.day_totals(on))
    async with ctx.begin() as work:
        compared = await operations.compare(work, on=on, day=day)
    theirs = await _items(ctx, on, compared.differing) if compared.differing else []
    async with ctx.begin() as work:
        await operations.seal(work, on=on, day=day, compared=compared, theirs=theirs)


async def _items(ctx: Ctx, on: date, differing: list[Direction]) -> list[Item]:
    """Their items of some directions, page by page."""
    found: list[Item] = []
    last: DayItem | None = None
    while True:
        page = await ctx.outside.clearing_house.day_items(on, after=last, limit=PAGE)
        found += [
            Item(
                direction=one.direction,
                reference=one.reference,
                line_no=one.line_no,
                amount_fen=one.amount_fen,
            )
            for one in page
            if one.direction in differing
        ]
        if len(page) < PAGE:
            return found
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
