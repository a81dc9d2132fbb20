"""The nouns of what comes with an account: online bank, settlement card, receipts, messages."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Forbidden, NotFound, Refusal

ProductKind = Literal["receipts", "messages", "online_bank", "settlement_card"]
ProductState = Literal["asked", "preparing", "issued", "withdrawn"]
ProductSide = Literal["branch", "system"]
# Of a token its serial number, of a card its last four digits: never a whole card number.
ProductReference = Annotated[
    str, Meta(pattern="^[0-9A-Z-]{4,20}$", max_length=20, examples=["TK-20250902-0007"])
]


class ProductTerms(Struct, frozen=True, kw_only=True):
    """The bank's policy: working days until each is in the firm's hands."""

    online_bank_days: int
    settlement_card_days: int


class WantedProducts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the firm wants with its account; asking again replaces the wish."""

    kinds: Annotated[list[ProductKind], Meta(max_length=4, examples=[["receipts", "online_bank"]])]


class Handed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was handed over: the token's serial number, or the card's last four digits."""

    reference: ProductReference


class Product(Struct, frozen=True, kw_only=True):
    """One of the things that come with an account; `acts` has to do what is still undone."""

    id: UUID
    application_id: UUID
    kind: ProductKind
    branch: str
    state: ProductState
    acts: ProductSide | None
    due_at: datetime | None
    reference: str | None
    issued_at: datetime | None


class UndoneProduct(Struct, frozen=True, kw_only=True):
    """A line of what a branch still has to hand over."""

    id: UUID
    business_id: UUID
    application_id: UUID
    account_name: str
    kind: ProductKind
    acts: ProductSide
    due_at: datetime
    late: bool


class ProductNotFound(NotFound):
    """There is no such product."""

    zh = "产品不存在"


class ProductNotOpen(Conflict):
    """It has been handed over, or the account is not open yet."""

    zh = "该产品已交付或账户尚未启用"


class ProductsSettled(Conflict):
    """The account is open: what comes with it is settled, ask your branch."""

    zh = "账户已启用，开通项目请联系网点变更"


class OtherBranchsProducts(Forbidden):
    """Tellers see what their own branch has to hand over."""

    zh = "只能查看本网点的待交付产品"


class ReferenceUnfit(Refusal):
    """Of a card only its last four digits are kept."""

    zh = "结算卡仅登记卡号后四位"
