"""The nouns of personal limits: what one person may pay at once and in one day."""

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.money import MAX_FEN

LimitFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[50_000_000])]


class PersonLimit(Struct, frozen=True, kw_only=True):
    """One person's limits in one firm, and what of the day's is used (`day` says which day)."""

    person_id: UUID
    single_fen: int
    daily_fen: int
    day: date
    used_fen: int
    version: int
    by_device: bool = False


class DeviceLimit(Struct, frozen=True, kw_only=True):
    """What a person may pay through one sign-in (one device), and what of the day's is used."""

    person_id: UUID
    session_id: UUID
    single_fen: int
    daily_fen: int
    day: date
    used_fen: int
    version: int
    left_fen: int = 0


class Use(Struct, frozen=True, kw_only=True):
    """Where a payment was counted: on which day, and through which sign-in if that has a limit."""

    day: date
    session_id: UUID | None


class ShownLimit(PersonLimit, frozen=True, kw_only=True):
    """A person's limits with what is left of today's."""

    left_fen: int


class Bounds(Struct, frozen=True, kw_only=True):
    """A pair of limits by the bank's policy."""

    single_fen: int
    daily_fen: int


class Usual(Struct, frozen=True, kw_only=True):
    """The bank's policy: where the limits of an owner and of other members start."""

    owner: Bounds
    other: Bounds


class NewLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Set limits; `version` is the one seen, 0 where none was set yet. To raise one takes a
    step-up."""

    single_fen: LimitFen
    daily_fen: LimitFen
    version: Annotated[int, Meta(ge=0, le=1_000_000, examples=[0])]
    step_up_id: UUID | None = None


class Ceiling(Struct, frozen=True, kw_only=True):
    """What the bank lets anybody of a firm pay at most, and why."""

    single_fen: int
    daily_fen: int
    reason: str


class AboveCeiling(Refusal):
    """The bank's ceiling for this firm is lower: ask for the full opening first."""

    zh = "超过本企业账户的限额上限，请先办理简易开户升级"


class SingleLimitExceeded(Refusal):
    """The amount is above what this person may pay at once."""

    zh = "超过单笔限额"


class DailyLimitExceeded(Refusal):
    """The amount is above what this person may still pay today."""

    zh = "超过当日累计限额"


class DeviceSingleLimitExceeded(Refusal):
    """The amount is above what may be paid at once through this device."""

    zh = "超过该设备单笔限额"


class DeviceDailyLimitExceeded(Refusal):
    """The amount is above what may still be paid today through this device."""

    zh = "超过该设备当日累计限额"


class LimitChanged(Conflict):
    """The limit was changed since it was read; read it again."""

    zh = "限额已被修改，请刷新后重试"


class LimitsContradict(Refusal):
    """The limit for one payment may not be above the limit for the day."""

    zh = "单笔限额不能高于日累计限额"


class NoSuchMember(NotFound):
    """This person is not a member of the business."""

    zh = "该人员不是本企业成员"
