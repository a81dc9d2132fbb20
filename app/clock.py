"""Real time, and how a moment becomes a business date; business time itself lives on `work.now`."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """Real time in UTC: tokens, leases, back-off. Business rules use `work.now` instead."""
    return datetime.now(UTC)


def business_date(moment: datetime) -> date:
    """The business date (Asia/Shanghai) of a moment; a naive moment is a bug."""
    assert moment.tzinfo is not None
    return moment.astimezone(SHANGHAI).date()


def start_of_day(on: date) -> datetime:
    """The first moment of a business date, in UTC."""
    return datetime(on.year, on.month, on.day, tzinfo=SHANGHAI).astimezone(UTC)
