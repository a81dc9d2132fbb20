"""Plays the account management system: files accounts, one basic account per firm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from app.outside.account_filing import FiledAccount, FiledOwners, NewFiling
from app.outside.model import Outcome, SystemName
from app.sandbox.identifiers import is_bank_code, is_uscc
from app.sandbox.system import Refused, Request, System, decode, done, refused

LETTERS = {"PRDA": "J", "GEDA": "Y", "SPDA": "Z", "NTDA": "L"}
# 人民币银行结算账户管理办法 Art. 36: two years with every extension.
TEMPORARY_DAYS = 731


class AccountFiling(System):
    """The national list of firms' accounts."""

    name: ClassVar[SystemName] = "account_filing"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "filings": ("filing", NewFiling, True)
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.accounts: dict[str, FiledAccount] = {}
        self.owners: dict[str, FiledOwners] = {}

    def state(self) -> dict[str, Any]:
        """Every account ever filed."""
        return {"accounts": list(self.accounts.values())}

    def open_accounts(self, uscc: str) -> list[FiledAccount]:
        """A firm's accounts that are not closed."""
        return [a for a in self.accounts.values() if a.uscc == uscc and a.closed_on is None]

    def decide(self, kind: str, new: NewFiling) -> Outcome[FiledAccount]:
        """File it, unless the rules of 人民币银行结算账户管理办法 say no."""
        if not is_uscc(new.uscc):
            return refused(new.reference, "uscc", "统一社会信用代码有误")
        if not is_bank_code(new.bank_code):
            return refused(new.reference, "bank_code", "开户行行号有误")
        taking = {"OPEN": self._opening, "CHANGE": self._changing, "CLOSE": self._closing}
        return taking[new.bill](new)

    def _opening(self, new: NewFiling) -> Outcome[FiledAccount]:
        basic = next((a for a in self.open_accounts(new.uscc) if a.account_kind == "PRDA"), None)
        if new.account_kind == "PRDA" and basic is not None:
            return refused(new.reference, "basic_account_exists", "该单位已开立基本存款账户")
        if new.account_kind != "PRDA" and basic is None:
            return refused(new.reference, "no_basic_account", "该单位尚未开立基本存款账户")
        named = new.basic_account_number
        if basic is not None and named is not None and named != basic.filing_number:
            return refused(new.reference, "basic_account_number", "基本存款账户编号不符")
        if new.until_on is not None and (new.until_on - new.filed_on).days > TEMPORARY_DAYS:
            return refused(new.reference, "term", "临时存款账户有效期不得超过两年")
        same = self.accounts.get(new.account_number)
        if same is not None and same.closed_on is None:
            return refused(new.reference, "account_number", "账号已备案")
        area, sequence = new.bank_code[3:7], self.seed * 100_000 + len(self.accounts) + 1
        filed = FiledAccount(
            filing_number=f"{LETTERS[new.account_kind]}{area}{sequence % 10**7:07d}01",
            account_kind=new.account_kind,
            account_number=new.account_number,
            account_name=new.account_name,
            bank_code=new.bank_code,
            uscc=new.uscc,
            filed_on=new.filed_on,
            simple_opening=new.simple_opening,
        )
        return done(new.reference, filed)

    def _changing(self, new: NewFiling) -> Outcome[FiledAccount]:
        account = self.accounts.get(new.account_number)
        if account is None or account.uscc != new.uscc or account.closed_on is not None:
            return refused(new.reference, "no_such_account", "账户不存在或已销户")
        changed = msgspec.structs.replace(
            account, account_name=new.account_name, simple_opening=new.simple_opening
        )
        return done(new.reference, changed)

    def _closing(self, new: NewFiling) -> Outcome[FiledAccount]:
        account = self.accounts.get(new.account_number)
        if account is None or account.uscc != new.uscc or account.closed_on is not None:
            return refused(new.reference, "no_such_account", "账户不存在或已销户")
        if account.account_kind == "PRDA" and len(self.open_accounts(new.uscc)) > 1:
            return refused(new.reference, "others_open", "应先撤销其他账户再撤销基本存款账户")
        return done(new.reference, msgspec.structs.replace(account, closed_on=new.filed_on))

    def on_taken(self, request: Request) -> None:
        """The account stands in the list from acceptance on."""
        if request.decided["state"] == "done":
            account = msgspec.convert(request.decided["result"], FiledAccount)
            self.accounts[account.account_number] = account

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """`basic-accounts/{uscc}` and `beneficial-owners/{uscc}`."""
        if len(path) == 2 and path[0] == "beneficial-owners":
            return self.owners.get(path[1])
        if len(path) == 2 and path[0] == "basic-accounts":
            return next((a for a in self.open_accounts(path[1]) if a.account_kind == "PRDA"), None)
        return None

    def simulate(self, what: str, body: bytes) -> Any:
        """`owners`: a firm files its beneficial owners."""
        if what != "owners":
            raise Refused(404, "no_such_simulation")
        order = decode(body, FiledOwners)
        self.record_simulated(what, order)
        return order

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Keep what was filed last."""
        self.owners[body["uscc"]] = msgspec.convert(body, FiledOwners)
