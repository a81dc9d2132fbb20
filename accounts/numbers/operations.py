"""Offer, hold, reserve, take and release account numbers; a number is never given twice."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from accounts.numbers import rules
from accounts.numbers.model import (
    AccountClass,
    Branch,
    BranchNotFound,
    Hold,
    HoldExpired,
    NumberDoesNotFit,
    NumberNotFree,
    NumberNotOurs,
    Offers,
    PatternImpossible,
    Terms,
)
from accounts.policies import operations as policies
from app.queries import load
from app.work import Work

sql = load(__name__)


async def branches(work: Work) -> list[Branch]:
    """All branches of the bank."""
    return await work.all(Branch, sql.branches)


async def branch(work: Work, *, code: str) -> Branch:
    """One branch; BranchNotFound."""
    found = await work.maybe(Branch, sql.branch, code=code)
    if found is None:
        raise BranchNotFound(branch=code)
    return found


async def _terms(work: Work) -> Terms:
    return await policies.value(work, kind="numbers.terms", shape=Terms)


async def offer(
    work: Work, *, pattern: str, branch_code: str, account_class: AccountClass = "basic"
) -> Offers:
    """Free numbers that fit the pattern, best first; none of them is held yet."""
    scheme = rules.scheme(await branch(work, code=branch_code), account_class)
    most = (await _terms(work)).offers
    start = secrets.randbelow(rules.SEQUENCES)
    found = rules.candidates(scheme, pattern, start=start, most=2 * most)
    if not found:
        raise PatternImpossible(pattern=pattern)
    gone = set(await work.all(str, sql.gone, numbers=[offer.number for offer in found]))
    return Offers(items=[offer for offer in found if offer.number not in gone][:most])


async def check_fits(
    work: Work, *, number: str, branch_code: str, account_class: AccountClass
) -> None:
    """A wished-for number is one of the branch and of the class; NumberDoesNotFit."""
    home = await branch(work, code=branch_code)
    if not rules.belongs(number, scheme=rules.scheme(home, account_class)):
        raise NumberDoesNotFit(number=number, branch=branch_code, account_class=account_class)


async def hold(work: Work, *, number: str) -> Hold:
    """Keep a number for the firm for as long as the policy says; its last hold is let go.

    Raises NumberNotOurs, NumberNotFree.
    """
    if not rules.is_valid(number):
        raise NumberNotOurs(number=number)
    home = await work.maybe(
        Branch, sql.branch_of_number, region=number[:4], number_code=number[4:8]
    )
    if home is None or not rules.is_ours(number, branch=home):
        raise NumberNotOurs(number=number)
    minutes = (await _terms(work)).hold_minutes
    await work.run(sql.one_firm_at_a_time)
    await work.run(sql.free_held, number=number)
    held_until = work.now + timedelta(minutes=minutes)
    held = await work.maybe(Hold, sql.hold, number=number, held_until=held_until)
    if held is None:
        raise NumberNotFree(number=number, next_step="wish for another number")
    return held


async def holds(work: Work) -> list[Hold]:
    """What is kept for the firm at this moment: its hold, and its applications' numbers."""
    return await work.all(Hold, sql.holds)


async def let_go(work: Work, *, number: str) -> None:
    """The firm does not want the number it holds; HoldExpired when it holds it no longer."""
    if not await work.run(sql.let_go, number=number):
        raise HoldExpired(number=number)


async def reserve(work: Work, *, number: str, application_id: UUID) -> Hold:
    """The held number becomes the application's until that ends; HoldExpired if it has lapsed."""
    reserved = await work.maybe(Hold, sql.reserve, number=number, application_id=application_id)
    if reserved is None:
        raise HoldExpired(number=number)
    return reserved


async def reserve_any(
    work: Work, *, branch_code: str, account_class: AccountClass, application_id: UUID
) -> Hold:
    """A number for somebody who wished for none; NumberNotFree when others were quicker."""
    found = await offer(work, pattern="no4", branch_code=branch_code, account_class=account_class)
    held = await hold(work, number=secrets.choice(found.items).number)
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
