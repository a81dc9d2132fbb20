"""The nouns of taxes: statutory shapes, quotes, returns and their states, errors, events."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, Malformed, NotFound, Refusal
from app.events import Event
from app.money import Fen, NonNegativeFen
from app.reference.model import Bracket

Taxpayer = Literal["small_scale", "general"]
CityClass = Literal["city", "county_town", "other"]
TaxKind = Literal["vat", "surcharges", "cit", "iit_withholding"]
ReturnState = Literal["computed", "submitted", "filed", "refused"]
Version = Annotated[int, Meta(ge=0, le=2**31 - 1, examples=[1])]


# --- statutory shapes --------------------------------------------------------------------------


class SmallScaleVat(msgspec.Struct, frozen=True, kw_only=True):
    """`vat.small_scale`: thresholds, whether reaching one is already taxed, and the levy."""

    month_fen: int
    quarter_fen: int
    reaching_is_taxed: bool
    levy_ppm: int
    full_levy_ppm: int


class GeneralVat(msgspec.Struct, frozen=True, kw_only=True):
    """`vat.general`: the rates of output tax."""

    rates_ppm: list[int]


class SurchargeRates(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.rates`: on VAT paid, by the class of the place."""

    city_ppm: dict[CityClass, int]
    education_ppm: int
    local_education_ppm: int


class SurchargeRelief(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.half`: the share that small taxpayers do not pay."""

    relief_ppm: int


class EducationExemption(msgspec.Struct, frozen=True, kw_only=True):
    """`surcharge.education_exemption`: sales up to which no education surcharge is due."""

    month_fen: int
    quarter_fen: int


class CitRates(msgspec.Struct, frozen=True, kw_only=True):
    """`cit.rates`: the ordinary rate of corporate income tax."""

    rate_ppm: int


class SmallProfit(msgspec.Struct, frozen=True, kw_only=True):
    """`cit.small_profit`: who counts as small, the share of income counted, its rate."""

    income_up_to_fen: int
    staff_up_to: int
    assets_up_to_fen: int
    income_ppm: int
    rate_ppm: int


class BusinessIncome(msgspec.Struct, frozen=True, kw_only=True):
    """`iit.business`: table of individual households, and the relief on its lower part."""

    brackets: list[Bracket]
    relief_up_to_fen: int
    relief_ppm: int


class LateFee(msgspec.Struct, frozen=True, kw_only=True):
    """`tax.late_fee`: a day's share of what is late."""

    day_ppm: int


# --- quotes ------------------------------------------------------------------------------------


class NewTaxQuote(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One month or quarter (or, for income tax alone, a year): `[period_from, period_until)`.

    `sales_fen` without VAT; `output_rate_ppm` for general taxpayers; `profit_fen` of the year so
    far, with staff and assets averaged by quarter.
    """

    taxpayer: Taxpayer
    period_from: Annotated[date, Meta(examples=["2026-01-01"])]
    period_until: Annotated[date, Meta(examples=["2026-04-01"])]
    sales_fen: NonNegativeFen = 0
    input_tax_fen: NonNegativeFen = 0
    output_rate_ppm: Annotated[int, Meta(ge=0, le=130_000, examples=[130_000])] | None = None
    city_tax_class: CityClass = "city"
    profit_fen: Fen | None = None
    staff: Annotated[int, Meta(ge=0, le=1_000_000, examples=[12])] | None = None
    assets_fen: NonNegativeFen | None = None


class Statute(msgspec.Struct, frozen=True, kw_only=True):
    """The row of law a number was computed by: what it says, when it holds, where it stands."""

    rule: str
    from_on: date
    until_on: date | None
    source: str


class VatResult(msgspec.Struct, frozen=True, kw_only=True):
    """VAT of the period; `credit_fen` is input tax carried forward."""

    tax_fen: int
    rate_ppm: int
    exempt: bool = False
    output_tax_fen: int = 0
    credit_fen: int = 0


class Vat(VatResult, frozen=True, kw_only=True):
    """VAT with its statute."""

    law: Statute


class SurchargesResult(msgspec.Struct, frozen=True, kw_only=True):
    """City construction tax and the two education surcharges on the VAT of the period."""

    city_fen: int
    education_fen: int
    local_education_fen: int
    total_fen: int
    halved: bool
    education_exempt: bool


class Surcharges(SurchargesResult, frozen=True, kw_only=True):
    """Surcharges with their statutes."""

    laws: list[Statute]


class CitResult(msgspec.Struct, frozen=True, kw_only=True):
    """Corporate income tax on the profit of the year so far; all or nothing for small firms."""

    tax_fen: int
    small_profit: bool
    effective_ppm: int


class Cit(CitResult, frozen=True, kw_only=True):
    """Corporate income tax with its statute."""

    law: Statute


class TaxQuote(msgspec.Struct, frozen=True, kw_only=True):
    """What is due for the period; VAT and surcharges are null for a whole year."""

    vat: Vat | None
    surcharges: Surcharges | None
    income_tax: Cit | None


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


class BadPeriod(Malformed):
    """The period must be a whole month, quarter or calendar year; its end is not included."""

    zh = "期间须为完整的月、季度或年度（结束日不含）"


class IncomeTaxNeedsMore(Malformed):
    """Income tax needs profit, staff and assets together."""

    zh = "计算企业所得税须同时给出利润、从业人数和资产总额"


class UnknownRate(Refusal):
    """There is no such VAT rate in that period."""

    zh = "该期间没有此增值税税率"


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
