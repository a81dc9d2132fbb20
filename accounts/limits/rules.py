"""How a person's limits are counted: by business date, without a second table of usage."""

from datetime import date

from msgspec.structs import replace

from accounts.limits.model import (
    DailyLimitExceeded,
    LimitsContradict,
    PersonLimit,
    ShownLimit,
    SingleLimitExceeded,
)


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


def give_back(limit: PersonLimit, *, amount_fen: int, used_on_day: date) -> PersonLimit:
    """The limit after a payment was called off; another day's usage is past and stays."""
    if limit.day != used_on_day:
        return limit
    return replace(limit, used_fen=max(limit.used_fen - amount_fen, 0))


def sound(*, single_fen: int, daily_fen: int) -> None:
    """Raise LimitsContradict where one payment could exceed the whole day."""
    if single_fen > daily_fen:
        raise LimitsContradict(single_fen=single_fen, daily_fen=daily_fen)
