"""Reads a firm's whole books and writes them in another program's format."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable

import xlsxwriter

from app.identity import operations as identity
from app.queries import load
from app.work import Work
from bookkeeping.exports import rules
from bookkeeping.exports.model import BookLine, Books, Exported, Format, TooMuchToExport
from bookkeeping.journal import operations as journal

sql = load(__name__)
MOST_LINES = 200_000
TEXT = "text/plain"
CSV = "text/csv"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"
MEDIA_TYPES = (TEXT, CSV, SHEET, XML)


async def export(work: Work, *, form: Format) -> Exported:
    """The books as a file; raises TooMuchToExport."""
    firm = await identity.business(work)
    lines = await work.all(BookLine, sql.lines, limit=MOST_LINES + 1)
    if len(lines) > MOST_LINES:
        raise TooMuchToExport(limit=MOST_LINES)
    books = Books(
        firm=firm.name,
        uscc=firm.uscc or "",
        accounts=await journal.accounts(work),
        lines=lines,
    )
    writers: dict[Format, tuple[str, str, Callable[[], bytes]]] = {
        "beancount": ("beancount", TEXT, lambda: rules.beancount(books).encode()),
        "hledger": ("journal", TEXT, lambda: rules.hledger(books).encode()),
        "csv": ("csv", CSV, lambda: rules.comma_separated(books).encode()),
        "xlsx": ("xlsx", SHEET, lambda: spreadsheet(books)),
        "gbt24589": ("xml", XML, lambda: rules.national(books, today=work.today)),
    }
    ending, media_type, write = writers[form]
    content = await asyncio.to_thread(write)
    return Exported(name=f"books.{ending}", media_type=media_type, content=content)


def spreadsheet(books: Books) -> bytes:
    """Two sheets: the chart and every line; texts are texts, amounts are numbers in yuan."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    money = book.add_format({"num_format": "#,##0.00"})
    chart = book.add_worksheet("accounts")
    chart.write_row(0, 0, ("code", "name", "parent", "normal", "category"))
    for at, account in enumerate(books.accounts, start=1):
        texts = (account.code, account.name, account.parent or "", account.normal)
        for column, text in enumerate((*texts, account.category)):
            chart.write_string(at, column, text)
    sheet = book.add_worksheet("lines")
    sheet.write_row(0, 0, rules.COLUMNS)
    amounts = (rules.COLUMNS.index("debit"), rules.COLUMNS.index("credit"))
    for at, row in enumerate(rules.rows(books), start=1):
        for column, text in enumerate(row):
            if column in amounts:
                sheet.write_number(at, column, float(text), money)
            else:
                sheet.write_string(at, column, text)
    book.close()
    return out.getvalue()
