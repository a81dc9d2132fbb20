"""The nouns of unapplied credits: an item, what its sender wrote, a proposal, errors, events."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event

# unknown: the clearing house tells no more than that it came
Why = Literal["unknown", "no_account", "name_differs", "account_refuses"]
# booked: it found its account by the ordinary way after all
State = Literal["found", "suspended", "returned", "assigned", "booked"]
Wanted = Literal["suspend", "return", "assign"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Words = Annotated[str, Meta(min_length=4, max_length=100, examples=["收款账号不存在"])]
AccountNumber = Annotated[str, Meta(pattern=r"^[0-9]{9,32}$", examples=["1001000012345678901"])]


class Unapplied(Struct, frozen=True, kw_only=True):
    """Money that waits; `wanted` is what one person proposes, or two have agreed on."""

    id: UUID
    reference: str
    moved_on: date
    amount_fen: int
    why: Why
    state: State
    wanted: Wanted | None
    wanted_why: str | None
    to_business_id: UUID | None
    to_account_id: UUID | None
    to_number_tail: str | None
    difference_id: UUID | None
    proposed_by: UUID | None
    proposed_at: datetime | None
    agreed_by: UUID | None
    agreed_at: datetime | None
    answer: str
    return_id: UUID | None
    returned_on: date | None
    found_at: datetime
    done_at: datetime | None
    version: int


class Details(Struct, frozen=True, kw_only=True):
    """What the sender wrote: payer, payee, words."""

    payer_name: str = ""
    payer_account: str = ""
    payer_bank_code: str = ""
    payee_name: str = ""
    payee_account: str = ""
    remark: str = ""


class UnappliedCase(Struct, frozen=True, kw_only=True):
    """An item with what its sender wrote; null where the clearing house tells no more."""

    item: Unapplied
    details: Details | None


class StoredDetails(Struct, frozen=True, kw_only=True):
    """What the sender wrote, still sealed."""

    details_sealed: bytes | None


class Origin(Struct, frozen=True, kw_only=True):
    """A difference that money may be taken from into suspense."""

    id: UUID
    reconciled_on: date
    direction: str
    reference: str
    our_fen: int | None
    their_fen: int | None
    state: str


class NewUnapplied(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Take what only the clearing house knows into suspense: proposed by one, agreed by another."""

    difference_id: UUID
    reason: Words


class NewProposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done next; an assignment names the rightful account of this bank."""

    step: Wanted
    reason: Words
    to_account_number: AccountNumber | None = None
    version: Version


class Answer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Agree to the proposal in the version seen."""

    version: Version


class TurnDown(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Turn the proposal down, saying why; whoever made it may so take it back."""

    reason: Words
    version: Version


class Told(Struct, frozen=True, kw_only=True):
    """What the clearing house says of a return, and the message word for word."""

    state: Literal["accepted", "done", "refused", "unknown"]
    reason: str = ""
    settled_on: date | None = None
    document: str = ""


class Post(Struct, frozen=True, kw_only=True):
    """A return as it is sent, or was: under its reference, word for word."""

    reference: str
    document: str


class UnappliedAgreed(Event, frozen=True, kw_only=True):
    """Two people agreed on what is to be done with an item."""

    item_id: UUID


class UnappliedNotFound(NotFound):
    """There is no such item among the unapplied credits."""

    zh = "待处理来账不存在"


class UnappliedChanged(Conflict):
    """The item was changed since it was read; read it again."""

    zh = "待处理来账已变化，请刷新后重试"


class UnappliedDone(Conflict):
    """The money has gone back or found its account already."""

    zh = "该笔来账已处理完毕"


class UnappliedUnderWay(Conflict):
    """Two people have agreed on a step that is being carried out; wait for its outcome."""

    zh = "已复核的处理正在执行，请等待结果"


class NothingProposed(Conflict):
    """Nobody has proposed anything that could be agreed to."""

    zh = "没有待复核的处理方案"


class StepDoesNotFit(Refusal):
    """Money is taken into suspense first; only from there it is returned or assigned."""

    zh = "须先挂账，再退汇或入账"


class NoSuchRightfulAccount(Refusal):
    """No open account of this bank has that number."""

    zh = "本行没有该账号"


class NotAnUnknownCredit(Refusal):
    """Only money that the clearing house credited to us and we have not booked is suspended."""

    zh = "仅可挂账对方已入账而本行无记录的来账"
