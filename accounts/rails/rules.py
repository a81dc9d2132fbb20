"""Which payment system takes a payment, and when: by amount, speed, dated terms and calendar."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time, timedelta

from accounts.rails.model import DatedTerms, Quote, Rail, Reason, Route, Speed, Terms, Window
from app.clock import SHANGHAI, business_date
from app.reference.model import DayKind
from app.reference.rules import is_working_day

# Longer than any holiday, so that a search always meets a working day.
LONGEST_CLOSURE_DAYS = 40
SMALL: dict[Speed, tuple[Rail, Reason]] = {
    "instant": ("ibps", "small_instant"),
    "ordinary": ("beps", "small_batch"),
}


def is_in_bank(bank_code: str, *, own_bank_code: str) -> bool:
    """Whether the payee banks here: the first three digits name the bank, the rest a branch."""
    return bank_code[:3] == own_bank_code[:3]


def route(
    *,
    amount_fen: int,
    speed: Speed,
    moment: datetime,
    rails: Sequence[DatedTerms],
    special: Mapping[date, DayKind],
) -> Route:
    """The way of an amount to another bank.

    Up to the cap the internet system (instant) or the batch system (ordinary), day and night;
    above it the large-value system, which waits for its next window.
    """
    rail, reason = SMALL[speed]
    cap_fen = terms(rails, rail=rail, on=business_date(moment)).cap_fen
    if cap_fen is None or amount_fen <= cap_fen:
        return Route(rail=rail, send_after=None, reason=reason)
    after = send_after("hvps", moment=moment, rails=rails, special=special)
    return Route(
        rail="hvps", send_after=after, reason="large_open" if after is None else "large_waits"
    )


def terms(rails: Sequence[DatedTerms], *, rail: Rail, on: date) -> Terms:
    """A system's terms for a business day."""
    for row in rails:
        if row.rail == rail and row.from_on <= on and (row.until_on is None or on < row.until_on):
            return row.terms
    raise AssertionError(f"no terms of {rail} on {on}")


def send_after(
    rail: Rail,
    *,
    moment: datetime,
    rails: Sequence[DatedTerms],
    special: Mapping[date, DayKind],
) -> datetime | None:
    """The moment before which nothing is sent: the system's next opening; None: it is open."""
    today = business_date(moment)
    for n in range(LONGEST_CLOSURE_DAYS):
        day = today + timedelta(days=n)
        hours = _hours(terms(rails, rail=rail, on=day), day, special)
        if hours is None:
            continue
        opens, closes = hours
        if moment < closes:
            return None if opens <= moment else opens
    raise AssertionError("no system is closed for longer than any holiday")


def _hours(
    on_day: Terms, day: date, special: Mapping[date, DayKind]
) -> tuple[datetime, datetime] | None:
    """From when to when business day `day` is open; None: not at all."""
    if on_day.window is None:
        return _at(day, 0), _at(day, 1440)
    if is_working_day(day, special):
        return _at(day - timedelta(days=1), on_day.window.opens_minute), _closes(on_day.window, day)
    if on_day.special is None:
        return None
    return _at(day, on_day.special.opens_minute), _closes(on_day.special, day)


def _closes(window: Window, day: date) -> datetime:
    return _at(day, window.closes_minute)


def _at(day: date, minute: int) -> datetime:
    """That minute of the day; minute 1440 is the next midnight."""
    return datetime.combine(day, time(), tzinfo=SHANGHAI) + timedelta(minutes=minute)


def quoted(chosen: Route, *, moment: datetime, rails: Sequence[DatedTerms]) -> Quote:
    """The way as its payer is told of it beforehand."""
    sent_at = chosen.send_after or moment
    lasts = terms(rails, rail=chosen.rail, on=business_date(sent_at)).arrives_minutes
    return Quote(
        rail=chosen.rail,
        reason=chosen.reason,
        sent_at=sent_at,
        arrives_at=sent_at + timedelta(minutes=lasts),
        until_sent="at_once" if chosen.send_after is None else "cancellable",
    )


def in_bank(moment: datetime) -> Quote:
    """Inside the bank money is there at once, at any hour."""
    return Quote(
        rail="in_bank",
        reason="same_bank",
        sent_at=moment,
        arrives_at=moment,
        until_sent="at_once",
    )
