"""Reads, counts and sets what one person may pay; locks come after the accounts' (lock order)."""

from datetime import date
from uuid import UUID

from accounts.limits import rules
from accounts.limits.model import (
    Bounds,
    Ceiling,
    DeviceLimit,
    LimitChanged,
    NewLimit,
    NoSuchMember,
    PersonLimit,
    ShownLimit,
    Use,
    Usual,
)
from accounts.policies import operations as policies
from app.identity.stepups import operations as stepups
from app.identity.stepups.model import StepUp
from app.money import yuan
from app.queries import load
from app.work import Work

sql = load(__name__)
RAISE = "raise limit"


async def check(work: Work, *, person: UUID, amount_fen: int) -> None:
    """Raise SingleLimitExceeded or DailyLimitExceeded; counts nothing."""
    rules.check(await of(work, person=person), amount_fen=amount_fen, today=work.today)


async def use(work: Work, *, person: UUID, amount_fen: int) -> Use:
    """Count a payment under the person's row lock, and under the device's where it has a limit.

    Raises like `check`, DeviceSingleLimitExceeded, DeviceDailyLimitExceeded."""
    limit = await work.maybe(PersonLimit, sql.lock_limit, person=person)
    if limit is None:
        limit = await _begin(work, person=person)
    used = rules.use(limit, amount_fen=amount_fen, today=work.today)
    session_id = None
    if limit.by_device and work.actor.person_id == person:
        session_id = await _use_device(work, limit, amount_fen=amount_fen)
    await work.run(sql.save_usage, person=person, day=used.day, used_fen=used.used_fen)
    return Use(day=used.day, session_id=session_id)


async def use_together(work: Work, *, person: UUID, amount_fen: int) -> date:
    """Count many payments at once under the person's row lock, by their sum: each was checked
    against what one may be before. Raises DailyLimitExceeded."""
    limit = await work.maybe(PersonLimit, sql.lock_limit, person=person)
    if limit is None:
        limit = await _begin(work, person=person)
    used = rules.use_together(limit, amount_fen=amount_fen, today=work.today)
    await work.run(sql.save_usage, person=person, day=used.day, used_fen=used.used_fen)
    return used.day


async def _use_device(work: Work, limit: PersonLimit, *, amount_fen: int) -> UUID | None:
    """Count it on this sign-in's own limit; None where it has none."""
    key = {"person": limit.person_id, "session_id": work.actor.session_id}
    device = await work.maybe(DeviceLimit, sql.lock_device, **key)
    if device is None:
        return None
    used_fen = rules.check_device(device, amount_fen=amount_fen, today=work.today)
    day = max(device.day, work.today)
    await work.run(sql.save_device_usage, day=day, used_fen=used_fen, **key)
    return device.session_id


async def give_back(
    work: Work, *, person: UUID, amount_fen: int, used_on: date, session_id: UUID | None = None
) -> None:
    """Uncount a payment that was called off or failed, if its day is still the row's."""
    limit = await work.maybe(PersonLimit, sql.lock_limit, person=person)
    if limit is not None:
        left = rules.give_back(limit, amount_fen=amount_fen, used_on_day=used_on)
        await work.run(sql.save_usage, person=person, day=left.day, used_fen=left.used_fen)
    if session_id is None:
        return
    key = {"person": person, "session_id": session_id}
    device = await work.maybe(DeviceLimit, sql.lock_device, **key)
    if device is not None and device.day == used_on:
        used_fen = max(device.used_fen - amount_fen, 0)
        await work.run(sql.save_device_usage, day=used_on, used_fen=used_fen, **key)


async def shown(work: Work, *, person: UUID) -> ShownLimit:
    """A member's limits with what is left of today's; NoSuchMember."""
    return rules.shown(await of(work, person=person), today=work.today)


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
    bounds = usual.owner if role == "owner" else usual.other
    return rules.under(bounds, await ceiling(work))


async def ceiling(work: Work) -> Ceiling | None:
    """What the bank lets anybody of the firm pay at most; None where it set nothing."""
    return await work.maybe(Ceiling, sql.ceiling)


async def put_ceiling(work: Work, *, single_fen: int, daily_fen: int) -> None:
    """A firm opened by the simplified way pays little without coming to the counter."""
    bounds = {"single_fen": single_fen, "daily_fen": daily_fen}
    await work.run(sql.put_ceiling, reason="simplified_opening", **bounds)
    await work.run(sql.bring_under, **bounds)
    await work.record("ceiling.set", single_fen=single_fen, daily_fen=daily_fen)


async def lift_ceiling(work: Work) -> None:
    """The firm has been examined in full; its people may raise their limits by themselves."""
    if await work.run(sql.lift_ceiling):
        await work.record("ceiling.lifted")


async def _begin(work: Work, *, person: UUID) -> PersonLimit:
    bounds = await _usual(work, person=person)
    await work.run(
        sql.begin_limit, person=person, single_fen=bounds.single_fen, daily_fen=bounds.daily_fen
    )
    return await work.one(PersonLimit, sql.lock_limit, person=person)


async def of_firm(work: Work) -> list[ShownLimit]:
    """The limits set in this firm, with what is left of today's."""
    found = await work.all(PersonLimit, sql.limits_of_firm)
    return [rules.shown(limit, today=work.today) for limit in found]


async def ask_to_raise(
    work: Work, *, person: UUID, new: NewLimit, session_id: UUID | None = None
) -> StepUp:
    """Ask for the confirmation that raising a limit takes; NoSuchMember, TooManyCodes."""
    await of(work, person=person)
    text = f"提高付款限额至单笔{yuan(new.single_fen)}元、每日{yuan(new.daily_fen)}元"
    facts = rules.facts(new, person=person, session_id=session_id)
    return await stepups.ask(work, action=RAISE, facts=facts, text=text)


async def set_limit(work: Work, *, person: UUID, new: NewLimit) -> ShownLimit:
    """Set a member's limits; LimitsContradict, AboveCeiling, NoSuchMember, StepUpNeeded where one
    is raised, or LimitChanged on another version."""
    rules.sound(single_fen=new.single_fen, daily_fen=new.daily_fen)
    rules.below(await ceiling(work), single_fen=new.single_fen, daily_fen=new.daily_fen)
    seen = await of(work, person=person)
    if rules.raises(new, single_fen=seen.single_fen, daily_fen=seen.daily_fen):
        facts = rules.facts(new, person=person)
        await stepups.use(work, step_up_id=new.step_up_id, action=RAISE, facts=facts)
    if seen.version == 0 and new.version == 0:
        await _begin(work, person=person)
    changed = await work.run(
        sql.change_limit,
        person=person,
        single_fen=new.single_fen,
        daily_fen=new.daily_fen,
        version=max(new.version, 1),
    )
    limit = await shown(work, person=person)
    if not changed:
        raise LimitChanged(version=limit.version)
    await work.record(
        "limit.set", object_id=person, single_fen=new.single_fen, daily_fen=new.daily_fen
    )
    return limit


async def of_devices(work: Work, *, person: UUID) -> list[DeviceLimit]:
    """The limits of a member's devices, with what is left of today's; NoSuchMember."""
    await of(work, person=person)
    found = await work.all(DeviceLimit, sql.devices_of, person=person)
    return [rules.shown_device(limit, today=work.today) for limit in found]


async def set_device_limit(
    work: Work, *, person: UUID, session_id: UUID, new: NewLimit
) -> DeviceLimit:
    """Limit what a member pays through one sign-in, below the member's own limits; raises like
    `set_limit`. The first limit of a device needs no step-up: it only takes away."""
    rules.sound(single_fen=new.single_fen, daily_fen=new.daily_fen)
    if (await of(work, person=person)).version == 0:
        await _begin(work, person=person)
    key = {"person": person, "session_id": session_id}
    bounds = {"single_fen": new.single_fen, "daily_fen": new.daily_fen}
    seen = await work.maybe(DeviceLimit, sql.device_of, **key)
    if seen is None:
        changed = await work.run(sql.begin_device, **bounds, **key)
        await work.run(sql.mark_by_device, person=person)
    else:
        if rules.raises(new, single_fen=seen.single_fen, daily_fen=seen.daily_fen):
            facts = rules.facts(new, person=person, session_id=session_id)
            await stepups.use(work, step_up_id=new.step_up_id, action=RAISE, facts=facts)
        changed = await work.run(sql.change_device, version=new.version, **bounds, **key)
    limit = await work.one(DeviceLimit, sql.device_of, **key)
    if not changed:
        raise LimitChanged(version=limit.version)
    await work.record("limit.device", object_id=person, **bounds)
    return rules.shown_device(limit, today=work.today)
