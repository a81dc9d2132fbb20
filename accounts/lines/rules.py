"""What a booked line is called and who stands on its other side."""

from collections.abc import Mapping

from accounts.lines.model import Line, StoredLine

# How the kinds of entries are called where money goes out and where it comes in.
LABELS: dict[str, tuple[str, str]] = {
    "payment": ("转账支出", "转账收入"),
    "credit": ("转账支出", "跨行来账"),
    "payment_failed": ("汇款失败", "汇款失败退回"),
    "payment_returned": ("退汇", "退汇"),
    "payroll": ("代发工资", "代发工资"),
    "payroll_back": ("代发工资退回", "代发工资退回"),
    "loan_drawdown": ("贷款发放", "贷款发放"),
    "loan_instalment": ("贷款还款", "贷款还款"),
    "loan_prepayment": ("贷款提前还款", "贷款提前还款"),
    "fee": ("手续费", "手续费退回"),
    "fee_payment": ("转账手续费", "手续费退回"),
    "fee_monthly": ("账户管理费", "账户管理费退回"),
    "fee_refund": ("手续费退回", "手续费退回"),
    "deduction": ("司法扣划", "扣划退回"),
    "suspense_assigned": ("挂账转出", "挂账转入"),
    "interest": ("结息冲正", "存款结息"),
    "capital": ("资金划拨", "资金划拨"),
}
OTHER = ("其他支出", "其他收入")
# Where the other side is no account that anybody named: many people, or the bank itself.
MANY: dict[str, str] = {"payroll": "代发工资（批量）", "payroll_back": "代发工资（批量）"}


def label(kind: str, amount_fen: int) -> str:
    """The name of a line's kind, by its direction."""
    out, into = LABELS.get(kind, OTHER)
    return into if amount_fen > 0 else out


def counterparty(
    stored: StoredLine, *, payer_name: str | None, own_name: str, bank_name: str
) -> tuple[str, str | None, str | None]:
    """Name, last digits and bank code of the other side; the bank where nobody else is named."""
    if stored.from_number is not None:
        return own_name, stored.from_number[-4:], None
    if payer_name is not None:
        return payer_name, stored.payer_account_tail, stored.payer_bank_code
    if stored.payee_name is not None:
        return stored.payee_name, stored.payee_account_tail, stored.payee_bank_code
    return MANY.get(stored.kind, bank_name), None, None


def line(stored: StoredLine, *, payer_name: str | None, own_name: str, bank_name: str) -> Line:
    """A stored line as people read it; its reference is the number of its entry."""
    name, tail, bank_code = counterparty(
        stored, payer_name=payer_name, own_name=own_name, bank_name=bank_name
    )
    return Line(
        seq=stored.seq,
        booked_on=stored.booked_on,
        at=stored.at,
        amount_fen=stored.amount_fen,
        balance_after_fen=stored.balance_after_fen,
        kind=stored.kind,
        label=label(stored.kind, stored.amount_fen),
        memo=stored.memo,
        reference=stored.entry_id.hex,
        counterparty_name=name,
        counterparty_account_tail=tail,
        counterparty_bank_code=bank_code,
    )


def bank_of(bank_code: str | None, banks: Mapping[str, str], *, own: str) -> str:
    """The bank of a code by its class, with the code itself; ours where there is none."""
    if not bank_code:
        return own
    return f"{banks.get(bank_code[:3], '')} {bank_code}".strip()
