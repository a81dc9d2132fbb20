"""The nouns of suspense: an item that waits, its event, its errors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event

Source = Literal["payment_failed", "payment_returned", "fee_refund", "deduction"]
ItemState = Literal["open", "assigned", "handed_over"]


class Item(Struct, frozen=True, kw_only=True):
    """Money that waits: meant for `account_id`, or taken from it by an authority."""

    id: UUID
    business_id: UUID
    source: Source
    source_key: str
    account_id: UUID
    amount_fen: int
    reason: str
    state: ItemState
    came_at: datetime
    to_account_id: UUID | None
    done_at: datetime | None
    version: int


class Assignment(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Book the item on an account of the same firm; `version` is the one seen."""

    to_account_id: UUID
    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


class MoneyParked(Event, frozen=True, kw_only=True):
    """Money came back for an account that cannot take it; it waits at the bank."""

    item_id: UUID
    account_id: UUID
    amount_fen: int


class MoneyAssigned(Event, frozen=True, kw_only=True):
    """Money that waited is on an account of its firm."""

    item_id: UUID
    account_id: UUID
    amount_fen: int


class ItemNotFound(NotFound):
    """There is no such item in suspense."""

    zh = "待处理款项不存在"


class ItemDone(Conflict):
    """The item has been worked off, or was changed since it was read."""

    zh = "该款项已处理或已变化"


class NotToBeAssigned(Refusal):
    """What an authority has taken does not go back to the firm."""

    zh = "有权机关扣划款项不能转回企业账户"
