"""The nouns of the day close: what the bank held and moved on a date, which firms are missing."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """A date in one currency over all sealed firms: what is theirs, what is the bank's in them.

    Opening + in - out = closing on either side; what is in transit between firms is
    `clearing_fen`, zero as long as both legs of a transfer are booked together.
    """

    currency: str
    firms: int
    entries: int
    clearing_fen: int
    firm_postings: int
    firm_opening_fen: int
    firm_in_fen: int
    firm_out_fen: int
    firm_closing_fen: int
    bank_postings: int
    bank_opening_fen: int
    bank_in_fen: int
    bank_out_fen: int
    bank_closing_fen: int


class BankDay(msgspec.Struct, frozen=True, kw_only=True):
    """A business date of the whole bank, from sealed rows only; whole once `sealed` is true."""

    on: date
    # Nothing is booked on it any more.
    closed: bool
    # Every firm's row is there.
    sealed: bool
    totals: list[Totals]


class Closing(msgspec.Struct, frozen=True, kw_only=True):
    """Up to which dates nothing more is booked, and every firm is sealed."""

    closed_until: date
    sealed_until: date


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """A firm whose day is not sealed, and the last that is."""

    business_id: UUID
    last_sealed_on: date | None
