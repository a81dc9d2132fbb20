"""The nouns of income sweeps: what one firm held of the bank's when a date ended."""

from uuid import UUID

from msgspec import Struct


class Held(Struct, frozen=True, kw_only=True):
    """The bank's money of one kind inside one firm; negative: an expense."""

    business_id: UUID
    account_id: UUID
    amount_fen: int
