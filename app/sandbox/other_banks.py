"""The customers of other banks, whose accounts and names the clearing house can check."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from app.money import PositiveFen
from app.outside.clearing_house import BatchLine, NewCredit
from app.outside.model import Reference
from app.sandbox.identifiers import is_bank_code

Fault = tuple[str, str]


class OtherAccount(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One account at another bank."""

    bank_code: str
    account_number: Annotated[str, Meta(pattern=r"^[0-9]{9,32}$")]
    name: Annotated[str, Meta(min_length=2, max_length=100)]
    balance_fen: int = 0
    state: Literal["open", "blocked", "closed"] = "open"
    # whether its holder agrees when a payer's bank asks money back
    recalls: Literal["agrees", "refuses"] = "agrees"


class NewAccounts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Accounts opened, or given a new state."""

    accounts: Annotated[list[OtherAccount], Meta(max_length=10_000)]


class NewIncoming(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A payment by another bank's customer to one of our accounts; `reference` makes it once."""

    reference: Reference | None = None
    payer_bank: str
    payer_account: str
    payer_name: str
    payee_account: str
    payee_name: str
    amount_fen: PositiveFen
    purpose: str = ""
    on: date
    # settled one by one: our bank can only pay it back, no more refuse it
    final: bool = False
    # whether the clearing house can say more of it than that it came
    explained: bool = True


class NewIncomingMany(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many payments to us at once."""

    credits: Annotated[list[NewIncoming], Meta(max_length=10_000)]


class NewReturn(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another bank sends a settled credit, or one line of a batch, back."""

    kind: Literal["credit", "batch"] = "credit"
    reference: str
    line_no: int | None = None
    reason: str = "收款人账户异常，退汇"
    on: date


class OtherBanks:
    """Accounts by bank and number."""

    def __init__(self) -> None:
        self.accounts: dict[tuple[str, str], OtherAccount] = {}

    def open(self, account: OtherAccount) -> None:
        """Open an account, or give a known one another name or state."""
        self.accounts[account.bank_code, account.account_number] = account

    def fault_of_payee(self, new: NewCredit | BatchLine) -> Fault | None:
        """Code (ISO 20022 external reason) and words why the payee's bank refuses."""
        if not is_bank_code(new.payee_bank):
            return "RC01", "收款行行号有误"
        account = self.accounts.get((new.payee_bank, new.payee_account))
        if account is None:
            return "AC01", "账号不存在"
        if account.name != new.payee_name:
            return "BE01", "户名不符"
        if account.state == "closed":
            return "AC04", "账户已销户"
        if account.state == "blocked":
            return "AC06", "账户状态异常"
        return None

    def change(self, bank_code: str, number: str, amount_fen: int) -> None:
        """Add to a known account (subtract when negative)."""
        account = self.accounts[bank_code, number]
        self.open(msgspec.structs.replace(account, balance_fen=account.balance_fen + amount_fen))

    def pay(self, bank_code: str, number: str, name: str, amount_fen: int) -> None:
        """Take from an account; one that nobody has heard of is opened for its first payment."""
        if (bank_code, number) not in self.accounts:
            self.open(OtherAccount(bank_code=bank_code, account_number=number, name=name))
        self.change(bank_code, number, -amount_fen)
