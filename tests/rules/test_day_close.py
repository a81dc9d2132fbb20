"""When a business date may be closed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.day_close import rules
from app.clock import start_of_day

ON = date(2025, 9, 2)


@pytest.mark.parametrize(
    ("after_midnight", "seconds"),
    [
        (timedelta(seconds=-30), 91),
        (timedelta(0), 61),
        (timedelta(seconds=59, milliseconds=500), 1),
        (timedelta(minutes=1), 0),
        (timedelta(days=40), 0),
    ],
)
def test_a_date_is_closed_a_minute_after_its_end(after_midnight: timedelta, seconds: int):
    now = start_of_day(ON) + after_midnight
    assert rules.seconds_until_close(ON, now=now) == seconds
    # Whoever waits so long finds that it may.
    assert rules.seconds_until_close(ON, now=now + timedelta(seconds=seconds)) == 0
