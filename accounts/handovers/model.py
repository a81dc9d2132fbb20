"""The nouns of hand-overs: the authority's account, how far the money is, errors, events."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import BankCode

State = Literal["proposed", "agreed", "done", "refused"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Number = Annotated[str, Meta(pattern=r"^[0-9]{9,32}$", examples=["6228480402564890018"])]
Name = Annotated[str, Meta(min_length=2, max_length=100, examples=["上海市示例人民法院"])]


class NewHandover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The authority's account as its order names it."""

    payee_name: Name
    payee_bank_code: BankCode
    payee_account: Number


class HandoverSeen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree to the hand-over in the version seen."""

    version: Version


class Handover(Struct, frozen=True, kw_only=True):
    """Money on its way to an authority; `reason`: why it did not get there."""

    business_id: UUID
    item_id: UUID
    amount_fen: int
    payee_name: str
    payee_bank_code: str
    payee_account_tail: str
    memo: str
    state: State
    reason: str
    proposed_by: UUID
    proposed_at: datetime
    agreed_by: UUID | None
    agreed_at: datetime | None
    reference: UUID | None
    settled_on: date | None
    done_at: datetime | None
    version: int


class Sealed(Struct, frozen=True, kw_only=True):
    """The authority's account number, still sealed."""

    payee_sealed: bytes


class Named(Struct, frozen=True, kw_only=True):
    """Which hand-over of which firm."""

    business_id: UUID
    item_id: UUID


class Step(Struct, frozen=True, kw_only=True):
    """What is to be done outside of any transaction: the message, or how long to wait."""

    wait_seconds: int = 0
    reference: str = ""
    document: str = ""


class Told(Struct, frozen=True, kw_only=True):
    """What the clearing house says of it, and the message word for word."""

    state: Literal["accepted", "done", "refused", "returned", "unknown"]
    reason: str = ""
    settled_on: date | None = None
    document: str = ""


class HandoverAgreed(Event, frozen=True, kw_only=True):
    """Two people agreed on the authority's account."""

    item_id: UUID


class HandoverNotFound(NotFound):
    """Nobody has proposed where this money goes."""

    zh = "尚未提出扣划款项的划付方案"


class HandoverChanged(Conflict):
    """The hand-over was changed since it was read, or is under way already."""

    zh = "划付方案已变化或已在执行"


class NotADeduction(Refusal):
    """Only money that an authority has taken, and that still waits, is handed over."""

    zh = "仅可划付尚未处理的有权机关扣划款项"
