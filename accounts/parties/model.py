"""The nouns of the book of counterparties: a party, its request, and its errors."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.names import AccountNumber, BankCode, Uscc

Role = Literal["payee", "customer", "supplier"]
PartyState = Literal["active", "closed"]
Outcome = Literal["entered", "known", "bad_bank_code", "bad_uscc", "no_account", "other_name"]
# How the name fits the account: not an account of this bank, its holder, or the holder in another
# legal form or spelling.
NameCheck = Literal["unchecked", "same", "similar"]
PartyName = Annotated[str, Meta(min_length=2, max_length=100, examples=["苏州示例材料有限公司"])]


class NewParty(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Enter a counterparty: who it is, where its account is, what it is to us."""

    name: PartyName
    account_number: AccountNumber
    bank_code: BankCode
    uscc: Uscc | None = None
    roles: Annotated[list[Role], Meta(min_length=1, max_length=3, examples=[["supplier"]])]


class SeenVersion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The version of the entry that the person has seen."""

    version: Annotated[int, Meta(ge=1, le=1_000_000, examples=[1])]


class Party(Struct, frozen=True, kw_only=True):
    """One counterparty; of its account number only the last four digits are shown."""

    id: UUID
    name: str
    account_tail: str
    bank_code: str
    uscc: str | None
    roles: list[Role]
    state: PartyState
    trusted: bool
    cooling_until: datetime
    version: int
    created_at: datetime
    name_check: NameCheck


class KnownParty(Party, frozen=True, kw_only=True):
    """A counterparty with what its firm is not told: whether a list may name it."""

    listed: bool
    entered_by: UUID | None


class Looked(Struct, frozen=True, kw_only=True):
    """What lists are asked about."""

    name: str
    account_index: bytes


class SealedAccount(Struct, frozen=True, kw_only=True):
    """Where a party's money goes, its account number still sealed."""

    name: str
    bank_code: str
    account_sealed: bytes
    state: PartyState
    trusted: bool
    cooling_until: datetime
    listed: bool


class PayeeAccount(Struct, frozen=True, kw_only=True):
    """Where a party's money goes, and how well the firm knows it."""

    name: str
    bank_code: str
    account_number: str
    trusted: bool
    cooling_until: datetime
    listed: bool


class PartyNotFound(NotFound):
    """There is no such counterparty."""

    zh = "往来单位不存在"


class Imported(Struct, frozen=True, kw_only=True):
    """What came of one row of an import: the entry, or why there is none."""

    row: int
    party_id: UUID | None
    outcome: Outcome


class Entered(Struct, frozen=True, kw_only=True):
    """What came of an import, row by row."""

    rows: list[Imported]


class NewParties(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Enter many counterparties at once; each row is answered for itself."""

    rows: Annotated[list[NewParty], Meta(min_length=1, max_length=200)]


class PartyEntered(Event, frozen=True, kw_only=True):
    """A counterparty is in the book; lists are asked about it."""

    party_id: UUID


class BankCodeInvalid(Refusal):
    """The bank code is wrong; its check digit does not fit or no bank has it."""

    zh = "收款行行号有误"


class UsccInvalid(Refusal):
    """The unified social credit code is wrong."""

    zh = "统一社会信用代码有误"


class PartyAccountUnknown(Refusal):
    """This bank has no account with that number."""

    zh = "收款账号不存在"


class PartyNameMismatch(Refusal):
    """The name is not the holder of that account."""

    zh = "户名与账号不符"


class PartyAlreadyKnown(Conflict):
    """This account is in the book already."""

    zh = "该账户已在往来单位名录中"


class PartyChanged(Conflict):
    """The entry was changed since it was read; read it again."""

    zh = "往来单位信息已被修改，请刷新后重试"


class PartyClosed(Conflict):
    """This counterparty has been closed."""

    zh = "该往来单位已停用"
