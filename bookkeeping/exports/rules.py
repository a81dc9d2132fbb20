"""The books as text: beancount, hledger, CSV, and the national standard GB/T 24589.1."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import groupby

from lxml import etree

from app.money import MAX_FEN
from bookkeeping.exports.model import BookLine, Books
from bookkeeping.journal.model import Account
from invoicing.sheets.rules import xml_text

ROOTS = {
    "asset": "Assets",
    "cost": "Assets",
    "liability": "Liabilities",
    "equity": "Equity",
    "pl_income": "Income",
    "pl_expense": "Expenses",
}
# What a spreadsheet would take for a formula, plain and full-width.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
COLUMNS = (
    "date", "voucher", "kind", "summary", "account", "name", "debit", "credit", "memo", "party",
)  # fmt: skip
_BLANKS = re.compile(r"\s+")
# GB/T 24589.1 账户类型 of the five kinds of accounts.
CATEGORY_NAMES = {
    "asset": "资产类",
    "liability": "负债类",
    "equity": "所有者权益类",
    "cost": "成本类",
    "pl_income": "损益类",
    "pl_expense": "损益类",
}


def yuan(fen: int) -> str:
    """Fen as `-1234.56`, without thousands marks."""
    assert abs(fen) <= MAX_FEN * MAX_FEN
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{whole // 100}.{whole % 100:02d}"


def one_line(text: str) -> str:
    """Text without line breaks and repeated blanks."""
    return _BLANKS.sub(" ", text).strip()


def voucher_name(line: BookLine) -> str:
    """`记-12`."""
    return f"{line.word}-{line.number}"


def by_voucher(lines: Sequence[BookLine]) -> Iterator[list[BookLine]]:
    """Lines voucher by voucher, in the order of the books."""
    for _, group in groupby(lines, key=lambda line: (line.dated_on, line.word, line.number)):
        yield list(group)


def account_names(accounts: Sequence[Account]) -> dict[str, str]:
    """Account codes as accounts of plain-text accounting: `Assets:1002`."""
    return {a.code: f"{ROOTS[a.category]}:{a.code}" for a in accounts}


def used(books: Books) -> list[Account]:
    """The accounts that lines name, in order."""
    codes = {line.account for line in books.lines}
    return [account for account in books.accounts if account.code in codes]


def beancount(books: Books) -> str:
    """A beancount file: every used account opened on the first day, every voucher a transaction."""
    names = account_names(books.accounts)
    out = [
        f'option "title" "{quoted(books.firm)}"',
        'option "operating_currency" "CNY"',
        "",
    ]
    first_on = min((line.dated_on for line in books.lines), default=date(1990, 1, 1))
    for account in used(books):
        out.append(f"{first_on} open {names[account.code]} CNY")
        out.append(f'  name: "{quoted(account.name)}"')
    for lines in by_voucher(books.lines):
        head = lines[0]
        out += ["", f'{head.dated_on} * "{quoted(head.summary)}"']
        out.append(f'  voucher: "{voucher_name(head)}"')
        for line in lines:
            amount = yuan(line.debit_fen - line.credit_fen)
            out.append(f"  {names[line.account]}  {amount} CNY")
            if line.party:
                out.append(f'    party: "{quoted(line.party)}"')
    return "\n".join(out) + "\n"


def quoted(text: str) -> str:
    """Text inside beancount's quotes."""
    return one_line(text).replace("\\", "\\\\").replace('"', '\\"')


def hledger(books: Books) -> str:
    """An hledger journal."""
    names = account_names(books.accounts)
    out = ["decimal-mark .", "commodity 1000.00 CNY", ""]
    types = {"Assets": "A", "Liabilities": "L", "Equity": "E", "Income": "R", "Expenses": "X"}
    for account in used(books):
        name = names[account.code]
        out.append(
            f"account {name}  ; type: {types[name.partition(':')[0]]}, {remark(account.name)}"
        )
    for lines in by_voucher(books.lines):
        head = lines[0]
        out += ["", f"{head.dated_on} * ({voucher_name(head)}) {remark(head.summary)}"]
        for line in lines:
            amount = yuan(line.debit_fen - line.credit_fen)
            party = f"  ; party: {remark(line.party)}" if line.party else ""
            out.append(f"    {names[line.account]}  {amount} CNY{party}")
    return "\n".join(out) + "\n"


def remark(text: str) -> str:
    """Text that hledger reads as text: no comment mark, no tag separators."""
    plain = one_line(text).replace(";", "；").replace("|", "｜")
    return plain.replace(",", "，").replace(":", "：")


def rows(books: Books) -> Iterator[list[str]]:
    """One row a line, amounts in yuan."""
    names = {account.code: account.name for account in books.accounts}
    for line in books.lines:
        yield [
            line.dated_on.isoformat(),
            voucher_name(line),
            line.kind,
            harmless(line.summary),
            line.account,
            harmless(names[line.account]),
            yuan(line.debit_fen),
            yuan(line.credit_fen),
            harmless(line.memo),
            harmless(line.party or ""),
        ]


def harmless(text: str) -> str:
    """Text that no spreadsheet runs as a formula."""
    plain = one_line(text)
    return f"'{plain}" if text.startswith(FORMULA) or plain.startswith(FORMULA) else plain


def comma_separated(books: Books) -> str:
    """CSV, every field quoted, with the mark by which spreadsheets know UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    writer.writerow(COLUMNS)
    writer.writerows(rows(books))
    return "\ufeff" + out.getvalue()


def month_balances(books: Books) -> Iterator[tuple[date, str, int, int, int]]:
    """Month, account, opening, debit and credit of every account from its first month on."""
    moved: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for line in books.lines:
        row = moved[line.dated_on.replace(day=1), line.account]
        row[0] += line.debit_fen
        row[1] += line.credit_fen
    months = sorted({month for month, _ in moved})
    opening: dict[str, int] = {}
    for month in months:
        for code in sorted({code for on, code in moved if on == month} | opening.keys()):
            debit, credit = moved.get((month, code), [0, 0])
            before = opening.get(code, 0)
            yield month, code, before, debit, credit
            opening[code] = before + debit - credit


def side(fen: int) -> str:
    """余额方向."""
    return "借" if fen > 0 else "贷" if fen < 0 else "平"


def national(books: Books, *, today: date) -> bytes:
    """GB/T 24589.1-2010 财经信息技术 会计核算软件数据接口 第1部分：企业: 公共档案 and 总账."""
    root = etree.Element("会计核算软件数据接口")
    _public_files(etree.SubElement(root, "公共档案"), books, today)
    ledger = etree.SubElement(root, "总账")
    _add(ledger, "总账基础信息", 结构分隔符="-", 会计科目编号规则="4-2-2", 凭证头可扩展字段结构="",
         分录行可扩展字段结构="")  # fmt: skip
    for account in books.accounts:
        _add(
            ledger,
            "会计科目",
            科目编号=account.code,
            科目名称=account.name,
            科目级次=str(max(1, (len(account.code) - 2) // 2)),
            科目类型=CATEGORY_NAMES[account.category],
            余额方向="借" if account.normal == "debit" else "贷",
        )
    for month, code, opening, debit, credit in month_balances(books):
        closing = opening + debit - credit
        _add(
            ledger,
            "科目余额及发生额",
            科目编号=code,
            期初余额方向=side(opening),
            期末余额方向=side(closing),
            币种编码="CNY",
            会计年度=str(month.year),
            会计期间号=str(month.month),
            期初本币余额=yuan(abs(opening)),
            借方本币发生额=yuan(debit),
            贷方本币发生额=yuan(credit),
            期末本币余额=yuan(abs(closing)),
        )
    for line in books.lines:
        _voucher_line(ledger, line)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _public_files(parent: etree._Element, books: Books, today: date) -> None:
    years = sorted({line.dated_on.year for line in books.lines} or {today.year})
    _add(
        parent,
        "电子账簿",
        电子账簿编号="1",
        电子账簿名称=books.firm,
        会计核算单位=books.firm,
        组织机构代码=books.uscc,
        开发单位="小微",
        本位币="CNY",
        会计年度=str(years[-1]),
        标准版本号="GB/T 24589.1-2010",
    )
    for year in years:
        for month in range(1, 13):
            first_on = date(year, month, 1)
            next_on = date(year + month // 12, month % 12 + 1, 1)
            _add(
                parent,
                "会计期间",
                会计年度=str(year),
                会计期间号=str(month),
                会计期间起始日期=f"{first_on:%Y%m%d}",
                会计期间结束日期=f"{next_on - timedelta(days=1):%Y%m%d}",
            )
    _add(parent, "记账凭证类型", 记账凭证类型编号="1", 记账凭证类型名称="记账凭证",
         记账凭证类型简称="记")  # fmt: skip
    _add(parent, "币种", 币种编码="CNY", 币种名称="人民币")
    for party in sorted({line.party for line in books.lines if line.party}):
        _add(parent, "往来单位档案", 往来单位编号=party, 往来单位名称=party)


def _voucher_line(parent: etree._Element, line: BookLine) -> None:
    _add(
        parent,
        "记账凭证",
        记账凭证日期=f"{line.dated_on:%Y%m%d}",
        会计年度=str(line.dated_on.year),
        会计期间号=str(line.dated_on.month),
        记账凭证类型编号="1",
        记账凭证编号=str(line.number),
        记账凭证行号=str(line.line_no),
        记账凭证摘要=one_line(line.memo or line.summary),
        科目编号=line.account,
        往来单位编号=line.party or "",
        币种编码="CNY",
        借方本币发生额=yuan(line.debit_fen),
        贷方本币发生额=yuan(line.credit_fen),
        附件数="0",
        记账标志="1",
        作废标志="0",
    )


def _add(parent: etree._Element, tag: str, **fields: str) -> None:
    element = etree.SubElement(parent, tag)
    for name, text in fields.items():
        etree.SubElement(element, name).text = xml_text(text)
