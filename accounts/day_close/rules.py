"""When a business date may be closed: it has ended, and who began before its end is through."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.clock import start_of_day

# A call that began before midnight may still book on the old date. The ledger takes none on a
# closed date, so nothing depends on this: it only spares such a call from having to begin again.
GRACE = timedelta(minutes=1)


def seconds_until_close(on: date, *, now: datetime) -> float:
    """How long until the date before `on` may be closed; 0 if it may."""
    return max((start_of_day(on) + GRACE - now).total_seconds(), 0.0)
