"""The nouns of the counter: the day's list, the teller's case, what is confirmed there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, Refusal
from onboarding.applications.model import ApplicationState, Document, MaskedRepresentative
from onboarding.products.model import Product
from onboarding.visits.model import PaperCode, Version, Visit, VisitState

SealKind = Literal["official_seal", "finance_seal", "legal_rep_seal", "signature"]
IdentityBy = Literal["id_card_reader", "face", "eyes"]
Window = Annotated[int, Meta(ge=1, le=99, examples=[2])]
CheckInText = Annotated[
    str, Meta(min_length=20, max_length=160, pattern="^[!-~]+$", examples=["XWV1.0.1.0.aaaaaaaaaa"])
]


class Presented(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The code that somebody's phone shows."""

    code: CheckInText


class Calling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A window is free."""

    window: Window


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the teller has seen and heard; all of it is needed."""

    version: Version
    identity_confirmed: Annotated[bool, Meta(examples=[True])]
    will_confirmed: Annotated[bool, Meta(examples=[True])]
    seals_taken: Annotated[bool, Meta(examples=[True])]
    identity_by: IdentityBy = "eyes"
    papers_seen: Annotated[
        list[PaperCode], Meta(max_length=20, examples=[["licence", "legal_rep_id"]])
    ] = []
    seals: Annotated[list[SealKind], Meta(max_length=4, examples=[["official_seal"]])] = []


class DayVisit(Struct, frozen=True, kw_only=True):
    """A line of the teller's day."""

    id: UUID
    business_id: UUID
    application_id: UUID
    account_name: str
    application_state: str
    starts_at: datetime
    state: VisitState
    version: int
    ticket: str
    queue_number: str | None
    window: int | None


class VisitCase(Struct, frozen=True, kw_only=True):
    """What the teller has before the eyes: who comes, for what, with which papers, what is next."""

    visit: Visit
    business_id: UUID
    application_state: ApplicationState
    account_name: str
    account_class: str
    entity_type: str
    uscc: str
    number: str | None
    legal_representative: MaskedRepresentative
    documents: list[Document]
    products: list[Product]
    may_complete: bool
    next_step: str


class BadCheckInCode(Refusal):
    """This code lets nobody in; show a fresh one, or give the ticket's letters."""

    zh = "签到码无效，请刷新签到码或报预约凭证号"


class NobodyWaits(Conflict):
    """Nobody waits at this branch."""

    zh = "当前没有客户等候"


class StillServing(Conflict):
    """Finish with the customer at your window first."""

    zh = "请先办结当前客户"


class OtherBranch(Forbidden):
    """Tellers see the day of their own branch."""

    zh = "只能查看本网点的预约"


class NotConfirmed(Refusal):
    """Identity, will and seals must all be confirmed."""

    zh = "须核实身份、开户意愿并预留印鉴"
