"""What a red letter may take back, and what its tax is, to the last fen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from app.money import mul_ratio
from invoicing.invoices import rules as invoices
from invoicing.invoices.model import Invoice, Line
from invoicing.red_letters.model import (
    MustBeWhole,
    NewRedLetter,
    NotReversible,
    RedAmountTooLarge,
    RedLetter,
    RedLine,
    Taken,
)
from invoicing.sheets.model import PrintedLine, Sheet


def red_lines(invoice: Invoice, new: NewRedLetter, taken: Sequence[Taken]) -> list[RedLine]:
    """The lines of a red letter. Raises NotReversible, RedAmountTooLarge, MustBeWhole."""
    if invoice.state != "issued":
        raise NotReversible(invoice_id=invoice.id, state=invoice.state)
    if new.reason == "01" and (taken or new.lines is not None):
        raise MustBeWhole(invoice_id=invoice.id)
    before = {row.line_no: row for row in taken}
    lines = []
    for no, line in enumerate(invoice.lines, start=1):
        left, left_tax = left_of(line, before.get(no))
        wanted = left if new.lines is None else asked(new).get(no, 0)
        if wanted > left:
            raise RedAmountTooLarge(line_no=no, left_fen=left, amount_fen=wanted)
        if wanted:
            tax = part_of_tax(line, wanted, left=left, left_tax=left_tax)
            lines.append(red_line(no, line, wanted, tax))
    known = range(1, len(invoice.lines) + 1)
    strange = [no for no in asked(new) if no not in known]
    if strange:
        raise RedAmountTooLarge(line_no=strange[0], left_fen=0)
    if not lines:
        raise NotReversible(invoice_id=invoice.id, left_fen=0)
    return lines


def asked(new: NewRedLetter) -> Mapping[int, int]:
    """Amounts by line, those of a line named twice together."""
    amounts: dict[int, int] = {}
    for part in new.lines or ():
        amounts[part.line_no] = amounts.get(part.line_no, 0) + part.amount_fen
    return amounts


def left_of(line: Line, taken: Taken | None) -> tuple[int, int]:
    """Net amount and tax of a line that no red letter has taken yet."""
    if taken is None:
        return line.amount_fen, line.tax_fen
    return line.amount_fen + taken.amount_fen, line.tax_fen + taken.tax_fen


def part_of_tax(line: Line, wanted: int, *, left: int, left_tax: int) -> int:
    """The tax of a part by its share of the line, half-up; the last part takes all that is left."""
    if wanted == left:
        return left_tax
    return min(left_tax, mul_ratio(line.tax_fen, wanted, line.amount_fen))


def red_line(no: int, line: Line, amount: int, tax: int) -> RedLine:
    """A line of a red letter: the blue line's name and rate, amounts below zero."""
    return RedLine(
        line_no=no,
        name=line.name,
        rate_ppm=line.rate_ppm,
        tax_code=line.tax_code,
        amount_fen=-amount,
        tax_fen=-tax,
        total_fen=-amount - tax,
    )


def restores_quota(invoice: Invoice, *, on: date) -> bool:
    """A red letter of the blue's own month gives its quota back, a later one does not."""
    return invoice.quota_month_on == invoices.month_of(on)


def sheet(red: RedLetter, blue: Invoice) -> Sheet:
    """A red letter as its documents show it; a line taken whole keeps its quantity, below zero."""
    assert red.number is not None and red.issued_at is not None
    return Sheet(
        kind=blue.kind,
        number=red.number,
        red=True,
        issued_on=red.issued_on,
        issued_at=red.issued_at,
        seller_name=blue.seller_name,
        seller_uscc=blue.seller_uscc,
        buyer_name=blue.buyer_name,
        buyer_uscc=blue.buyer_uscc or "",
        lines=[printed(line, blue.lines[line.line_no - 1]) for line in red.lines],
        amount_fen=red.amount_fen,
        tax_fen=red.tax_fen,
        total_fen=red.total_fen,
        remark=f"被红冲蓝字数电发票号码：{blue.number}",
        drawer=blue.drawer,
    )


def printed(red: RedLine, blue: Line) -> PrintedLine:
    """A line as documents print it."""
    whole = red.amount_fen == -blue.amount_fen and not blue.discount_fen
    return PrintedLine(
        name=red.name,
        specification=blue.specification if whole else "",
        unit=blue.unit if whole else "",
        quantity=f"-{blue.quantity}" if whole else "",
        unit_price=invoices.net_price(blue, blue.amount_fen) if whole else "",
        rate_ppm=red.rate_ppm,
        tax_code=red.tax_code,
        amount_fen=red.amount_fen,
        tax_fen=red.tax_fen,
        is_discount=False,
    )
