"""The nouns of sending: a message, its answer, the next step; and what is swept."""

from datetime import date
from typing import Literal
from uuid import UUID

from msgspec import Struct


class Step(Struct, frozen=True, kw_only=True):
    """What to do about a payment outside of any transaction: under which reference it is asked
    about, and the message where it has never been sent."""

    do: Literal["send", "ask", "wait", "nothing"]
    wait_seconds: int = 0
    reference: str = ""
    document: str = ""


class Answer(Struct, frozen=True, kw_only=True):
    """What the clearing house says about a payment: by its dates, and word for word."""

    state: Literal["accepted", "done", "refused", "returned", "unknown"]
    reason: str = ""
    settled_on: date | None = None
    returned_on: date | None = None
    document: str = ""


class Checks(Struct, frozen=True, kw_only=True):
    """After how many days a settled payment is asked about again, in case it came back."""

    days: list[int]


class Reference(Struct, frozen=True, kw_only=True):
    """Whose payment a reference is; `recall_id` where it names a recall of that payment."""

    business_id: UUID
    payment_id: UUID
    recall_id: UUID | None


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
