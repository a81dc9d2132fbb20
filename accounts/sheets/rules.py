"""A statement as CSV, as a workbook, and laid out on pages, the amounts exact to the fen."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any, BinaryIO
from zoneinfo import ZoneInfo

import xlsxwriter

from accounts.lines.model import Frame, Line

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = (
    "序号", "记账日期", "交易时间", "业务类型", "收入", "支出", "余额", "对方户名", "对方账号",
    "对方行号", "摘要", "流水号",
)  # fmt: skip
WIDTHS = (8, 12, 11, 14, 17, 17, 19, 34, 14, 15, 40, 36)
# What a spreadsheet takes for a formula, in both widths.
_FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")
# A spreadsheet's numbers carry 15 digits; an amount beyond is written as text, exact.
_EXACT_FEN = 10**15

# A page of A4 lying down, in tenths of a millimetre, and what each part of it takes.
PAGE_HEIGHT = 1_860
HEAD_HEIGHT = 345
FOOT_HEIGHT = 200
TABLE_HEAD = 70
ROW_PADDING = 23
ROW_LINE = 38
# How many half-width signs fit into the columns that wrap, on the safe side.
NAME_SIGNS = 30
MEMO_SIGNS = 35
TAIL_SIGNS = 10


def plain_yuan(fen: int) -> str:
    """1234.56: no signs of thousands, so that programs read it."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def last_on(frame: Frame) -> str:
    """The last business date of the range, as people say it."""
    return (frame.until_on - timedelta(days=1)).isoformat()


def file_name(frame: Frame, ending: str) -> str:
    """Whose, from when to when."""
    return f"{frame.account_number}_{frame.from_on}_{last_on(frame)}.{ending}"


def _texts(line: Line) -> tuple[str, str, str, str, str]:
    tail = line.counterparty_account_tail
    return (
        line.counterparty_name or "",
        f"尾号 {tail}" if tail else "",
        line.counterparty_bank_code or "",
        line.memo,
        line.reference,
    )


def csv_rows(rows: Iterable[Sequence[str]]) -> bytes:
    """Rows as CSV, every cell quoted."""
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()


def csv_head(frame: Frame) -> bytes:
    """Byte order mark, names of the columns, and the opening balance as a line of its own."""
    opening = ["", frame.from_on.isoformat(), "", "期初余额", "", "", plain_yuan(frame.opening_fen)]
    return b"\xef\xbb\xbf" + csv_rows([HEADER, opening + [""] * 5])


def csv_lines(lines: Sequence[Line]) -> bytes:
    """The lines of a stretch."""
    rows = []
    for line in lines:
        came, went = max(line.amount_fen, 0), max(-line.amount_fen, 0)
        at = line.at.astimezone(SHANGHAI)
        head = [str(line.seq), line.booked_on.isoformat(), f"{at:%H:%M:%S}", line.label]
        money = [plain_yuan(came) if came else "", plain_yuan(went) if went else ""]
        rows.append([*head, *money, plain_yuan(line.balance_after_fen), *map(cell, _texts(line))])
    return csv_rows(rows)


def csv_tail(frame: Frame) -> bytes:
    """Sums and the closing balance."""
    sums = [plain_yuan(frame.came_in_fen), plain_yuan(frame.went_out_fen)]
    closing = ["", last_on(frame), "", "合计及期末余额", *sums, plain_yuan(frame.closing_fen)]
    return csv_rows([closing + [""] * 5])


class Workbook:
    """A statement as a workbook, written row by row so that its length costs no memory."""

    def __init__(self, out: BinaryIO, frame: Frame, *, folder: str | None) -> None:
        # Texts stay texts whatever they begin with; each finished row leaves the memory.
        self.book = xlsxwriter.Workbook(
            out,
            {
                "constant_memory": folder is not None,
                "in_memory": folder is None,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.frame = frame
        self.row = 0
        self._formats()
        self._head()

    def _formats(self) -> None:
        make, money = self.book.add_format, {"num_format": "#,##0.00"}
        line = {"bottom": 1, "bottom_color": "#D9D9D9"}
        strong = {"bold": True, "top": 1}
        self.title = make({"bold": True, "font_size": 14})
        self.names = make(
            {"bold": True, "bg_color": "#8D1620", "font_color": "#FFFFFF", "valign": "vcenter"}
        )
        self.text, self.money = make(line), make(line | money)
        self.day, self.time = make(line | {"num_format": "yyyy-mm-dd"}), make(line)
        self.total, self.total_money = make(strong), make(strong | money)

    def _head(self) -> None:
        frame, sheet = self.frame, self.book.add_worksheet("明细")
        self.sheet = sheet
        for column, width in enumerate(WIDTHS):
            sheet.set_column(column, column, width)
        sheet.write_string(0, 0, "账户交易明细", self.title)
        sheet.write_string(1, 0, f"户名：{frame.account_name}　账号：{frame.account_number}")
        span = f"{frame.from_on} 至 {last_on(frame)}"
        sheet.write_string(2, 0, f"币种：{frame.currency}　区间：{span}　笔数：{frame.count}")
        for column, name in enumerate(HEADER):
            sheet.write_string(3, column, name, self.names)
        sheet.write_string(4, 3, "期初余额", self.total)
        self._amount(4, 6, frame.opening_fen, self.total_money)
        sheet.freeze_panes(4, 2)
        self.row = 5

    def _amount(self, row: int, column: int, fen: int, form: Any) -> None:
        if abs(fen) < _EXACT_FEN:
            self.sheet.write_number(row, column, Decimal(fen).scaleb(-2), form)
        else:
            self.sheet.write_string(row, column, plain_yuan(fen), form)

    def add(self, lines: Sequence[Line]) -> None:
        """The lines of a stretch."""
        for line in lines:
            at, row = line.at.astimezone(SHANGHAI), self.row
            self.sheet.write_number(row, 0, line.seq, self.text)
            self.sheet.write_datetime(row, 1, line.booked_on, self.day)
            self.sheet.write_string(row, 2, f"{at:%H:%M:%S}", self.time)
            self.sheet.write_string(row, 3, line.label, self.text)
            for column, fen in ((4, line.amount_fen), (5, -line.amount_fen)):
                if fen > 0:
                    self._amount(row, column, fen, self.money)
                else:
                    self.sheet.write_blank(row, column, None, self.money)
            self._amount(row, 6, line.balance_after_fen, self.money)
            for column, text in enumerate(_texts(line), start=7):
                self.sheet.write_string(row, column, text, self.text)
            self.row += 1

    def close(self) -> None:
        """Sums that follow what is changed above them, and the closing balance."""
        frame, row = self.frame, self.row
        self.sheet.write_string(row, 3, "合计及期末余额", self.total)
        for column, letter, fen in ((4, "E", frame.came_in_fen), (5, "F", frame.went_out_fen)):
            formula = f"=SUM({letter}6:{letter}{row})"
            if row > 5:
                self.sheet.write_formula(row, column, formula, self.total_money, plain_yuan(fen))
            else:
                self._amount(row, column, 0, self.total_money)
        self._amount(row, 6, frame.closing_fen, self.total_money)
        self.sheet.autofilter(3, 0, max(row - 1, 4), len(HEADER) - 1)
        self.book.close()


def width(text: str) -> int:
    """How many half-width signs a text is wide; Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(sign) in "WFA" else 1 for sign in text)


def height(line: Line) -> int:
    """How high a line is on paper, in tenths of a millimetre: as its longest cell wraps."""
    tail = TAIL_SIGNS if line.counterparty_account_tail else 0
    rows = max(
        -(-(width(line.counterparty_name or "") + tail) // NAME_SIGNS),
        -(-width(line.memo) // MEMO_SIGNS),
        1,
    )
    return ROW_PADDING + rows * ROW_LINE


def paginate(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines page by page: each page as full as it can be, none fuller.

    Where a page ends depends only on where it begins: a stretch that begins with a page falls
    into the same pages as the whole.
    """
    room = PAGE_HEIGHT - HEAD_HEIGHT - FOOT_HEIGHT - TABLE_HEAD
    pages: list[list[Line]] = []
    left = 0
    for line in lines:
        needed = min(height(line), room)
        if needed > left:
            pages.append([])
            left = room
        pages[-1].append(line)
        left -= needed
    return pages


def page_data(lines: Sequence[Line], *, number: int) -> dict[str, Any]:
    """What a page of the document shows: its lines, and what they sum up to."""
    came = [line.amount_fen for line in lines if line.amount_fen > 0]
    went = [-line.amount_fen for line in lines if line.amount_fen < 0]
    return {
        "number": number,
        "came_in_fen": sum(came),
        "went_out_fen": sum(went),
        "came_in": len(came),
        "went_out": len(went),
        "lines": [
            {
                "seq": line.seq,
                "booked_on": line.booked_on.isoformat(),
                "at": f"{line.at.astimezone(SHANGHAI):%H:%M:%S}",
                "label": line.label,
                "came_in_fen": max(line.amount_fen, 0),
                "went_out_fen": max(-line.amount_fen, 0),
                "balance_after_fen": line.balance_after_fen,
                "name": line.counterparty_name or "",
                "tail": line.counterparty_account_tail or "",
                "memo": line.memo,
            }
            for line in lines
        ],
    }


def document_data(
    frame: Frame, pages: Sequence[dict[str, Any]], *, of_pages: int, made_at: str, mark: str
) -> dict[str, Any]:
    """The data of some pages of a statement's document; `mark` names the document."""
    return {
        "account_number": frame.account_number,
        "account_name": frame.account_name,
        "currency": frame.currency,
        "from_on": frame.from_on.isoformat(),
        "last_on": last_on(frame),
        "opening_fen": frame.opening_fen,
        "closing_fen": frame.closing_fen,
        "came_in_fen": frame.came_in_fen,
        "went_out_fen": frame.went_out_fen,
        "came_in": frame.came_in,
        "went_out": frame.went_out,
        "made_at": made_at,
        "mark": mark,
        "of_pages": of_pages,
        "pages": list(pages),
    }
