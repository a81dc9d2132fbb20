"""The nouns of payouts: what is decided about a row, and what the monitors were told of it."""

from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

from msgspec import Struct

from accounts.batches.model import PayableRow
from accounts.fees.model import Tariff
from accounts.monitors.model import Features, Verdict
from accounts.payments.model import Rail
from accounts.rails.model import DatedTerms, Speed
from app.errors import Refusal
from app.reference.model import DayKind

Step = Literal["more", "sent", "stopped"]


class Way(Struct, frozen=True, kw_only=True):
    """What decides how a row travels: payer, this bank, terms and calendar of the systems."""

    account_id: UUID
    own_bank_code: str
    speed: Speed
    rails: list[DatedTerms]
    special: dict[date, DayKind]
    now: datetime
    tariff: Tariff


class Decided(Struct, frozen=True, kw_only=True):
    """What becomes of a row now: its way, whether the bank looks at it first, or why it is not
    paid."""

    row: PayableRow
    rail: Rail | None = None
    send_after: datetime | None = None
    payee_business_id: UUID | None = None
    payee_account_id: UUID | None = None
    transfer_id: UUID | None = None
    hold_id: UUID | None = None
    held: bool = False
    # what the payment costs beside its amount, and under which id that is set aside
    fee_fen: int = 0
    fee_id: UUID | None = None
    verdict: Verdict | None = None
    refusal: Refusal | None = None


class Seen(Struct, frozen=True, kw_only=True):
    """What the monitors are told of one payment."""

    payment_id: UUID
    features: Features


class Counts(Struct, frozen=True, kw_only=True):
    """How far a batch has come: rows by whether their outcome can still change."""

    settled: int
    open: int
    not_settled: int


Columns = dict[str, list[Any]]
