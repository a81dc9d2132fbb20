"""The ledger's nouns: entries, legs, holds, balances, and why a posting is refused."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from app.errors import Conflict, NotFound, Refusal

BankSide = Literal[
    "in_transit_out",
    "in_transit_in",
    "wages_in_transit",
    "tax_in_transit",
    "fee_income",
    "interest_income",
    "interest_payable",
    "loan_principal",
    "clearing_house",
    "capital",
    "suspense",
]
LedgerState = Literal["open", "no_debit", "no_credit", "blocked", "closed"]


class InsufficientFunds(Refusal):
    """The available balance does not suffice."""

    zh = "可用余额不足"


class AccountRefusesPosting(Refusal):
    """The account's state does not allow this."""

    zh = "账户状态不允许该笔收付"


class AlreadyPosted(Conflict):
    """This has been booked already."""

    zh = "该业务已入账，不会重复入账"


class HoldNotOpen(Conflict):
    """The hold is not open any more."""

    zh = "该笔冻结已解除或已使用"


class HoldTooSmall(Conflict):
    """Less is held than that."""

    zh = "冻结余额不足"


class LedgerAccountNotFound(NotFound):
    """There is no such account."""

    zh = "账户不存在"


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """One side of an entry: positive credits the account (a deposit grows), negative debits it."""

    account_id: UUID
    amount_fen: int


class NewEntry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry of one firm, in one currency: Σ legs + clearing_fen = 0.

    `business_key` is unique for ever within (firm, kind). An entry of another firm names it in
    `business_id` and shares a `transfer_id` with one of ours, clearing being opposite.
    """

    kind: str
    business_key: str
    legs: list[Leg]
    clearing_fen: int = 0
    transfer_id: UUID | None = None
    business_id: UUID | None = None
    currency: str = "CNY"
    memo: str = ""
    value_on: date | None = None


class HoldChange(msgspec.Struct, frozen=True, kw_only=True):
    """Set money aside (place), give it back (release) or use it with an entry (capture).

    `amount_fen` matters for place and capture_part. `capture` ends the hold, whatever the entry
    takes: the rest is free again. `capture_part` leaves the rest held; the last part ends it.
    """

    action: Literal["place", "release", "capture", "capture_part"]
    hold_id: UUID
    account_id: UUID
    amount_fen: int = 0
    expires_at: datetime | None = None
    purpose: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as booked."""

    id: UUID
    kind: str
    business_key: str
    booked_on: date
    at: datetime


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What `ledger.post` answers: a refusal that wrote nothing, or moment and date."""

    refusal: str | None
    refused_id: UUID | None
    short_fen: int | None
    refused_state: str | None
    at: datetime | None
    booked_on: date | None


class Balance(msgspec.Struct, frozen=True, kw_only=True):
    """An account's money at this moment; available = balance - held - floor."""

    account_id: UUID
    currency: str
    state: LedgerState
    balance_fen: int
    held_fen: int
    available_fen: int
    version: int


class BankSideAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The bank's account of one kind inside one firm."""

    business_id: UUID
    id: UUID


class Posting(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an account's statement."""

    seq: int
    booked_on: date
    at: datetime
    entry_id: UUID
    amount_fen: int
    balance_after_fen: int
    kind: str
    business_key: str
    memo: str
