"""What a row of a file must hold to be paid, and what is told where it does not."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from msgspec.structs import replace

from accounts.batches.model import Holder, Known, PayableRow, ReadRow, RowProblem
from accounts.batches.rules import FIELDS, RESULT_TITLES, TITLES, plain_yuan
from accounts.parties.rules import is_watched, same_name, tail
from accounts.payments.model import Purpose
from accounts.spreadsheets.model import Cell, Line, NotATable
from app.money import MAX_FEN
from app.reference import rules as identifiers

NEEDED = FIELDS[:4]
HEADERS: dict[str, str] = {
    **dict(zip(TITLES, FIELDS, strict=True)),
    **{name: name for name in FIELDS},
    "户名": "payee_name", "收款户名": "payee_name", "收款人": "payee_name",
    "payee name": "payee_name", "payee": "payee_name",
    "账号": "account_number", "收款账号": "account_number",
    "account number": "account_number", "account": "account_number",
    "行号(12位)": "bank_code", "联行号": "bank_code", "bank code": "bank_code",
    "金额": "amount", "付款金额": "amount", "amount (yuan)": "amount",
    "类型": "purpose", "摘要": "memo", "用途": "memo", "备注": "memo",
    "编号": "reference", "订单号": "reference",
}  # fmt: skip
PURPOSES: dict[str, Purpose] = {
    "": "goods", "货款": "goods", "服务": "services", "服务费": "services", "租金": "rent",
    "工资": "wages", "税费": "tax", "退款": "refund", "借款": "loan", "本单位转账": "own_account",
    "其他": "other",
}  # fmt: skip
_AMOUNT = re.compile(r"(?:0|[1-9][0-9]{0,14})(?:\.([0-9]{1,2}))?", re.ASCII)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?:\.[0-9]{1,2})?", re.ASCII)
_NUMBER = re.compile(r"[0-9]{9,32}", re.ASCII)
_BANK_CODE = re.compile(r"[0-9]{12}", re.ASCII)
_WIDE_DIGIT = re.compile(r"[０-９]")
_BLANKS = re.compile(r"[ \t\u3000\u00a0-]+")
LONGEST = {"payee_name": 100, "memo": 140, "reference": 64}

# code: what is wrong, what to do, the same in English.
TEXTS: dict[str, tuple[str, str, str]] = {
    "missing": ("必填项为空", "请填写后重新上传", "required and empty: fill it in"),
    "formula": ("含有公式，系统不计算公式", "请改为数值或文本后重新上传",
                "a formula is never worked out: put the value or the text"),
    "full_width": ("含有全角数字", "请改用半角数字，例如 1234.50",
                   "full-width digits: use half-width ones"),
    "amount": ("金额格式不正确", "以元为单位、最多两位小数的正数，例如 1234.50",
               "not an amount in yuan with at most two decimals"),
    "amount_zero": ("金额必须大于零", "请修改金额", "the amount must be above zero"),
    "amount_large": ("金额超过允许的最大值", "请拆分或改用单笔付款", "the amount is too large"),
    "account": ("账号不是9至32位数字", "请核对收款人账号", "not an account number: 9 to 32 digits"),
    "as_number": ("单元格是数值格式，可能已丢失前导零或末位数字",
                  "请将该列设为文本格式后重新填写",
                  "the cell holds a number and may have lost digits: format the column as text"),
    "bank_code": ("行号有误，校验位或银行不符", "请核对12位联行号",
                  "not a bank code: its check digit does not fit or no bank has it"),
    "purpose": ("款项类型不在可选范围", "请选择模板中列出的类型", "not one of the purposes listed"),
    "too_long": ("文字过长", "请缩短后重新上传", "the text is too long"),
    "name_short": ("户名少于两个字", "请填写完整户名", "a name has two characters at least"),
    "payee_unknown": ("本行无此账号", "请核对账号与行号", "this bank has no such account"),
    "name_mismatch": ("户名与账号不符", "请核对收款人户名", "the name is not the account's holder"),
    "payer": ("收款账户就是付款账户", "请删除该行", "payer and payee are the same account"),
    "over_limit": ("超过您的单笔限额", "请由限额更高的人员制单或调整限额",
                   "above what you may pay at once"),
    "twice_in_file": ("文件中有相同收款人和金额的行", "如非重复付款可忽略，否则请删除该行",
                      "another row pays the same amount to the same account"),
    "paid_lately": ("近期已向该收款人支付相同金额", "如非重复付款可忽略，否则请删除该行",
                    "the same amount was paid to this payee lately"),
    "listed": ("收款人命中风险名单", "请联系开户网点核实", "the payee is on a watch list"),
    "watched": ("新收款人，需他人复核", "无需处理，复核时请核对账号",
                "a new payee: another person must agree"),
}  # fmt: skip


def problem(field: str, code: str) -> RowProblem:
    """What is wrong with a field, told in both languages."""
    zh, next_step, english = TEXTS[code]
    return RowProblem(field=field, code=code, problem=zh, next_step=next_step, english=english)


def header(line: Line) -> dict[int, str]:
    """Which column holds which field; NotATable names what is missing, unknown or twice."""
    found: dict[int, str] = {}
    for column, cell in enumerate(line.cells):
        title = cell.text.strip().lower().replace("（", "(").replace("）", ")")
        if not title or title in RESULT_TITLES:
            continue
        field = HEADERS.get(title)
        if field is None:
            raise NotATable(problem="column_unknown", column=cell.text[:50], known=list(TITLES))
        if field in found.values():
            raise NotATable(problem="column_twice", column=cell.text[:50])
        found[column] = field
    if missing := [TITLES[FIELDS.index(name)] for name in NEEDED if name not in found.values()]:
        raise NotATable(problem="columns_missing", columns=missing)
    return found


def rows(lines: Sequence[Line]) -> list[ReadRow]:
    """Every row of a table under its header, with what is wrong in each; NotATable."""
    if not lines:
        raise NotATable(problem="empty")
    columns = header(lines[0])
    found = [_row(line, columns) for line in lines[1:]]
    if not found:
        raise NotATable(problem="no_rows")
    return marked_twice(found)


def _row(line: Line, columns: Mapping[int, str]) -> ReadRow:
    cells = {
        field: line.cells[at] if at < len(line.cells) else Cell(text="")
        for at, field in columns.items()
    }
    values: dict[str, Any] = {}
    problems: list[RowProblem] = []
    for field in FIELDS:
        value, code = _field(field, cells.get(field, Cell(text="")))
        if code:
            problems.append(problem(field, code))
        if value is not None:
            values["amount_fen" if field == "amount" else field] = value
    raw = [cells[field].text if field in cells else "" for field in FIELDS] if problems else []
    return ReadRow(line_no=line.no, problems=problems, raw=raw, **values)


def _field(name: str, cell: Cell) -> tuple[Any, str]:
    """The value of a field and the code of what is wrong with it; a wrong one has no value."""
    text = cell.text
    if not text:
        return None, "missing" if name in NEEDED else ""
    if cell.kind == "formula":
        return None, "formula"
    match name:
        case "amount":
            return amount(text)
        case "account_number" | "bank_code":
            return _digits(name, cell)
        case "purpose":
            return _purpose(text)
    if name == "payee_name" and len(text) < 2:
        return None, "name_short"
    return (None, "too_long") if len(text) > LONGEST[name] else (text, "")


def amount(text: str) -> tuple[int | None, str]:
    """Fen from yuan as typed: digits, two decimals at most; or the code of what is wrong.

    `1,234.50` is understood, `１２３４` and `1e3` are not guessed at.
    """
    if _WIDE_DIGIT.search(text):
        return None, "full_width"
    plain = text.replace(",", "") if _GROUPED.fullmatch(text) else text
    # What a workbook holds as a number has one decimal of its own: 1200.0.
    if not _AMOUNT.fullmatch(plain):
        return None, "amount"
    yuan, _, decimals = plain.partition(".")
    fen = int(yuan) * 100 + int((decimals + "00")[:2])
    if fen == 0:
        return None, "amount_zero"
    return (None, "amount_large") if fen > MAX_FEN else (fen, "")


def _digits(name: str, cell: Cell) -> tuple[str | None, str]:
    if cell.kind != "text":
        return None, "as_number"
    if _WIDE_DIGIT.search(cell.text):
        return None, "full_width"
    plain = _BLANKS.sub("", cell.text)
    if name == "account_number":
        return (plain, "") if _NUMBER.fullmatch(plain) else (None, "account")
    sound = _BANK_CODE.fullmatch(plain) and identifiers.bank_code(plain).valid
    return (plain, "") if sound else (None, "bank_code")


def _purpose(text: str) -> tuple[str | None, str]:
    found = PURPOSES.get(text) or (text if text in get_args(Purpose) else None)
    return (found, "") if found else (None, "purpose")


def marked_twice(found: Sequence[ReadRow]) -> list[ReadRow]:
    """The rows, warned where an earlier one pays the same amount to the same account."""
    seen: set[tuple[str, str, int]] = set()
    out: list[ReadRow] = []
    for row in found:
        if row.amount_fen is not None and row.account_number:
            mark = (row.account_number, row.bank_code, row.amount_fen)
            if mark in seen:
                row = warned(row, problem("amount", "twice_in_file"))
            seen.add(mark)
        out.append(row)
    return out


def warned(row: ReadRow, about: RowProblem) -> ReadRow:
    """The row with one more warning, which does not keep it from being paid."""
    return replace(row, warnings=[*row.warnings, about])


def wrong(row: ReadRow, about: RowProblem) -> ReadRow:
    """The row with one more problem: it is not paid. What was read of it is kept as typed."""
    return replace(row, problems=[*row.problems, about], raw=row.raw or typed(row))


def typed(row: ReadRow) -> list[str]:
    """A row as it would stand in the file, in the order of the template."""
    yuan = "" if row.amount_fen is None else plain_yuan(row.amount_fen)
    return [row.payee_name, row.account_number, row.bank_code, yuan, row.purpose, row.memo,
            row.reference]  # fmt: skip


def total(found: Iterable[ReadRow]) -> int:
    """The sum of the sound rows in fen; NotATable where it is beyond every bound."""
    fen = sum(row.amount_fen or 0 for row in found if not row.problems)
    if fen > MAX_FEN:
        raise NotATable(problem="total_too_large", most_fen=MAX_FEN)
    return fen


def held_by(row: ReadRow, holder: Holder | None, *, payer: UUID) -> ReadRow:
    """The row checked against the account of this bank that it pays to."""
    if holder is None:
        return wrong(row, problem("account_number", "payee_unknown"))
    if holder.account_id == payer:
        return wrong(row, problem("account_number", "payer"))
    if row.payee_name and not same_name(row.payee_name, holder.name):
        return wrong(row, problem("payee_name", "name_mismatch"))
    return row


def known_as(row: ReadRow, known: Known | None, now: datetime) -> ReadRow:
    """The row with how well the firm knows its payee; a new one is told to whoever agrees."""
    if known is None:
        return _new(row, None)
    if is_watched(trusted=known.trusted, cooling_until=known.cooling_until, now=now):
        return _new(row, known.id)
    return replace(row, payee="trusted" if known.trusted else "known", party_id=known.id)


def _new(row: ReadRow, party_id: UUID | None) -> ReadRow:
    row = replace(row, payee="new", party_id=party_id)
    return row if row.problems else warned(row, problem("payee_name", "watched"))


def payable_rows(
    found: Sequence[ReadRow], ids: Sequence[UUID], sealed: Sequence[bytes | None]
) -> list[tuple[PayableRow, str]]:
    """The sound rows as they are stored, each with its account number in clear."""
    out = []
    for no, (row, row_id, seal) in enumerate(zip(found, ids, sealed, strict=True), 1):
        if seal is None or row.amount_fen is None:
            continue
        stored = PayableRow(
            no=no,
            payment_id=row_id,
            payee_name=row.payee_name,
            payee_sealed=seal,
            payee_account_tail=tail(row.account_number),
            payee_bank_code=row.bank_code,
            amount_fen=row.amount_fen,
            purpose=row.purpose,
            memo=row.memo,
            reference=row.reference,
        )
        out.append((stored, row.account_number))
    return out
