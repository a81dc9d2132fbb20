"""Which accounts an event moves: sales, receipts, payments by purpose, loans."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Literal
from uuid import UUID

import msgspec

from app.names import PERSON_NAME_PATTERN
from bookkeeping.journal.model import DraftLine

CAPITAL_WORDS = ("投资款", "出资", "资本金", "注册资本", "实收资本", "股本")
INDIVIDUAL = "个人"
# What the name of a firm or a body ends with; anything else may be a person, whose name the books
# do not keep.
_FIRM = re.compile(
    r"(公司|企业|合伙）|合伙\)|厂|店|行|部|坊|社|院|校|所|中心|工作室|馆|场|站|局|会|集团|银行"
    r"|CO|LTD|INC|LLC|GMBH|\.)$",
    re.IGNORECASE,
)


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """How a payment is booked: a template with its figures, and accounts put in its places."""

    template_id: str
    amounts: dict[str, int]
    accounts: dict[str, str]


def party_name(name: str) -> str:
    """A customer or supplier as the books name it: a firm by its name, a person as 个人."""
    if _FIRM.search(name.strip()) or not re.match(PERSON_NAME_PATTERN, name):
        return name[:100]
    return INDIVIDUAL


def sale_template(rates_ppm: Collection[int], *, levy_ppm: Collection[int]) -> str:
    """A sale at levy rates (征收率) owes 222101; one at tax rates books output tax 22210107. Sales
    without tax are booked like those of a small-scale taxpayer."""
    levied = set(levy_ppm) | {0}
    return "SALE_SMALL" if all(rate in levied for rate in rates_ppm) else "SALE_GENERAL"


def is_capital(remark: str) -> bool:
    """Money that owners pay in as capital says so in its remark."""
    return any(word in remark for word in CAPITAL_WORDS)


def escrow_side(*, into: UUID | None, out_of: UUID | None) -> Literal["into", "out of"] | None:
    """Whether a payment puts money into escrow or pays out of it."""
    if into is not None:
        return "into"
    return None if out_of is None else "out of"


def payment(
    purpose: str, amount_fen: int, *, in_bank: bool, escrow: Literal["into", "out of"] | None = None
) -> Booking | None:
    """A settled payment by its purpose; None where it only moved between the firm's accounts here.
    Money in escrow stands on 1012: put into it, paid out of it by purpose, or back.
    Without a supplier's special invoice in hand no input tax is taken: the whole amount is cost."""
    whole = {"net": amount_fen, "tax": 0}
    amount = {"amount": amount_fen}
    bookings: Mapping[str, tuple[str, dict[str, int], dict[str, str]]] = {
        "goods": ("PAYMENT", amount, {}),
        "services": ("EXPENSE", whole, {"560206": "5602"}),
        "rent": ("EXPENSE", whole, {"560206": "560208"}),
        "wages": ("PAYMENT", amount, {"2202": "221101"}),
        "tax": ("PAYMENT", amount, {"2202": "2221"}),
        "refund": ("PAYMENT", amount, {"2202": "1122"}),
        "loan": ("LOAN_REPAY", {"principal": amount_fen}, {}),
        "own_account": ("PAYMENT", amount, {"2202": "1012"}),
        "other": ("EXPENSE", whole, {}),
    }
    if escrow == "into":
        return Booking(template_id="PAYMENT", amounts=amount, accounts={"2202": "1012"})
    if purpose == "own_account" and in_bank:
        if escrow is None:
            return None
        back = {"2202": "1002", "1002": "1012"}
        return Booking(template_id="PAYMENT", amounts=amount, accounts=back)
    template_id, amounts, accounts = bookings[purpose]
    if escrow == "out of":
        accounts = accounts | {"1002": "1012"}
    return Booking(template_id=template_id, amounts=amounts, accounts=accounts)


def interest(amount_fen: int) -> list[DraftLine]:
    """Interest the bank paid: money in, finance expenses down."""
    return [
        DraftLine(account="1002", debit_fen=amount_fen, cash_line=2),
        DraftLine(account="560301", credit_fen=amount_fen),
    ]


def fee(amount_fen: int) -> list[DraftLine]:
    """A fee the bank took."""
    return [
        DraftLine(account="560302", debit_fen=amount_fen),
        DraftLine(account="1002", credit_fen=amount_fen, cash_line=6),
    ]


def fee_back(amount_fen: int) -> list[DraftLine]:
    """A fee the bank gave back."""
    return [
        DraftLine(account="1002", debit_fen=amount_fen, cash_line=2),
        DraftLine(account="560302", credit_fen=amount_fen),
    ]


def taken_by_order(amount_fen: int) -> list[DraftLine]:
    """What an authority took by an order."""
    return [
        DraftLine(account="5711", debit_fen=amount_fen),
        DraftLine(account="1002", credit_fen=amount_fen, cash_line=6),
    ]


def transfer(amount_fen: int, *, payer: str, buyer: str) -> list[DraftLine]:
    """A receipt from one name settled another's invoice: the balance moves between customers."""
    return [
        DraftLine(account="1122", debit_fen=amount_fen, party=payer),
        DraftLine(account="1122", credit_fen=amount_fen, party=buyer),
    ]
