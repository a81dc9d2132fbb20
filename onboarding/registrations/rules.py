"""When an office answers by, and how long one waits before asking again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from app.reference import rules as calendar
from app.reference.model import DayKind

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY_ENDS = time(17, 30)


def ask_again_seconds(asked_at: datetime, now: datetime) -> int:
    """How long to wait before asking an outside office again: as long as has passed already."""
    return min(max(int((now - asked_at).total_seconds()), 1), 600)


def working_days_later(now: datetime, days: int, special: Mapping[date, DayKind]) -> datetime:
    """The close of business (17:30) so many working days after this moment."""
    day = now.astimezone(SHANGHAI).date()
    for _ in range(days):
        day = calendar.next_working_day(day + timedelta(days=1), special)
    return datetime.combine(day, DAY_ENDS, SHANGHAI).astimezone(UTC)
