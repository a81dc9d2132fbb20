"""The nouns of likely duplicates: the bank's policy, the earlier payment, and the question."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from app.errors import Conflict


class Policy(Struct, frozen=True, kw_only=True):
    """From which amount on, and within how many days, the same payment is asked about."""

    within_days: int
    from_fen: int


class Twin(Struct, frozen=True, kw_only=True):
    """An earlier payment of the same amount to the same payee."""

    id: UUID
    state: str
    created_at: datetime


class LikelyDuplicate(Conflict):
    """The same amount was paid to this payee lately; confirm that it is to be paid again."""

    zh = "近期已向该收款人支付相同金额，请确认是否重复付款"
