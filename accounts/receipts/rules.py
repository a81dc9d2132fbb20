"""What a receipt says and how much of it a stranger with its code may see."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

from accounts.deposits.model import Deposit
from accounts.incoming.model import IncomingCredit
from accounts.payments.model import Payment
from accounts.receipts.model import Facts, Side
from app.reference.rules import uppercase

# No I, L, O, U: codes are read aloud and typed. 16 of 32 signs are 80 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16


def number(booked_on: date, source_id: UUID) -> str:
    """A receipt's number for people: its date and twelve digits of what it is about."""
    return f"{booked_on:%Y%m%d}{source_id.int % 10**12:012d}"


def shortened(name: str) -> str:
    """A name of which a stranger sees the beginning and the end, if it is long enough."""
    if len(name) >= 6:
        return f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"
    return f"{name[:1]}{'*' * (len(name) - 1)}"


def of_payment(
    payment: Payment,
    payer: Deposit,
    *,
    code: str,
    booked_on: date,
    own_bank: str,
    banks: Mapping[str, str],
) -> Facts:
    """The receipt of a payment that was settled."""
    return Facts(
        title="付款回单",
        number=number(booked_on, payment.id),
        code=code,
        booked_on=booked_on,
        payer=Side(name=payer.name, account=payer.number, bank=own_bank),
        payee=Side(
            name=payment.payee_name,
            account=f"尾号 {payment.payee_account_tail}",
            bank=bank_name(payment.payee_bank_code, banks),
        ),
        amount_fen=payment.amount_fen,
        currency=payment.currency,
        uppercase=uppercase(payment.amount_fen),
        memo=payment.memo,
        reference=str(payment.id),
    )


def of_credit(
    credit: IncomingCredit, payee: Deposit, *, code: str, own_bank: str, banks: Mapping[str, str]
) -> Facts:
    """The receipt of money that came in."""
    return Facts(
        title="收款回单",
        number=number(credit.received_on, credit.id),
        code=code,
        booked_on=credit.received_on,
        payer=Side(
            name=credit.payer_name,
            account=f"尾号 {credit.payer_account_tail}",
            bank=bank_name(credit.payer_bank_code, banks),
        ),
        payee=Side(name=payee.name, account=payee.number, bank=own_bank),
        amount_fen=credit.amount_fen,
        currency=payee.currency,
        uppercase=uppercase(credit.amount_fen),
        memo=credit.remark,
        reference=credit.reference,
    )


def bank_name(bank_code: str, banks: Mapping[str, str]) -> str:
    """The bank of a code by its class, with the code itself."""
    name = banks.get(bank_code[:3], "")
    return f"{name} {bank_code}".strip()
