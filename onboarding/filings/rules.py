"""What an account is called outside, and by when it must be known there."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from app import clock
from app.outside.account_filing import AccountKind
from app.reference.model import DayKind
from onboarding.classes.model import AccountClass
from onboarding.registrations import rules as founding

KINDS: Mapping[AccountClass, AccountKind] = {
    "basic": "PRDA",
    "general": "GEDA",
    "special": "SPDA",
    "temporary": "NTDA",
}
# 人民币银行结算账户管理办法 Art. 30: general accounts within three working days; the filing types
# on the day itself (银发〔2019〕41号); changes within two working days.
WORKING_DAYS: Mapping[AccountClass, int] = {"basic": 0, "general": 3, "special": 0, "temporary": 0}
CHANGE_WORKING_DAYS = 2


def due_at(
    account_class: AccountClass, bill: str, *, now: datetime, special: Mapping[date, DayKind]
) -> datetime:
    """The end of the last day on which the system must have been told."""
    days = CHANGE_WORKING_DAYS if bill == "CHANGE" else WORKING_DAYS[account_class]
    if days:
        return founding.working_days_later(now, days, special)
    return clock.start_of_day(clock.business_date(now) + timedelta(days=1))
