"""When a business date may be closed: it has ended, and who began before its end is through."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from app.clock import start_of_day

# A call that began before midnight may still book on the old date. The ledger takes none on a
# closed date, so nothing depends on this: it only spares such a call from having to begin again.
GRACE = timedelta(minutes=1)


def seconds_until_close(on: date, *, now: datetime) -> int:
    """How long until the date before `on` may be closed, in whole seconds; 0 if it may."""
    left = start_of_day(on) + GRACE - now
    return left // timedelta(seconds=1) + 1 if left > timedelta() else 0
