"""The nouns of the bank's own policies."""

from uuid import UUID

from msgspec import Struct

from app.names import BankCode


class Stored(Struct, frozen=True, kw_only=True):
    """A policy's value as it stands in the table."""

    value: dict[str, object]


class BankIdentity(Struct, frozen=True, kw_only=True):
    """Who this bank is among the banks, and which firm of the ledger it is itself."""

    business_id: UUID
    bank_code: BankCode
    name: str
