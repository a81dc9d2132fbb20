"""Compares a date, seals what was found, and lets the desk work on what differs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from msgspec.structs import replace

from accounts.movements import operations as movements
from accounts.movements.model import Item
from accounts.reconciliation import rules
from accounts.reconciliation.model import (
    Answered,
    Compared,
    Day,
    Difference,
    DifferenceNotFound,
    Found,
    Numbers,
    Reconciliation,
    ReconciliationAsked,
    State,
)
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
# How long a date with something open is compared again every day.
LOOK_BACK = timedelta(days=30)


async def to_compare(work: Work, *, until_on: date) -> list[date]:
    """The dates before `until_on` not compared yet, and earlier ones with something open."""
    yesterday = until_on - timedelta(days=1)
    otherwise = yesterday - timedelta(days=1)
    last = await work.one(date, sql.last_compared, otherwise=otherwise)
    first = last + timedelta(days=1)
    waiting = await work.all(date, sql.dates_open, since=until_on - LOOK_BACK)
    new = [first + timedelta(days=n) for n in range((yesterday - first).days + 1)]
    return [*waiting, *(on for on in new if on not in waiting)]


async def compare(work: Work, *, on: date, day: Day) -> Compared:
    """Our totals beside theirs."""
    ours = await movements.totals(work, on=on)
    return Compared(lines=rules.lines(ours, day.totals), seen=ours[0].seen)


async def take_items(work: Work, *, comparison_id: UUID, theirs: Sequence[Item]) -> None:
    """Keep a page of what the clearing house says of a date, while it is compared."""
    await work.run(sql.forget_items)
    await work.run(
        sql.add_items,
        comparison_id=comparison_id,
        directions=[one.direction for one in theirs],
        references=[one.reference for one in theirs],
        lines=[one.line_no for one in theirs],
        amounts=[one.amount_fen for one in theirs],
    )


async def seal(
    work: Work, *, on: date, day: Day, compared: Compared, comparison_id: UUID
) -> list[Found]:
    """Compare every item, keep that under its seal, open an item for each difference; all of them.

    What is theirs alone is asked about at once, and the date is compared again after that.
    """
    await work.run(sql.lock)
    found = await work.all(
        Found, sql.compare_items, on=on, comparison_id=comparison_id, seen=compared.seen
    )
    numbers = await work.one(Numbers, sql.numbers, on=on)
    await work.run(
        sql.add_lines,
        on=on,
        run_no=numbers.run_no,
        directions=[line.direction for line in compared.lines],
        our_counts=[line.our_count for line in compared.lines],
        our_fens=[line.our_fen for line in compared.lines],
        their_counts=[line.their_count for line in compared.lines],
        their_fens=[line.their_fen for line in compared.lines],
    )
    await work.run(
        sql.seal,
        no=numbers.no,
        on=on,
        run_no=numbers.run_no,
        opening_fen=day.opening_fen,
        closing_fen=day.closing_fen,
        differences=len(found),
        seen=compared.seen,
    )
    await work.run(sql.drop_items, comparison_id=comparison_id)
    await _settle_open(work, on=on, found=found)
    await _open(work, on=on, found=found)
    await work.record("reconciliation.sealed", on=on.isoformat(), differences=len(found))
    return found


async def _settle_open(work: Work, *, on: date, found: Sequence[Found]) -> None:
    """Items on which both sides agree by now are resolved, and that is said."""
    still = {(one.direction, one.reference, one.line_no) for one in found}
    waiting = await work.all(Difference, sql.open_of, on=on)
    over = [one.id for one in waiting if (one.direction, one.reference, one.line_no) not in still]
    await work.run(sql.agree, ids=over)


async def _open(work: Work, *, on: date, found: Sequence[Found]) -> None:
    fresh = await work.all(
        str,
        sql.add_differences,
        on=on,
        ids=[new_id() for _ in found],
        directions=[one.direction for one in found],
        references=[one.reference for one in found],
        lines=[one.line_no for one in found],
        our_fens=[one.our_fen for one in found],
        their_fens=[one.their_fen for one in found],
        firms=[one.business_id for one in found],
    )
    for reference in sorted(set(fresh)):
        await work.emit(Answered(system="clearing_house", reference=reference))
    if fresh:
        await work.emit(ReconciliationAsked(on=on.isoformat()))


async def claim(work: Work, *, difference_id: UUID, version: int) -> Difference:
    """Take a difference to work on; raises what `rules.may_work` does."""
    difference = await _lock(work, difference_id)
    staff_id = _staff(work)
    rules.may_work(difference, version=version, staff_id=staff_id)
    return await _save(
        work, replace(difference, state="claimed", claimed_by=staff_id), "difference.claimed"
    )


async def ask_again(work: Work, *, difference_id: UUID, version: int) -> Difference:
    """Ask the clearing house about it once more, then compare its date again."""
    difference = await _lock(work, difference_id)
    rules.may_work(difference, version=version, staff_id=_staff(work))
    await work.emit(Answered(system="clearing_house", reference=difference.reference))
    await work.emit(ReconciliationAsked(on=difference.reconciled_on.isoformat()))
    return await _save(work, difference, "difference.asked")


async def explain(work: Work, *, difference_id: UUID, version: int, explanation: str) -> Difference:
    """Resolve it with the words why both sides may differ; only by who has claimed it."""
    difference = await _lock(work, difference_id)
    staff_id = _staff(work)
    rules.may_explain(difference, version=version, staff_id=staff_id)
    resolved = replace(
        difference,
        state="resolved",
        resolution="explained",
        explanation=explanation,
        resolved_by=staff_id,
        resolved_at=work.now,
    )
    return await _save(work, resolved, "difference.explained")


async def _lock(work: Work, difference_id: UUID) -> Difference:
    difference = await work.maybe(Difference, sql.lock_difference, id=difference_id)
    if difference is None:
        raise DifferenceNotFound(difference_id=difference_id)
    return difference


def _staff(work: Work) -> UUID:
    assert work.actor.staff_id is not None, "differences are worked on at the desk"
    return work.actor.staff_id


async def _save(work: Work, difference: Difference, action: str) -> Difference:
    saved = replace(difference, version=difference.version + 1)
    await work.run(
        sql.save,
        id=saved.id,
        state=saved.state,
        claimed_by=saved.claimed_by,
        explanation=saved.explanation,
        resolution=saved.resolution,
        resolved_by=saved.resolved_by,
        resolved_at=saved.resolved_at,
        version=saved.version,
    )
    await work.record(action, object_id=saved.id)
    return saved


async def differences(
    work: Work, *, state: State | None, after: str | None, limit: int
) -> pages.Page[Difference]:
    """Differences in a state, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        Difference,
        sql.differences_page,
        state=state,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    return pages.page(rows, limit, lambda one: (one.found_at, one.id))


async def comparisons(work: Work, *, after: str | None, limit: int) -> pages.Page[Reconciliation]:
    """Comparisons with both sides' figures, the latest date first."""
    after_on, after_no = pages.decode_cursor(after, date, int) if after else (None, None)
    rows = await work.all(
        Reconciliation, sql.page, after_on=after_on, after_no=after_no, limit=limit
    )
    return pages.page(rows, limit, lambda one: (one.reconciled_on, one.run_no))
