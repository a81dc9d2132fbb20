"""The nouns of the lane: an item on its way into a batch, what came of it, and the answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from accounts.payments.model import NewPayment, Payee, Payment


class Item(Struct, frozen=True, kw_only=True):
    """One payment as the lane takes it: who asks, under which key, the payee's number sealed."""

    business_id: UUID
    person_id: UUID
    payment_id: UUID
    key: str
    fingerprint: bytes
    new: NewPayment
    payee: Payee
    sealed: bytes
    index: bytes


class Verdict(Struct, frozen=True, kw_only=True):
    """What came of an item. `ordinary` stored nothing: the payment goes the ordinary way."""

    outcome: Literal["settled", "refused", "replayed", "key_reused", "ordinary"]
    at: datetime
    error: str | None
    facts: dict[str, Any] | None
    kept: dict[str, Any] | None


class Answer(Struct, frozen=True, kw_only=True):
    """The first answer to a payment: the payment, or the refusal that was kept with it."""

    payment_id: UUID
    payment: Payment
    refusal: dict[str, Any] | None
    replayed: bool
