"""The nouns of reserved payments: what is held for whom until when, and what goes wrong."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.payments.model import Payee, Purpose
from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import PositiveFen
from app.names import Memo

# `finished`: a part was confirmed, the rest let go; `confirmed`: all of it was.
State = Literal["open", "confirmed", "finished", "cancelled", "expired"]
End = Literal["confirmed", "finished", "cancelled", "expired"]


class NewReservation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold money for somebody: named by `party_id` from the book, or spelled out."""

    account_id: UUID
    amount_fen: PositiveFen
    expires_at: Annotated[datetime, Meta(tz=True, examples=["2025-10-01T10:00:00+08:00"])]
    party_id: UUID | None = None
    payee: Payee | None = None
    purpose: Purpose = "goods"
    memo: Memo = ""


class NewConfirmation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Pay the payee a part, or all that is left where no amount is given."""

    amount_fen: PositiveFen | None = None
    memo: Memo = ""
    step_up_id: UUID | None = None


class Cancellation(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Let go of what is left, with the reason."""

    reason: Annotated[str, Meta(min_length=1, max_length=200, examples=["订单取消"])]


class Reservation(Struct, frozen=True, kw_only=True):
    """Money held for a payee: amount = confirmed + left, or + let go once it has ended.

    `confirmed_fen` is what payments have taken from the hold; one that still waits for a second
    person has taken nothing yet.
    """

    id: UUID
    account_id: UUID
    amount_fen: int
    confirmed_fen: int
    left_fen: int
    payee_name: str
    payee_account_tail: str
    payee_bank_code: str
    party_id: UUID | None
    purpose: Purpose
    memo: str
    state: State
    reason: str | None
    made_by: UUID
    expires_at: datetime
    created_at: datetime
    ended_at: datetime | None


class Stored(Reservation, frozen=True, kw_only=True):
    """The reservation as its operations need it: also what is not shown."""

    hold_id: UUID
    payee_sealed: bytes


class Terms(Struct, frozen=True, kw_only=True):
    """The bank's policy: how long money may be reserved."""

    longest_days: int


class ReservationExpired(Event, frozen=True, kw_only=True):
    """The term of a reservation is over; what was left is available again."""

    reservation_id: UUID
    amount_fen: int


class ReservationNotFound(NotFound):
    """There is no such reservation."""

    zh = "预留付款不存在"


class ReservationEnded(Conflict):
    """The reservation has been used up, called off, or is past its term."""

    zh = "预留付款已用完、已取消或已到期"


class ReservationTooSmall(Refusal):
    """Less is reserved than that."""

    zh = "预留余额不足"


class ReservationTermWrong(Refusal):
    """The term must lie ahead, and not further than the bank allows."""

    zh = "预留期限须晚于当前时间且不超过银行规定的最长期限"
