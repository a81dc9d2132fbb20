"""The account management system (账户管理系统): filing of accounts, one basic account per firm."""

from __future__ import annotations

from datetime import date
from typing import Literal
from urllib.parse import quote

from msgspec import Struct

from app.outside.model import Outcome, Reference
from app.outside.wire import Wire

Bill = Literal["OPEN", "CHANGE", "CLOSE"]
# PRDA basic, GEDA general, NTDA temporary as public programs have them; SPDA special is our own
# word, for none is published.
AccountKind = Literal["PRDA", "GEDA", "SPDA", "NTDA"]


class NewFiling(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An opening or closing to file (备案, 银发〔2019〕41号)."""

    reference: Reference
    bill: Bill
    account_kind: AccountKind
    account_number: str
    account_name: str
    bank_code: str
    uscc: str
    depositor_kind: Literal["LPEP", "NLPE"] = "LPEP"
    legal_representative: str
    legal_id_number: str
    capital_fen: int
    area_code: str
    simple_opening: bool = False
    # The firm's basic account, which every other class refers to.
    basic_account_number: str | None = None
    # The last day of a temporary account.
    until_on: date | None = None
    filed_on: date


class FiledAccount(Struct, frozen=True, kw_only=True):
    """An account as the system knows it; `filing_number` is the 基本存款账户编号 when basic."""

    filing_number: str
    account_kind: AccountKind
    account_number: str
    account_name: str
    bank_code: str
    uscc: str
    filed_on: date
    simple_opening: bool = False
    closed_on: date | None = None


class FiledOwner(Struct, frozen=True, kw_only=True):
    """A natural person filed as a firm's beneficial owner."""

    name: str
    id_number: str


class FiledOwners(Struct, frozen=True, kw_only=True):
    """What stands in the register of beneficial owners (受益所有人信息管理办法)."""

    uscc: str
    owners: list[FiledOwner]


class AccountFiling:
    """Requests to the account management system."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    async def file(self, new: NewFiling) -> Outcome[FiledAccount]:
        """File an opening or a closing; a second basic account of a firm is refused."""
        return await self._wire.post("/filings", new, Outcome[FiledAccount])

    async def outcome(self, reference: str) -> Outcome[FiledAccount] | None:
        """What became of the filing; None: it never arrived."""
        return await self._wire.get(f"/filings/{quote(reference)}", Outcome[FiledAccount])

    async def basic_account(self, uscc: str) -> FiledAccount | None:
        """The firm's open basic account at any bank: the check of uniqueness before opening."""
        return await self._wire.get(f"/basic-accounts/{quote(uscc)}", FiledAccount)

    async def beneficial_owners(self, uscc: str) -> FiledOwners | None:
        """Whoever the firm filed as its beneficial owners; None: nothing has been filed yet."""
        return await self._wire.get(f"/beneficial-owners/{quote(uscc)}", FiledOwners)
