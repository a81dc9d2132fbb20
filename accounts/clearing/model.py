"""The nouns of sending: a message, its answer, the next step; and what is swept."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct

from accounts.payments.model import Rail


class Message(Struct, frozen=True, kw_only=True):
    """A payment as it leaves the bank; `reference` is our own id of it, the same for ever."""

    reference: str
    rail: Rail
    payer_account: str
    payer_name: str
    payee_bank_code: str
    payee_account: str
    payee_name: str
    amount_fen: int
    memo: str
    sent_on: date


class Step(Struct, frozen=True, kw_only=True):
    """What to do about a payment outside of any transaction; `message` to send or to ask about."""

    do: Literal["send", "ask", "wait", "nothing"]
    wait_seconds: int = 0
    message: Message | None = None


class Answer(Struct, frozen=True, kw_only=True):
    """What the clearing house says about a payment."""

    state: Literal["accepted", "done", "refused", "returned", "unknown"]
    reason: str = ""


class Reference(Struct, frozen=True, kw_only=True):
    """Whose payment a reference is."""

    business_id: UUID
    payment_id: UUID


class InTransit(Struct, frozen=True, kw_only=True):
    """What one firm has in transit one way, to be swept to the bank itself."""

    direction: Literal["out", "in"]
    business_id: UUID
    account_id: UUID
    amount_fen: int


class Home(Struct, frozen=True, kw_only=True):
    """Where swept money goes: the bank's own firm and its account with the clearing house."""

    business_id: UUID
    account_id: UUID
