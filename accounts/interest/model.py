"""The nouns of interest: a part under one rate, a settled period, what has accrued, its event."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.events import Event


class Part(Struct, frozen=True, kw_only=True):
    """Days `[from_on, until_on)` under one rate: the sum of their closing balances in fen."""

    from_on: date
    until_on: date
    rate_ppm: int
    fen_days: int


class Settlement(Struct, frozen=True, kw_only=True):
    """The interest of `[from_on, until_on)`: Σ fen_days × rate_ppm ÷ 360,000,000, half up."""

    account_id: UUID
    from_on: date
    until_on: date
    parts: list[Part]
    interest_fen: int
    state: Literal["due", "paid", "nothing"]
    paid_on: date | None


class Accrued(Struct, frozen=True, kw_only=True):
    """What has accrued since the last settlement, up to yesterday, as if it were settled now."""

    from_on: date
    until_on: date
    parts: list[Part]
    interest_fen: int


class Interest(Struct, frozen=True, kw_only=True):
    """An account's interest: what is under way, and what was settled, newest first."""

    bears_interest: bool
    accrued: Accrued
    settled: list[Settlement]


class Running(Struct, frozen=True, kw_only=True):
    """An account's parts since its last settlement, as stored."""

    from_on: date
    parts: list[Part]


class Due(Struct, frozen=True, kw_only=True):
    """Interest that is due on an account, of whichever firm; `until_on` is its last day."""

    business_id: UUID
    account_id: UUID
    until_on: date
    interest_fen: int


class InterestPaid(Event, frozen=True, kw_only=True):
    """The bank has paid interest on an account for the days up to `until_on`."""

    account_id: UUID
    until_on: date
    amount_fen: int
    paid_on: date
