"""The nouns of account numbers: the scheme, an offer, a hold, and what can go wrong with them."""

from __future__ import annotations

from datetime import datetime, time
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Malformed, NotFound, Refusal

AccountNumber = Annotated[
    str,
    Meta(pattern=r"^[0-9]{19}$", examples=["0200010009000012346"], description="19 digits"),
]
AccountClass = Literal["basic", "general", "special", "temporary"]
NumberPattern = Annotated[
    str,
    Meta(
        pattern=r"^([0-9]{1,7}|repeated|rising|falling|eights|pairs|mirror|no4"
        r"|birthday:(19|20)[0-9]{6})$",
        examples=["888"],
        description="digits wished for at the end or inside; or repeated (888), rising (5678),"
        " falling (8765), eights (many 8), pairs (6688, 6868), mirror (1234321), no4 (without 4),"
        " birthday:19900307",
    ),
]
NumberState = Literal["free", "held", "reserved", "taken"]


class Scheme(Struct, frozen=True, kw_only=True):
    """The head of a number: four digits of region, four of branch, two of account class."""

    region: str
    branch: str
    class_digits: str = "09"

    @property
    def head(self) -> str:
        """The first ten digits."""
        return self.region + self.branch + self.class_digits


class Branch(Struct, frozen=True, kw_only=True):
    """A branch: where it is, when it is open, and how its account numbers begin."""

    code: str
    name: str
    address: str
    area_code: str
    bank_code: str
    region: str
    number_code: str
    windows: int
    opens_at: time
    closes_at: time
    visit_minutes: int


class Terms(Struct, frozen=True, kw_only=True):
    """The bank's policy: how long a number is held, how many are offered at once."""

    hold_minutes: int
    offers: int


class Offer(Struct, frozen=True, kw_only=True):
    """One number on offer; it is nobody's until it is held."""

    number: AccountNumber
    shown: str
    why: str


class Offers(Struct, frozen=True, kw_only=True):
    """The numbers that fit a wish, best first."""

    items: list[Offer]


BranchCode = Annotated[str, Meta(pattern="^[0-9]{4}$", examples=["0001"])]


class NewHold(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Hold this number for me."""

    number: AccountNumber


class Holds(Struct, frozen=True, kw_only=True):
    """The numbers kept for the firm: one held, one for each application under way."""

    items: list[Hold]


class Hold(Struct, frozen=True, kw_only=True):
    """A number kept for one firm until a moment, or for one application until that ends."""

    number: AccountNumber
    state: NumberState
    held_until: datetime | None
    application_id: UUID | None


class PatternImpossible(Malformed):
    """No account number can look like that."""

    zh = "没有符合该样式的账号"


class BranchNotFound(NotFound):
    """There is no such branch."""

    zh = "网点不存在"


class NumberNotOurs(Refusal):
    """The number does not belong to this bank's scheme."""

    zh = "该账号不符合本行编号规则"


class NumberNotFree(Conflict):
    """Somebody else has this number."""

    zh = "该账号已被占用"


class NumberDoesNotFit(Refusal):
    """The number belongs to another branch or to another class of account; wish for one again."""

    zh = "该账号不属于所选网点或账户类型，请重新选号"


class HoldExpired(Conflict):
    """The number is no longer held for this firm."""

    zh = "账号保留已过期"
