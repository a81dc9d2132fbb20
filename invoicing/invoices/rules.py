"""The decisions on invoices: exact amounts, what may be issued, and the states of an invoice."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime

from msgspec.structs import asdict, replace

from app.money import MAX_FEN, divide_half_even, divide_half_up
from app.reference import rules as reference
from invoicing.invoices.model import (
    AlreadyIssued,
    Amounts,
    AmountTooLarge,
    BuyerNotEligible,
    DiscountTooLarge,
    Invoice,
    Line,
    MonthQuota,
    NewInvoice,
    NewLine,
    NothingToInvoice,
    Quota,
    QuotaExceeded,
    QuoteLine,
    RateNotInForce,
    Rounding,
    StaleInvoice,
)
from invoicing.sheets import rules as sheets
from invoicing.sheets.model import PrintedLine, Sheet

PPM = 1_000_000
PRICE_PLACES = 13
_DIVIDE = {"half_up": divide_half_up, "half_even": divide_half_even}


def parse_decimal(text: str) -> tuple[int, int]:
    """A decimal text as (digits, places), exactly: "12.50" is (1250, 2)."""
    whole, _, fraction = text.partition(".")
    return int(whole + fraction), len(fraction)


def price_amount(line: QuoteLine, rounding: Rounding) -> int:
    """Quantity × price in fen, one rounding; with or without tax as the price is."""
    quantity, quantity_places = parse_decimal(line.quantity)
    price, price_places = parse_decimal(line.unit_price)
    fen = _DIVIDE[rounding](quantity * price * 100, 10 ** (quantity_places + price_places))
    if fen > MAX_FEN:
        raise AmountTooLarge(line=line.name, limit_fen=MAX_FEN)
    return fen


def with_tax(fen: int, *, rate_ppm: int, tax_included: bool, rounding: Rounding) -> Amounts:
    """Net = gross ÷ (1 + rate) and tax = gross − net, so that the sum is kept; or tax = net × rate
    (增值税暂行条例实施细则 第十四条: sales = price with tax ÷ (1 + rate))."""
    divide = _DIVIDE[rounding]
    if tax_included:
        net = divide(fen * PPM, PPM + rate_ppm)
        return Amounts(amount_fen=net, tax_fen=fen - net, total_fen=fen)
    tax = divide(fen * rate_ppm, PPM)
    return Amounts(amount_fen=fen, tax_fen=tax, total_fen=fen + tax)


def line_amounts(line: QuoteLine, rounding: Rounding = "half_up") -> Amounts:
    """Amounts of a line after its discount; raises DiscountTooLarge, AmountTooLarge."""
    fen = price_amount(line, rounding)
    if line.discount_fen > fen:
        raise DiscountTooLarge(line=line.name, amount_fen=fen, discount_fen=line.discount_fen)
    return with_tax(
        fen - line.discount_fen,
        rate_ppm=line.rate_ppm,
        tax_included=line.tax_included,
        rounding=rounding,
    )


def totals(lines: Sequence[Amounts] | Sequence[Line]) -> Amounts:
    """The sums of the lines, exactly: totals are never rounded again."""
    total = Amounts(
        amount_fen=sum(line.amount_fen for line in lines),
        tax_fen=sum(line.tax_fen for line in lines),
        total_fen=sum(line.total_fen for line in lines),
    )
    if total.total_fen > MAX_FEN:
        raise AmountTooLarge(limit_fen=MAX_FEN)
    return total


def invoice_totals(lines: Sequence[Line]) -> Amounts:
    """The totals of an invoice; raises NothingToInvoice, AmountTooLarge."""
    total = totals(lines)
    if total.amount_fen == 0:
        raise NothingToInvoice()
    return total


def calculate(lines: Sequence[NewLine]) -> list[Line]:
    """The lines of a draft with their amounts."""
    return [Line(**asdict(line), **asdict(line_amounts(line))) for line in lines]


def printed(lines: Sequence[Line]) -> list[PrintedLine]:
    """The lines as documents print them: a discount is a negative line directly after its item,
    same name and rate, no quantity or price; item and discount add up to the line exactly."""
    rows = []
    for line in lines:
        item = with_tax(
            price_amount(line, "half_up"),
            rate_ppm=line.rate_ppm,
            tax_included=line.tax_included,
            rounding="half_up",
        )
        row = PrintedLine(
            name=line.name,
            specification=line.specification,
            unit=line.unit,
            quantity=sheets.decimal_text(*parse_decimal(line.quantity)),
            unit_price=net_price(line, item.amount_fen),
            rate_ppm=line.rate_ppm,
            tax_code=line.tax_code,
            amount_fen=item.amount_fen,
            tax_fen=item.tax_fen,
            is_discount=False,
        )
        rows.append(row)
        if line.discount_fen:
            rows.append(
                replace(
                    row,
                    specification="",
                    unit="",
                    quantity="",
                    unit_price="",
                    amount_fen=line.amount_fen - item.amount_fen,
                    tax_fen=line.tax_fen - item.tax_fen,
                    is_discount=True,
                )
            )
    return rows


def net_price(line: QuoteLine, amount_fen: int) -> str:
    """The unit price without tax: as typed, or the amount over the quantity to 13 places."""
    quantity, places = parse_decimal(line.quantity)
    if not line.tax_included or quantity == 0:
        return sheets.decimal_text(*parse_decimal(line.unit_price))
    digits = divide_half_up(amount_fen * 10 ** (PRICE_PLACES - 2 + places), quantity)
    return sheets.decimal_text(digits, PRICE_PLACES)


def check_draft(new: NewInvoice, *, rates_ppm: Collection[int], on: date) -> None:
    """What a draft may hold: rates of that day; 专票 only for registered buyers and taxable sales
    (增值税法实施条例 第三十七条). Raises RateNotInForce, BuyerNotEligible."""
    for line in new.lines:
        if line.rate_ppm not in rates_ppm:
            raise RateNotInForce(line=line.name, rate_ppm=line.rate_ppm, on=on.isoformat())
    if new.buyer_uscc is not None:
        found = reference.uscc(new.buyer_uscc)
        if not found.valid:
            raise BuyerNotEligible(buyer_uscc=new.buyer_uscc, rule=found.reason)
    if new.kind == "special":
        if new.buyer_uscc is None:
            raise BuyerNotEligible(missing="buyer_uscc")
        if any(line.rate_ppm == 0 for line in new.lines):
            raise BuyerNotEligible(exempt_lines=True)


def editable(invoice: Invoice, *, version: int) -> None:
    """A draft, or one the platform refused, may be changed by who saw its last version."""
    if invoice.state not in ("draft", "refused"):
        raise AlreadyIssued(invoice_id=str(invoice.id), state=invoice.state)
    if invoice.version != version:
        raise StaleInvoice(invoice_id=str(invoice.id), version=invoice.version)


def submit(
    invoice: Invoice, *, quota: Quota, rates_ppm: Collection[int], now: datetime, today: date
) -> Invoice:
    """The frozen invoice. Raises AlreadyIssued, QuotaExceeded (发票总额度 counts net totals of the
    calendar month, all kinds together), RateNotInForce."""
    if invoice.state not in ("draft", "refused"):
        raise AlreadyIssued(invoice_id=str(invoice.id), state=invoice.state)
    for line in invoice.lines:
        if line.rate_ppm not in rates_ppm:
            raise RateNotInForce(line=line.name, rate_ppm=line.rate_ppm, on=today.isoformat())
    left = month_quota(quota).left_fen
    if left is not None and invoice.amount_fen > left:
        raise QuotaExceeded(
            month=quota.month_on.isoformat()[:7],
            limit_fen=quota.limit_fen,
            left_fen=left,
            amount_fen=invoice.amount_fen,
            next_step="向税务机关申请调整发票总额度，调整后刷新额度",
        )
    return replace(
        invoice,
        state="submitted",
        version=invoice.version + 1,
        issued_on=today,
        quota_month_on=quota.month_on,
        submitted_at=now,
        refusal=None,
    )


def month_quota(quota: Quota) -> MonthQuota:
    """What is left of a month's quota, never below zero."""
    left = None if quota.limit_fen is None else max(0, quota.limit_fen - quota.used_fen)
    return MonthQuota(
        month_on=quota.month_on,
        limit_fen=quota.limit_fen,
        used_fen=quota.used_fen,
        left_fen=left,
    )


def month_of(on: date) -> date:
    """The first day of a date's month."""
    return on.replace(day=1)


def sheet(invoice: Invoice) -> Sheet:
    """An issued invoice as its documents show it."""
    assert invoice.number is not None and invoice.issued_on is not None
    assert invoice.issued_at is not None
    return Sheet(
        kind=invoice.kind,
        number=invoice.number,
        red=False,
        issued_on=invoice.issued_on,
        issued_at=invoice.issued_at,
        seller_name=invoice.seller_name,
        seller_uscc=invoice.seller_uscc,
        buyer_name=invoice.buyer_name,
        buyer_uscc=invoice.buyer_uscc or "",
        lines=printed(invoice.lines),
        amount_fen=invoice.amount_fen,
        tax_fen=invoice.tax_fen,
        total_fen=invoice.total_fen,
        remark=invoice.remark,
        drawer=invoice.drawer,
    )
