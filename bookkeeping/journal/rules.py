"""The decisions of the books: what a voucher must satisfy, templates, reversal, closing."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from msgspec.structs import replace

from app.money import MAX_FEN
from bookkeeping.journal.model import (
    Account,
    AccountBalance,
    AccountMisplaced,
    AccountUnknown,
    AlreadyReversed,
    Category,
    DateOutOfRange,
    Draft,
    DraftLine,
    LineAmountInvalid,
    NewAccount,
    NewVoucher,
    Period,
    PeriodIsClosed,
    PeriodNotReady,
    Side,
    Template,
    Voucher,
    VoucherUnbalanced,
)

FIRST_DAY, LAST_DAY = date(1990, 1, 1), date(2199, 12, 31)
CASH = ("1001", "1002", "1012")
PARTIED = ("1121", "1122", "1123", "1221", "2201", "2202", "2203", "2241")
PROFIT, RETAINED = "3103", "310405"

# Which line of the cash flow statement (会小企03) a cash line belongs to, from the account that
# stands against it: (prefix, line for money in, line for money out); the longest prefix decides.
# Money back from a supplier or to a customer lowers the line it came from.
CASH_LINES: tuple[tuple[str, int, int], ...] = (
    ("1101", 8, 11),
    ("1131", 9, 11),
    ("1132", 9, 11),
    ("1501", 8, 11),
    ("1511", 8, 11),
    ("1601", 10, 12),
    ("1604", 10, 12),
    ("1605", 10, 12),
    ("1606", 10, 12),
    ("1621", 10, 12),
    ("1701", 10, 12),
    ("1801", 10, 12),
    ("2001", 14, 16),
    ("2501", 14, 16),
    ("2701", 14, 16),
    ("2231", 14, 17),
    ("560301", 2, 17),
    ("3001", 15, 18),
    ("3002", 15, 18),
    ("2232", 15, 18),
    ("3104", 15, 18),
    ("5111", 9, 11),
    ("1121", 1, 3),
    ("1122", 1, 1),
    ("2203", 1, 1),
    ("5001", 1, 1),
    ("5051", 1, 1),
    ("1123", 3, 3),
    ("1401", 3, 3),
    ("1402", 3, 3),
    ("1403", 3, 3),
    ("1405", 3, 3),
    ("1411", 3, 3),
    ("2201", 3, 3),
    ("2202", 3, 3),
    ("5401", 3, 3),
    ("5402", 3, 3),
    ("2211", 2, 4),
    ("224101", 2, 4),
    ("224102", 2, 4),
    ("560204", 2, 4),
    ("2221", 2, 5),
    ("5403", 2, 5),
    ("5801", 2, 5),
)
OTHER_CASH = (2, 6)


def next_month(on: date) -> date:
    """The first day of the month after."""
    return (on.replace(day=28) + timedelta(days=4)).replace(day=1)


def category(code: str, normal: Side, parent: Account | None) -> Category:
    """An account is what its parent is; without one, what its first digit says (会计科目编号)."""
    if parent is not None:
        return parent.category
    if code[0] == "5":
        return "pl_income" if normal == "credit" else "pl_expense"
    classes: dict[str, Category] = {"1": "asset", "2": "liability", "3": "equity", "4": "cost"}
    return classes[code[0]]


def place(new: NewAccount, parent: Account | None) -> Account:
    """The firm's own account in its chart; raises AccountMisplaced."""
    if new.parent is not None:
        if parent is None:
            raise AccountMisplaced(code=new.code, parent=new.parent, parent_exists=False)
        if not new.code.startswith(parent.code) or new.code == parent.code:
            raise AccountMisplaced(code=new.code, parent=new.parent, parent_exists=True)
    return Account(
        code=new.code,
        name=new.name,
        parent=new.parent,
        normal=new.normal,
        category=category(new.code, new.normal, parent),
        standard=False,
    )


def draft(new: NewVoucher) -> Draft:
    """A voucher made by hand as a draft; amounts below zero are for reversals only."""
    lines = []
    for no, line in enumerate(new.lines, start=1):
        if line.debit_fen < 0 or line.credit_fen < 0:
            raise LineAmountInvalid(line_no=no, account=line.account)
        lines.append(
            DraftLine(
                account=line.account,
                debit_fen=line.debit_fen,
                credit_fen=line.credit_fen,
                memo=line.memo,
                party=line.party,
                cash_line=line.cash_line,
            )
        )
    return Draft(dated_on=new.dated_on, summary=new.summary, lines=lines)


def check(draft: Draft, accounts: Collection[str] | None = None) -> Draft:
    """The draft with its cash lines filled in, if it may stand in the books. `accounts` are the
    codes of the chart; None where the lines come from a template. Raises LineAmountInvalid,
    AccountUnknown, VoucherUnbalanced, DateOutOfRange."""
    if not FIRST_DAY <= draft.dated_on <= LAST_DAY:
        raise DateOutOfRange(dated_on=draft.dated_on.isoformat())
    for no, line in enumerate(draft.lines, start=1):
        if (line.debit_fen == 0) == (line.credit_fen == 0):
            raise LineAmountInvalid(line_no=no, account=line.account)
        if accounts is not None and line.account not in accounts:
            raise AccountUnknown(line_no=no, account=line.account)
    debit = sum(line.debit_fen for line in draft.lines)
    credit = sum(line.credit_fen for line in draft.lines)
    if debit != credit:
        raise VoucherUnbalanced(debit_fen=debit, credit_fen=credit)
    if abs(debit) > MAX_FEN or len(draft.lines) < 2:
        raise LineAmountInvalid(debit_fen=debit, line_count=len(draft.lines))
    return replace(draft, lines=tag_cash(draft.lines))


def is_cash(code: str) -> bool:
    """Whether the account is money in the sense of the cash flow statement (货币资金)."""
    return code.startswith(CASH)


def tag_cash(lines: Sequence[DraftLine]) -> list[DraftLine]:
    """Every cash line gets its line of the cash flow statement: the one given, or the one of the
    largest account against it; none where only cash moves between the firm's own accounts."""
    others = [line for line in lines if not is_cash(line.account)]
    if not others:
        return [replace(line, cash_line=None) for line in lines]
    tagged = []
    for line in lines:
        if not is_cash(line.account):
            tagged.append(replace(line, cash_line=None))
        elif line.cash_line is not None:
            tagged.append(line)
        else:
            tagged.append(replace(line, cash_line=cash_line(line, others)))
    return tagged


def cash_line(line: DraftLine, others: Sequence[DraftLine]) -> int:
    """The line of 会小企03 for one cash line, from the largest line on the other side."""
    moved = line.debit_fen - line.credit_fen
    against = max(others, key=lambda o: (o.credit_fen - o.debit_fen) * (1 if moved > 0 else -1))
    found = OTHER_CASH
    longest = 0
    for prefix, into, out in CASH_LINES:
        if against.account.startswith(prefix) and len(prefix) > longest:
            found, longest = (into, out), len(prefix)
    return found[0] if moved > 0 else found[1]


def fill(
    template: Template,
    *,
    amounts: Mapping[str, int],
    accounts: Mapping[str, str],
    party: str | None,
    memo: str = "",
) -> list[DraftLine]:
    """The lines of a template with their figures; lines of zero are left out. `accounts` puts
    another account in the place of a template's (560207 for 560206)."""
    lines = []
    for part in template.lines:
        fen = sum(amounts[name] for name in part.amount.split("+"))
        if fen == 0:
            continue
        code = accounts.get(part.account, part.account)
        lines.append(
            DraftLine(
                account=code,
                debit_fen=fen if part.side == "D" else 0,
                credit_fen=fen if part.side == "C" else 0,
                memo=memo,
                party=party if code.startswith(PARTIED) else None,
                # another account in the template's place may belong to another line of the form
                cash_line=None if accounts else part.cash_line,
            )
        )
    return lines


def reversal(
    voucher: Voucher,
    *,
    reversed_already: bool,
    dated_on: date,
    reason: str,
    source_event: str | None = None,
) -> Draft:
    """The red-letter voucher (红字冲销): the same lines, negative; raises AlreadyReversed. One that
    an event asked for carries it, one made by hand does not."""
    if reversed_already or voucher.reverses is not None or voucher.kind != "normal":
        raise AlreadyReversed(voucher_id=str(voucher.id))
    lines = [
        DraftLine(
            account=line.account,
            debit_fen=-line.debit_fen,
            credit_fen=-line.credit_fen,
            memo=line.memo,
            party=line.party,
            cash_line=line.cash_line,
        )
        for line in voucher.lines
    ]
    return Draft(
        dated_on=dated_on,
        summary=f"冲销 {voucher.dated_on:%Y-%m} {voucher.word}-{voucher.number}：{reason}"[:200],
        lines=lines,
        reverses=voucher.id,
        source_event=source_event,
    )


def accepts(dated_on: date, *, first_open_on: date) -> None:
    """Months close in order, so nothing enters before the first open day; raises PeriodIsClosed."""
    if dated_on < first_open_on:
        raise PeriodIsClosed(month=f"{dated_on:%Y-%m}", first_open_on=first_open_on.isoformat())


def open_day(dated_on: date, first_open_on: date) -> date:
    """The day a voucher made by an event bears: its own, or the first of the first open month
    when its month was closed before the event arrived."""
    return max(dated_on, first_open_on)


def ready_to_close(
    period: Period | None, *, month_on: date, today: date, earlier_open_on: date | None
) -> None:
    """Months close in order, once, and after their last day. Raises PeriodIsClosed,
    PeriodNotReady."""
    if period is not None and period.state == "closed":
        raise PeriodIsClosed(month=f"{month_on:%Y-%m}")
    if today < next_month(month_on):
        raise PeriodNotReady(month=f"{month_on:%Y-%m}", ends_on=next_month(month_on).isoformat())
    if earlier_open_on is not None:
        raise PeriodNotReady(month=f"{month_on:%Y-%m}", earlier=f"{earlier_open_on:%Y-%m}")


def closing(
    balances: Sequence[AccountBalance], categories: Mapping[str, Category], *, month_on: date
) -> list[Draft]:
    """The vouchers that end a month: income and expenses to 3103, in December 3103 to 310405.
    `balances` are those of income and expense accounts and of 3103."""
    on = next_month(month_on) - timedelta(days=1)
    income = [b for b in balances if categories[b.account] == "pl_income" and b.balance_fen]
    expense = [b for b in balances if categories[b.account] == "pl_expense" and b.balance_fen]
    drafts = []
    for template_id, summary, part in (
        ("CLOSE_INCOME", "结转本月收入", income),
        ("CLOSE_EXPENSE", "结转本月成本费用", expense),
    ):
        lines = [against(b.account, b.balance_fen) for b in part]
        total = sum(b.balance_fen for b in part)
        if total:
            lines.append(against(PROFIT, -total))
        if lines:
            drafts.append(closing_draft(on, summary, template_id, lines))
    profit = sum(b.balance_fen for b in (*income, *expense)) + sum(
        b.balance_fen for b in balances if b.account == PROFIT
    )
    if month_on.month == 12 and profit:
        lines = [against(PROFIT, profit), against(RETAINED, -profit)]
        drafts.append(closing_draft(on, "结转本年利润", "CLOSE_YEAR", lines))
    return drafts


def closing_draft(on: date, summary: str, template_id: str, lines: list[DraftLine]) -> Draft:
    """One closing voucher; its month and template make it unique."""
    return Draft(
        dated_on=on,
        summary=summary,
        lines=lines,
        kind="close",
        template_id=template_id,
        source_event=f"close:{on:%Y-%m}:{template_id}",
    )


def against(account: str, balance_fen: int) -> DraftLine:
    """The line that takes a signed debit balance to zero."""
    if balance_fen > 0:
        return DraftLine(account=account, credit_fen=balance_fen)
    return DraftLine(account=account, debit_fen=-balance_fen)


def voucher_month(text: str) -> date:
    """`2025-09` as the first day of that month."""
    return date(int(text[:4]), int(text[5:7]), 1)
