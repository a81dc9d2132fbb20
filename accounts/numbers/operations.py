"""Offer, hold, reserve, take and release account numbers; a number is never given twice."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from accounts.numbers import rules
from accounts.numbers.model import (
    Branch,
    BranchNotFound,
    Hold,
    HoldExpired,
    NumberNotFree,
    NumberNotOurs,
    Offers,
    PatternImpossible,
)
from app.queries import load
from app.work import Work

sql = load(__name__)

OFFERS = 12
HOLD_MINUTES = 30


async def branches(work: Work) -> list[Branch]:
    """All branches of the bank."""
    return await work.all(Branch, sql.branches)


async def branch(work: Work, *, code: str) -> Branch:
    """One branch; BranchNotFound."""
    found = await work.maybe(Branch, sql.branch, code=code)
    if found is None:
        raise BranchNotFound(branch=code)
    return found


async def offer(work: Work, *, pattern: str, branch_code: str) -> Offers:
    """Free numbers that fit the pattern, best first; none of them is held yet."""
    scheme = (await branch(work, code=branch_code)).scheme
    start = secrets.randbelow(rules.SEQUENCES)
    found = rules.candidates(scheme, pattern, start=start, most=2 * OFFERS)
    if not found:
        raise PatternImpossible(pattern=pattern)
    gone = set(await work.all(str, sql.gone, numbers=[offer.number for offer in found]))
    return Offers(items=[offer for offer in found if offer.number not in gone][:OFFERS])


async def hold(work: Work, *, number: str) -> Hold:
    """Keep a number for the firm for thirty minutes; its last hold is let go.

    Raises NumberNotOurs, NumberNotFree.
    """
    if not rules.is_valid(number):
        raise NumberNotOurs(number=number)
    home = await work.maybe(
        Branch, sql.branch_of_number, region=number[:4], number_code=number[4:8]
    )
    if home is None or not rules.belongs(number, scheme=home.scheme):
        raise NumberNotOurs(number=number)
    await work.run(sql.one_firm_at_a_time)
    await work.run(sql.free_held, number=number)
    held_until = work.now + timedelta(minutes=HOLD_MINUTES)
    held = await work.maybe(Hold, sql.hold, number=number, held_until=held_until)
    if held is None:
        raise NumberNotFree(number=number)
    return held


async def reserve(work: Work, *, number: str, application_id: UUID) -> Hold:
    """The held number becomes the application's until that ends; HoldExpired if it has lapsed."""
    reserved = await work.maybe(Hold, sql.reserve, number=number, application_id=application_id)
    if reserved is None:
        raise HoldExpired(number=number)
    return reserved


async def reserve_any(work: Work, *, branch_code: str, application_id: UUID) -> Hold:
    """A number for somebody who wished for none."""
    found = await offer(work, pattern="no4", branch_code=branch_code)
    held = await hold(work, number=found.items[0].number)
    return await reserve(work, number=held.number, application_id=application_id)


async def take(work: Work, *, number: str, application_id: UUID, account_id: UUID) -> None:
    """The account carries the number from now on; HoldExpired unless it was reserved for it."""
    touched = await work.run(
        sql.take, number=number, application_id=application_id, account_id=account_id
    )
    if touched != 1:
        raise HoldExpired(number=number)


async def release(work: Work, *, application_id: UUID) -> None:
    """The application has ended: others may have its number."""
    await work.run(sql.release, application_id=application_id)
