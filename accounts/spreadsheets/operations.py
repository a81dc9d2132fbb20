"""Opens workbooks and makes them; what is slow runs beside the event loop."""

import asyncio
import io
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import xlsxwriter

from accounts.spreadsheets import rules
from accounts.spreadsheets.model import Bounds, Cell, Form, Line, NotATable, Sheet
from app.names import clean

MEDIA_TYPES: dict[Form, str] = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def read(content: bytes, *, bounds: Bounds) -> list[Line]:
    """The lines of a CSV or XLSX file that hold anything; NotATable, TableTooLarge."""
    if rules.form_of(content) == "csv":
        return await asyncio.to_thread(rules.lines_of_csv, content, bounds)
    return await asyncio.to_thread(_workbook_lines, content, bounds)


async def write(sheet: Sheet, *, form: Form) -> bytes:
    """The table as a file; texts stay texts, amounts are numbers in a workbook."""
    if form == "csv":
        return await asyncio.to_thread(rules.as_csv, sheet)
    return await asyncio.to_thread(_workbook, sheet)


def _workbook_lines(content: bytes, bounds: Bounds) -> list[Line]:
    """The first worksheet, read only: no formula is worked out, no link is followed."""
    rules.harmless_workbook(content, bounds)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        try:
            return rules.lines_of_cells(_cells(book, bounds), bounds)
        finally:
            book.close()
    except (KeyError, ValueError, TypeError, AttributeError, IndexError, SyntaxError) as error:
        raise NotATable(problem="workbook") from error


def _cells(book: Any, bounds: Bounds) -> Iterator[list[Cell]]:
    """Rows of the first worksheet; one column and a thousand empty rows more than is taken, so
    that too many are seen and none are read in vain."""
    sheet = book.worksheets[0]
    sheet.reset_dimensions()
    for row in sheet.iter_rows(max_row=2 * bounds.rows + 1_000, max_col=bounds.columns + 1):
        yield [_cell(cell) for cell in row]


def _cell(cell: Any) -> Cell:
    value = cell.value
    if value is None:
        return Cell(text="")
    if cell.data_type == "f":
        return Cell(text=str(value), kind="formula")
    if isinstance(value, bool | datetime | date | time) or cell.data_type == "e":
        return Cell(text=str(value), kind="other")
    if isinstance(value, str):
        return Cell(text=clean(value))
    return Cell(text=repr(value), kind="number")


def _workbook(sheet: Sheet) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False})
    money = book.add_format({"num_format": "#,##0.00"})
    text = book.add_format({"num_format": "@"})
    page = book.add_worksheet(sheet.title)
    page.set_column(0, len(sheet.header) - 1, 22, text)
    page.freeze_panes(1, 0)
    page.write_row(0, 0, sheet.header)
    for at, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            if column in sheet.numbers and value:
                page.write_number(at, column, float(value), money)
            elif value:
                page.write_string(at, column, value, text)
    book.close()
    return out.getvalue()
