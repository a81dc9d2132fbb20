"""The nouns of taxes: statutory shapes, quotes, returns and their states, errors, events."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, Malformed, NotFound, Refusal
from app.events import Event
from bookkeeping.assessments.model import CityClass, Taxpayer

TaxKind = Literal["vat", "surcharges", "cit", "iit_withholding"]
ReturnState = Literal["computed", "submitted", "filed", "refused"]
Version = Annotated[int, Meta(ge=0, le=2**31 - 1, examples=[1])]


# --- returns -----------------------------------------------------------------------------------


class NewProfile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the firm is for the tax bureau; `version` is the one seen, 0 if none was set."""

    taxpayer: Taxpayer
    city_tax_class: CityClass
    version: Version


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """What the firm is for the tax bureau; version 0 is what new firms are."""

    taxpayer: Taxpayer = "small_scale"
    city_tax_class: CityClass = "city"
    version: int = 0


class NewReturns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Compute what is to be declared for a month, and for the quarter that it ends."""

    month: Annotated[str, Meta(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2025-09"])]


class SeenReturn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the return that was seen."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class DuePeriod(msgspec.Struct, frozen=True, kw_only=True):
    """One tax and the period `[from_on, until_on)` it is declared for."""

    tax: TaxKind
    from_on: date
    until_on: date


class Computed(msgspec.Struct, frozen=True, kw_only=True):
    """The lines of a return (fen, where not said otherwise) and what is payable."""

    figures: dict[str, int]
    payable_fen: int


class Withheld(msgspec.Struct, frozen=True, kw_only=True):
    """Wages paid in a month, and the tax withheld from them."""

    people: int
    income_fen: int
    social_fen: int
    additional_fen: int
    tax_fen: int


class StaffAt(msgspec.Struct, frozen=True, kw_only=True):
    """How many were employed at the end of a day."""

    on_day: date
    staff: int


class ReturnRow(msgspec.Struct, frozen=True, kw_only=True):
    """A return as stored."""

    id: UUID
    tax: TaxKind
    period_from: date
    period_until: date
    due_on: date
    figures: dict[str, int]
    payable_fen: int
    state: ReturnState
    version: int
    computed_no: int = 1
    submitted_on: date | None = None
    receipt_number: str | None = None
    refusal: str = ""


class Return(ReturnRow, frozen=True, kw_only=True):
    """A return as shown, with the late fee if it were paid today."""

    late_fee_fen: int


class Returns(msgspec.Struct, frozen=True, kw_only=True):
    """What was computed."""

    items: list[Return]


class DueMonth(msgspec.Struct, frozen=True, kw_only=True):
    """The last day for filing in a month, and what is due by then."""

    month_on: date
    due_on: date
    periods: list[DuePeriod]


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """Deadlines in order."""

    items: list[DueMonth]


class ReturnRef(msgspec.Struct, frozen=True, kw_only=True):
    """What a reference to the tax platform names."""

    business_id: UUID
    return_id: UUID


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """A return on its way to the tax platform, the same word for word at every repeat."""

    reference: str
    uscc: str
    row: ReturnRow


class TaxReturnSubmitted(Event, frozen=True, kw_only=True):
    """A return is to be sent to the tax platform."""

    return_id: UUID


class TaxReturnFiled(Event, frozen=True, kw_only=True):
    """The tax platform has taken a return."""

    return_id: UUID
    tax: TaxKind
    payable_fen: int


# --- errors ------------------------------------------------------------------------------------


class ProfileChanged(Conflict):
    """The tax profile has changed since you read it; read it again."""

    zh = "纳税人信息已变更，请刷新后重试"


class ReturnNotFound(NotFound):
    """The tax return does not exist."""

    zh = "纳税申报不存在"


class ReturnChanged(Conflict):
    """The return has changed since you read it; read it again."""

    zh = "申报数据已变更，请刷新后重试"


class ReturnOutdated(Conflict):
    """The books have changed since the return was computed; compute it again."""

    zh = "账簿数据已变化，请重新计算后再申报"


class ReturnStateForbids(Conflict):
    """The return is on its way or filed already."""

    zh = "该申报正在处理或已完成"


class PeriodNotOver(Refusal):
    """The period has not ended yet."""

    zh = "所属期尚未结束"


class NotRegistered(Refusal):
    """The firm has no credit code yet."""

    zh = "企业尚未取得统一社会信用代码"


class BadSpan(Malformed):
    """The span must end after it begins and be no longer than two years."""

    zh = "期间须结束晚于开始，且不超过两年"


class VatFirst(Conflict):
    """File the VAT return of the period before its surcharges."""

    zh = "请先申报该期增值税，再申报附加税费"
