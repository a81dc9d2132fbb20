"""What a receipt says and how much of it a stranger with its code may see."""

from collections.abc import Mapping
from datetime import date
from zoneinfo import ZoneInfo

from msgspec import to_builtins

from accounts.deposits.model import Deposit
from accounts.lines import rules as line_rules
from accounts.lines.model import Line
from accounts.receipts.model import Facts, Receipt, ReceiptCheck, ReceiptShown, Side
from app.reference.rules import uppercase

SHANGHAI = ZoneInfo("Asia/Shanghai")
# No I, L, O, U: codes are read aloud and typed. 16 of 32 signs are 80 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 16
# What a person types for a sign that is not in the alphabet.
_MISTYPED = str.maketrans({"I": "1", "L": "1", "O": "0", " ": None, "-": None})


def number(booked_on: date, account_number: str, seq: int) -> str:
    """A receipt's number for people: date, last digits of the account, number of the line."""
    return f"{booked_on:%Y%m%d}{account_number[-4:]}{seq:08d}"


def typed(code: str) -> str:
    """A code as it is stored, from what somebody typed or scanned."""
    return code.upper().translate(_MISTYPED)[:CODE_LENGTH]


def in_fours(code: str) -> str:
    """A code as it is printed and read aloud."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))


def for_a_person(found: ReceiptCheck) -> dict[str, object]:
    """What a stranger may see, in words: the amount also in capitals, moments as in Shanghai."""
    shown: dict[str, object] = to_builtins(found)
    return shown | {
        "uppercase": uppercase(found.amount_fen),
        "issued_at": f"{found.issued_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
    }


def shortened(name: str) -> str:
    """A name of which a stranger sees the beginning and the end, if it is long enough."""
    if len(name) >= 6:
        return f"{name[:2]}{'*' * (len(name) - 4)}{name[-2:]}"
    return f"{name[:1]}{'*' * (len(name) - 1)}"


def facts(line: Line, own: Deposit, *, code: str, own_bank: str, banks: Mapping[str, str]) -> Facts:
    """The receipt of a booked line, from the side of the account's holder."""
    comes_in = line.amount_fen > 0
    holder = Side(name=own.name, account=own.number, bank=own_bank)
    other = Side(
        name=line.counterparty_name or "",
        account=f"尾号 {tail}" if (tail := line.counterparty_account_tail) else "—",
        bank=line_rules.bank_of(line.counterparty_bank_code, banks, own=own_bank),
    )
    amount_fen = abs(line.amount_fen)
    return Facts(
        title="收款回单" if comes_in else "付款回单",
        kind=line.label,
        number=number(line.booked_on, own.number, line.seq),
        code=code,
        booked_on=line.booked_on,
        booked_at=f"{line.at.astimezone(SHANGHAI):%H:%M:%S}",
        payer=other if comes_in else holder,
        payee=holder if comes_in else other,
        amount_fen=amount_fen,
        currency=own.currency,
        uppercase=uppercase(amount_fen),
        memo=line.memo,
        reference=line.reference,
    )


def shown(receipt: Receipt, *, public_url: str) -> ReceiptShown:
    """A receipt for its firm, with the address where anyone checks it."""
    return ReceiptShown(
        id=receipt.id,
        account_id=receipt.account_id,
        booked_on=receipt.booked_on,
        seq=receipt.seq,
        number=receipt.number,
        code=receipt.code,
        check_url=check_url(receipt.code, public_url=public_url),
        prints=receipt.prints,
        issued_at=receipt.issued_at,
        ready=receipt.ready,
    )


def check_url(code: str, *, public_url: str) -> str:
    """Where anyone checks the receipt of a code; printed as QR code."""
    return f"{public_url}/check/{code}"
