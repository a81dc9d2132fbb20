"""Reads, counts and sets what one person may pay; locks come after the accounts' (lock order)."""

from datetime import date
from uuid import UUID

from accounts.limits import rules
from accounts.limits.model import (
    Bounds,
    LimitChanged,
    NewLimit,
    NoSuchMember,
    PersonLimit,
    Usual,
)
from accounts.policies import operations as policies
from app.queries import load
from app.work import Work

sql = load(__name__)


async def check(work: Work, *, person: UUID, amount_fen: int) -> None:
    """Raise SingleLimitExceeded or DailyLimitExceeded; counts nothing."""
    rules.check(await of(work, person=person), amount_fen=amount_fen, today=work.today)


async def use(work: Work, *, person: UUID, amount_fen: int) -> date:
    """Count a payment under the person's row lock; the day it counts on. Raises like `check`."""
    limit = await work.maybe(PersonLimit, sql.lock_limit, person=person)
    if limit is None:
        limit = await _begin(work, person=person)
    used = rules.use(limit, amount_fen=amount_fen, today=work.today)
    await work.run(sql.save_usage, person=person, day=used.day, used_fen=used.used_fen)
    return used.day


async def give_back(work: Work, *, person: UUID, amount_fen: int, used_on: date) -> None:
    """Uncount a payment that was called off or failed, if its day is still the row's."""
    limit = await work.maybe(PersonLimit, sql.lock_limit, person=person)
    if limit is not None:
        left = rules.give_back(limit, amount_fen=amount_fen, used_on_day=used_on)
        await work.run(sql.save_usage, person=person, day=left.day, used_fen=left.used_fen)


async def of(work: Work, *, person: UUID) -> PersonLimit:
    """A member's limits: those set, else the bank's policy (version 0). NoSuchMember otherwise."""
    limit = await work.maybe(PersonLimit, sql.limit_of, person=person)
    if limit is not None:
        return limit
    bounds = await _usual(work, person=person)
    return PersonLimit(
        person_id=person,
        single_fen=bounds.single_fen,
        daily_fen=bounds.daily_fen,
        day=work.today,
        used_fen=0,
        version=0,
    )


async def _usual(work: Work, *, person: UUID) -> Bounds:
    role = await work.maybe(str, sql.role_of, person=person)
    if role is None:
        raise NoSuchMember(person_id=person)
    usual = await policies.value(work, kind="limits.person", shape=Usual)
    return usual.owner if role == "owner" else usual.other


async def _begin(work: Work, *, person: UUID) -> PersonLimit:
    bounds = await _usual(work, person=person)
    await work.run(
        sql.begin_limit, person=person, single_fen=bounds.single_fen, daily_fen=bounds.daily_fen
    )
    return await work.one(PersonLimit, sql.lock_limit, person=person)


async def of_firm(work: Work) -> list[PersonLimit]:
    """The limits set in this firm."""
    return await work.all(PersonLimit, sql.limits_of_firm)


async def set_limit(work: Work, *, person: UUID, new: NewLimit) -> PersonLimit:
    """Set a member's limits; LimitsContradict, NoSuchMember, or LimitChanged on another version."""
    rules.sound(single_fen=new.single_fen, daily_fen=new.daily_fen)
    seen = await of(work, person=person)
    if seen.version == 0 and new.version == 0:
        await _begin(work, person=person)
    changed = await work.run(
        sql.change_limit,
        person=person,
        single_fen=new.single_fen,
        daily_fen=new.daily_fen,
        version=max(new.version, 1),
    )
    limit = await of(work, person=person)
    if not changed:
        raise LimitChanged(version=limit.version)
    await work.record(
        "limit.set", object_id=person, single_fen=new.single_fen, daily_fen=new.daily_fen
    )
    return limit
