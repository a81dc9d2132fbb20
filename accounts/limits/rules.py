"""How a person's limits are counted: by business date, without a second table of usage."""

from datetime import date
from uuid import UUID

from msgspec.structs import replace

from accounts.limits.model import (
    AboveCeiling,
    Bounds,
    Ceiling,
    DailyLimitExceeded,
    DeviceDailyLimitExceeded,
    DeviceLimit,
    DeviceSingleLimitExceeded,
    LimitsContradict,
    NewLimit,
    PersonLimit,
    ShownLimit,
    SingleLimitExceeded,
)
from app.identity.stepups.model import Facts


def used_on(limit: PersonLimit, today: date) -> int:
    """What is used of today's limit, in fen; a new business date starts at nothing.

    Who began before midnight and comes after one who began later counts on the new day: a day
    once begun is not left again.
    """
    return limit.used_fen if limit.day >= today else 0


def shown(limit: PersonLimit, *, today: date) -> ShownLimit:
    """The limits with what is left of today's."""
    used_fen = used_on(limit, today)
    return ShownLimit(
        person_id=limit.person_id,
        single_fen=limit.single_fen,
        daily_fen=limit.daily_fen,
        day=max(limit.day, today),
        used_fen=used_fen,
        version=limit.version,
        by_device=limit.by_device,
        left_fen=max(limit.daily_fen - used_fen, 0),
    )


def check(limit: PersonLimit, *, amount_fen: int, today: date) -> None:
    """Raise SingleLimitExceeded or DailyLimitExceeded (over_fen) where the amount is too much."""
    if amount_fen > limit.single_fen:
        raise SingleLimitExceeded(limit_fen=limit.single_fen, amount_fen=amount_fen)
    left_fen = limit.daily_fen - used_on(limit, today)
    if amount_fen > left_fen:
        raise DailyLimitExceeded(limit_fen=limit.daily_fen, left_fen=max(left_fen, 0))


def use(limit: PersonLimit, *, amount_fen: int, today: date) -> PersonLimit:
    """The limit after a payment of today, with the day it counts on; raises like `check`."""
    check(limit, amount_fen=amount_fen, today=today)
    day = max(limit.day, today)
    return replace(limit, day=day, used_fen=used_on(limit, today) + amount_fen)


def use_together(limit: PersonLimit, *, amount_fen: int, today: date) -> PersonLimit:
    """The limit after many payments of today, by their sum; DailyLimitExceeded."""
    left_fen = limit.daily_fen - used_on(limit, today)
    if amount_fen > left_fen:
        raise DailyLimitExceeded(limit_fen=limit.daily_fen, left_fen=max(left_fen, 0))
    return replace(limit, day=max(limit.day, today), used_fen=used_on(limit, today) + amount_fen)


def check_device(limit: DeviceLimit, *, amount_fen: int, today: date) -> int:
    """What is used of the device's day with this payment; DeviceSingleLimitExceeded or
    DeviceDailyLimitExceeded where the amount is too much."""
    if amount_fen > limit.single_fen:
        raise DeviceSingleLimitExceeded(limit_fen=limit.single_fen, amount_fen=amount_fen)
    used_fen = limit.used_fen if limit.day >= today else 0
    left_fen = limit.daily_fen - used_fen
    if amount_fen > left_fen:
        raise DeviceDailyLimitExceeded(limit_fen=limit.daily_fen, left_fen=max(left_fen, 0))
    return used_fen + amount_fen


def shown_device(limit: DeviceLimit, *, today: date) -> DeviceLimit:
    """The device's limit with what is left of today's."""
    used_fen = limit.used_fen if limit.day >= today else 0
    left_fen = max(limit.daily_fen - used_fen, 0)
    return replace(limit, day=max(limit.day, today), used_fen=used_fen, left_fen=left_fen)


def raises(new: NewLimit, *, single_fen: int, daily_fen: int) -> bool:
    """Whether more could be paid than may be now."""
    return new.single_fen > single_fen or new.daily_fen > daily_fen


def facts(new: NewLimit, *, person: UUID, session_id: UUID | None = None) -> Facts:
    """What a step-up binds that raises a limit."""
    return {
        "person_id": str(person),
        "session_id": str(session_id),
        "single_fen": new.single_fen,
        "daily_fen": new.daily_fen,
        "version": new.version,
    }


def give_back(limit: PersonLimit, *, amount_fen: int, used_on_day: date) -> PersonLimit:
    """The limit after a payment was called off; another day's usage is past and stays."""
    if limit.day != used_on_day:
        return limit
    return replace(limit, used_fen=max(limit.used_fen - amount_fen, 0))


def sound(*, single_fen: int, daily_fen: int) -> None:
    """Raise LimitsContradict where one payment could exceed the whole day."""
    if single_fen > daily_fen:
        raise LimitsContradict(single_fen=single_fen, daily_fen=daily_fen)


def under(bounds: Bounds, ceiling: Ceiling | None) -> Bounds:
    """The usual limits, as far as the firm's ceiling lets them."""
    if ceiling is None:
        return bounds
    return Bounds(
        single_fen=min(bounds.single_fen, ceiling.single_fen),
        daily_fen=min(bounds.daily_fen, ceiling.daily_fen),
    )


def below(ceiling: Ceiling | None, *, single_fen: int, daily_fen: int) -> None:
    """Raise AboveCeiling where limits would stand above what the bank allows this firm."""
    if ceiling and (single_fen > ceiling.single_fen or daily_fen > ceiling.daily_fen):
        raise AboveCeiling(
            single_fen=ceiling.single_fen, daily_fen=ceiling.daily_fen, reason=ceiling.reason,
            next_step="ask for the full opening of the account",
        )  # fmt: skip
