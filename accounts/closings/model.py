"""The nouns of closing: a request, what stands in its way, its errors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal

ClosingState = Literal["requested", "settled", "withdrawn", "refused", "closed"]
Obstacle = Literal["state", "money_held", "money_away", "money_left", "other_accounts", "debt"]
Version = Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]
Reason = Annotated[str, Meta(min_length=1, max_length=200, examples=["公司注销"])]


class NewClosing(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Close the account; what is left on it goes to another account of the firm, if named."""

    reason: Reason
    rest_to_account_id: UUID | None = None


class Seen(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Act on the request in the version seen."""

    version: Version


class Rejection(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Refuse the request in the version seen, with the reason."""

    version: Version
    reason: Reason


class ClosingRequest(Struct, frozen=True, kw_only=True):
    """A request as stored."""

    id: UUID
    account_id: UUID
    rest_to_account_id: UUID | None
    reason: str
    state: ClosingState
    answer: str | None
    asked_at: datetime
    done_at: datetime | None
    version: int


class Closing(ClosingRequest, frozen=True, kw_only=True):
    """A request, and what stands in its way while it is open."""

    obstacles: list[Obstacle]


class ClosingNotFound(NotFound):
    """There is no such request."""

    zh = "销户申请不存在"


class ClosingChanged(Conflict):
    """The request is done, or was changed since it was read; read it again."""

    zh = "销户申请已办结或已变化，请刷新后重试"


class ClosingUnderWay(Conflict):
    """This account is to be closed already."""

    zh = "该账户已有在办的销户申请"


class RestCannotGoThere(Refusal):
    """What is left goes to another open account of the firm in the same currency."""

    zh = "余额只能转入本企业同币种的其他正常账户"
