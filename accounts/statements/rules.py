"""A statement as a table that spreadsheets open without running anything."""

import csv
import io
import re

from accounts.statements.model import Line, Statement

MOST_LINES = 5_000
HEADER = ("序号", "记账日期", "交易时间", "收入", "支出", "余额", "对方户名", "对方账号", "摘要")
# What a spreadsheet takes for a formula, in both widths.
_FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")


def sums(lines: list[Line]) -> tuple[int, int]:
    """What came in and what went out, in fen."""
    came = sum(line.amount_fen for line in lines if line.amount_fen > 0)
    went = -sum(line.amount_fen for line in lines if line.amount_fen < 0)
    return came, went


def plain_yuan(fen: int) -> str:
    """1234.56: no signs of thousands, so that programs read it."""
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(statement: Statement) -> bytes:
    """The lines as CSV in UTF-8 with a byte order mark, every cell quoted."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(HEADER)
    for line in statement.lines:
        came, went = max(line.amount_fen, 0), max(-line.amount_fen, 0)
        tail = line.counterparty_account_tail
        writer.writerow(
            [
                str(line.seq),
                line.booked_on.isoformat(),
                line.at.isoformat(),
                plain_yuan(came) if came else "",
                plain_yuan(went) if went else "",
                plain_yuan(line.balance_after_fen),
                cell(line.counterparty_name or ""),
                f"尾号 {tail}" if tail else "",
                cell(line.memo),
            ]
        )
    return out.getvalue().encode("utf-8-sig")
