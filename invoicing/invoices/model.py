"""The nouns of electronic invoices: drafts, issued invoices, amounts, events and errors."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, Forbidden, Malformed, NotFound, Refusal
from app.events import Event
from app.money import MAX_FEN
from app.names import Memo, Text, Uscc
from invoicing.sheets.model import Kind

State = Literal["draft", "submitted", "issued", "refused"]
Rounding = Literal["half_up", "half_even"]

# Quantity and price as the tax platform takes them: up to 13 decimal places, never a float.
DecimalText = Annotated[
    str, Meta(pattern=r"^(0|[1-9][0-9]{0,11})(\.[0-9]{1,13})?$", examples=["12.5"])
]
TaxCode = Annotated[str, Meta(pattern=r"^([0-9]{19})?$", examples=["3040201010000000000"])]
Email = Annotated[
    str,
    Meta(
        max_length=254,
        pattern=r"^[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
        examples=["finance@example.com"],
    ),
]
BuyerName = Annotated[str, Meta(min_length=1, max_length=100, examples=["杭州示例贸易有限公司"])]
RateShown = Annotated[int, Meta(ge=0, le=1_000_000, examples=[10_000])]
Discount = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[0])]
ShortText = Annotated[str, Meta(max_length=40, examples=["项"])]

MAX_LINES = 2000  # import at the tax bureau's portal
# What one document draws in about five seconds; longer lists are several invoices.
MAX_DRAFT_LINES = 500


class QuoteLine(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One line of a calculation. `discount_fen` is in the terms of the price: with tax if
    `tax_included`, else without."""

    name: Text
    quantity: DecimalText
    unit_price: DecimalText
    rate_ppm: RateShown
    tax_included: bool = False
    discount_fen: Discount = 0


class NewInvoiceQuote(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A calculation without sign-in."""

    issued_on: Annotated[date, Meta(examples=["2025-09-01"])]
    lines: Annotated[list[QuoteLine], Meta(min_length=1, max_length=MAX_LINES)]
    rounding: Rounding = "half_up"


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """Without tax, tax, with tax; the third is always the sum of the first two."""

    amount_fen: int
    tax_fen: int
    total_fen: int


class QuotedLine(Amounts, frozen=True, kw_only=True):
    """`rate_in_force` says whether the law knows this rate on the day of issue."""

    rate_in_force: bool


class InvoiceQuote(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of the calculator; `uppercase` is the total in words."""

    lines: list[QuotedLine]
    totals: Amounts
    uppercase: str


class NewLine(QuoteLine, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One line of a draft."""

    specification: ShortText = ""
    unit: ShortText = ""
    tax_code: TaxCode = ""


class NewInvoice(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A draft. 专票 (`special`) needs the buyer's USCC; a buyer without one is a private person."""

    kind: Kind
    buyer_name: BuyerName
    buyer_uscc: Uscc | None = None
    buyer_email: Email | None = None
    lines: Annotated[list[NewLine], Meta(min_length=1, max_length=MAX_DRAFT_LINES)]
    remark: Memo = ""
    drawer: ShortText = ""


class ChangedInvoice(NewInvoice, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A new text for a draft, naming the version that was seen."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]


class Line(NewLine, kw_only=True, frozen=True):
    """A line with its amounts, discount already taken off."""

    amount_fen: int
    tax_fen: int
    total_fen: int


class InvoiceHead(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice without its lines, as lists show it."""

    id: UUID
    state: State
    version: int
    kind: Kind
    number: str | None
    issued_on: date | None
    buyer_name: str
    buyer_uscc: str | None
    amount_fen: int
    tax_fen: int
    total_fen: int
    created_at: datetime


class Invoice(InvoiceHead, frozen=True, kw_only=True):
    """An invoice; frozen from submission on. `red_…` is what red letters have taken back."""

    seller_name: str
    seller_uscc: str
    lines: list[Line]
    remark: str
    drawer: str
    quota_month_on: date | None
    submitted_at: datetime | None
    issued_at: datetime | None
    refusal: str | None
    pdf_file_id: UUID | None
    xml_file_id: UUID | None
    red_amount_fen: int
    red_tax_fen: int


class Quota(msgspec.Struct, frozen=True, kw_only=True):
    """发票总额度 of one month: the cap of net totals issued, all kinds together; the limit is not
    known before the tax platform has told it."""

    month_on: date
    limit_fen: int | None
    used_fen: int


class MonthQuota(Quota, frozen=True, kw_only=True):
    """The quota of this month as the firm sees it; what is left is known once the limit is."""

    left_fen: int | None


class LevyRates(msgspec.Struct, frozen=True, kw_only=True):
    """征收率 in force: what a small-scale taxpayer prints, and the one the relief lowers."""

    levy_ppm: int
    full_levy_ppm: int


class TaxRates(msgspec.Struct, frozen=True, kw_only=True):
    """税率 in force for general taxpayers."""

    rates_ppm: list[int]


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Every rate that may stand on an invoice of a day."""

    levy_ppm: frozenset[int]
    tax_ppm: frozenset[int]

    @property
    def all_ppm(self) -> frozenset[int]:
        """Both kinds together."""
        return self.levy_ppm | self.tax_ppm


class InvoiceSubmitted(Event, frozen=True, kw_only=True):
    """A draft was frozen and waits for its number."""

    invoice_id: UUID


class InvoiceIssued(Event, frozen=True, kw_only=True):
    """The tax platform gave the number."""

    invoice_id: UUID


class QuotaAsked(Event, frozen=True, kw_only=True):
    """The firm wants to know the limit of a month anew, for example after it was raised."""

    month_on: date


class InvoiceNotFound(NotFound):
    """The invoice does not exist."""

    zh = "发票不存在"


class AlreadyIssued(Conflict):
    """The invoice was already submitted; it can no longer be changed."""

    zh = "发票已提交开具，不能再修改"


class NotIssued(Conflict):
    """The invoice has no number yet; its documents do not exist."""

    zh = "发票尚未开具"


class StaleInvoice(Conflict):
    """The draft was changed since you saw it; read it again."""

    zh = "发票草稿已被修改，请重新读取"


class QuotaExceeded(Refusal):
    """The month's invoice quota is used up."""

    zh = "超出本月发票总额度"


class RateNotInForce(Refusal):
    """The law knows no such tax rate on that day."""

    zh = "该日期没有这一税率或征收率"


class NothingToInvoice(Refusal):
    """An invoice is for more than nothing."""

    zh = "发票金额须大于零"


class BuyerNotEligible(Refusal):
    """The buyer's code is wrong, or a special invoice lacks a registered buyer or taxable sales."""

    zh = "购买方统一社会信用代码有误；专用发票须填写该代码，且不得用于免税销售"


class DiscountTooLarge(Refusal):
    """The discount is larger than its line."""

    zh = "折扣额大于该行金额"


class AmountTooLarge(Malformed):
    """The amount is larger than this system counts."""

    zh = "金额超出系统上限"


class SellerNotRegistered(Forbidden):
    """The business is not registered yet and cannot issue invoices."""

    zh = "企业尚未完成登记，不能开具发票"
