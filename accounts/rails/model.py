"""The nouns of payment systems: dated terms, windows, and the way chosen for one payment."""

from datetime import date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Rail = Literal["hvps", "beps", "ibps"]
Way = Literal["in_bank", "hvps", "beps", "ibps"]
Speed = Literal["instant", "ordinary"]
Minute = Annotated[int, Meta(ge=0, le=1440)]
# Why this way: inside the bank; small and at once; small and by batch; too large for the small
# systems, and the large-value system is open, or the payment waits for its next window.
Reason = Literal["same_bank", "small_instant", "small_batch", "large_open", "large_waits"]


class Window(Struct, frozen=True, kw_only=True):
    """Hours of one business day T, in minutes after midnight Shanghai time."""

    # on T-1 for a working day, on T itself for a special one
    opens_minute: Minute
    closes_minute: Minute


class Terms(Struct, frozen=True, kw_only=True):
    """What a system offers: a cap per item (null: none), and its window (null: day and night).

    `special`: weekends and holidays have a window of their own (特殊工作日); null: closed then.
    """

    cap_fen: int | None
    window: Window | None
    special: Window | None
    # how long after sending the payee has the money, as a rule
    arrives_minutes: int


class DatedTerms(Struct, frozen=True, kw_only=True):
    """A system's terms for the business days in `[from_on, until_on)`."""

    rail: Rail
    from_on: date
    until_on: date | None
    terms: Terms


class Route(Struct, frozen=True, kw_only=True):
    """The system chosen, and the moment before which nothing is sent; null: it goes at once."""

    rail: Rail
    send_after: datetime | None
    reason: Reason


class Quote(Struct, frozen=True, kw_only=True):
    """What would become of a payment made now: its way, when it leaves, when it arrives.

    `until_sent` says whether it can still be called off while it waits.
    """

    rail: Way
    reason: Reason
    sent_at: datetime
    arrives_at: datetime
    until_sent: Literal["cancellable", "at_once"]
