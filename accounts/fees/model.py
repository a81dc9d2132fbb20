"""The nouns of fees: the price list, a quote, a fee, its events and errors."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict
from app.events import Event

Size = Literal["micro", "small", "medium", "large"]
FeeState = Literal["held", "due", "charged", "released", "refunded"]


class Bracket(Struct, frozen=True, kw_only=True):
    """The price of payments up to an amount (null = any): a sum, or a share up to a most."""

    up_to_fen: int | None = None
    fee_fen: int = 0
    rate_ppm: int = 0
    most_fen: int | None = None


class Prices(Struct, frozen=True, kw_only=True):
    """The price list of a day."""

    rails: dict[str, list[Bracket]]
    monthly_fen: int
    usual_size: Size
    free_sizes: list[Size]
    refund_failed: bool
    refund_returned: bool


class Cause(Struct, frozen=True, kw_only=True):
    """A payment that the price list is asked about."""

    payment_id: UUID
    account_id: UUID
    rail: str
    amount_fen: int


class Tariff(Struct, frozen=True, kw_only=True):
    """What one firm is charged today: the price list, and how large the firm is."""

    prices: Prices
    size: Size


class Reserved(Struct, frozen=True, kw_only=True):
    """A payment's fee that is being set aside with its money; the hold bears the fee's id."""

    fee_id: UUID
    payment_id: UUID
    rail: str
    amount_fen: int


class Quote(Struct, frozen=True, kw_only=True):
    """What a payment to another bank would cost on a rail: the list price, and what is charged."""

    rail: str
    amount_fen: int
    list_fen: int
    fee_fen: int
    free_because: Literal["micro", "small", "medium", "large"] | None


class Quotes(Struct, frozen=True, kw_only=True):
    """The prices for an amount, rail by rail; inside the bank payments are free."""

    firm_size: Size
    items: list[Quote]


class Fee(Struct, frozen=True, kw_only=True):
    """One fee and what became of it; `cause` is the payment's id or the month."""

    id: UUID
    account_id: UUID
    kind: Literal["payment", "monthly"]
    cause: str
    rail: str | None
    amount_fen: int
    state: FeeState
    hold_id: UUID | None
    made_on: date
    charged_on: date | None
    refunded_on: date | None


class Taken(Struct, frozen=True, kw_only=True):
    """A fee that is due and can be paid now, of whichever firm."""

    business_id: UUID
    id: UUID
    account_id: UUID
    cause: str
    amount_fen: int


class Terms(Struct, frozen=True, kw_only=True):
    """How large the bank takes a firm to be; version 0 = as usual."""

    firm_size: Size
    version: int


class NewTerms(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the firm is; `version` is the one seen."""

    firm_size: Size
    version: Annotated[int, Meta(ge=0, le=1_000_000, examples=[0])]


class FeeCharged(Event, frozen=True, kw_only=True):
    """A fee was taken from an account."""

    fee_id: UUID
    account_id: UUID
    amount_fen: int
    charged_on: date


class FeeRefunded(Event, frozen=True, kw_only=True):
    """A fee was given back, because its payment did not succeed."""

    fee_id: UUID
    account_id: UUID
    amount_fen: int


class TermsChanged(Conflict):
    """The firm's size was changed since it was read; read it again."""

    zh = "企业规模已被修改，请刷新后重试"
