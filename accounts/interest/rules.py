"""What days and balances earn, when a quarter is settled, and the entry that pays it."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from accounts.interest.model import Due, Part
from accounts.ledger.model import Leg, NewEntry
from app.money import divide_half_up

DAYS_A_YEAR = 360
PPM = 1_000_000
SETTLED_IN = (3, 6, 9, 12)
# A posting that began on the day before is committed by then.
AFTER_MIDNIGHT = timedelta(minutes=1)


def interest_fen(parts: Iterable[Part]) -> int:
    """What the parts earn together: one rounding at the end, half up (人民币利率管理规定: a day's
    rate is the year's over 360, changes of the rate count from their day)."""
    return divide_half_up(sum(p.fen_days * p.rate_ppm for p in parts), DAYS_A_YEAR * PPM)


def wait_seconds(*, now: datetime, midnight: datetime) -> int:
    """Seconds until the day before is surely complete, 0 once it is."""
    left = midnight + AFTER_MIDNIGHT - now
    return max(left // timedelta(seconds=1), 0)


def entry(due: Due, *, payable_id: UUID) -> NewEntry:
    """The bank pays it, once per account and period."""
    return NewEntry(
        kind="interest",
        business_key=f"{due.account_id}:{due.until_on.isoformat()}",
        business_id=due.business_id,
        memo=f"存款利息 至{due.until_on.isoformat()}",
        legs=[
            Leg(account_id=due.account_id, amount_fen=due.interest_fen),
            Leg(account_id=payable_id, amount_fen=-due.interest_fen),
        ],
    )


def is_settled_on(on: date) -> bool:
    """Whether a 21st follows the last day of a quarter's interest."""
    return on.month in SETTLED_IN
