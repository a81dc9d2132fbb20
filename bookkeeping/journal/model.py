"""The nouns of the books: accounts, periods, vouchers and their lines, and what may be wrong."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.events import Event
from app.money import Fen
from app.names import Memo, Text

Side = Literal["debit", "credit"]
Category = Literal["asset", "liability", "equity", "cost", "pl_income", "pl_expense"]
VoucherKind = Literal["normal", "close"]

AccountCode = Annotated[str, Meta(pattern=r"^[1-5][0-9]{3,15}$", examples=["560299"])]
ParentCode = Annotated[str, Meta(pattern=r"^[1-5][0-9]{3,15}$", examples=["5602"])]
AccountName = Annotated[str, Meta(min_length=1, max_length=100, examples=["管理费用-快递费"])]
DatedOn = Annotated[date, Meta(examples=["2025-09-15"])]
Month = Annotated[str, Meta(pattern=r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2025-09"])]
PartyName = Annotated[str, Meta(min_length=1, max_length=100, examples=["杭州示例贸易有限公司"])]

MAX_VOUCHER_LINES = 2000
MAX_BULK = 1000

EXAMPLE_LINES = [
    {"account": "560206", "debit_fen": 12800, "memo": "打印纸"},
    {"account": "1002", "credit_fen": 12800},
]

# The nil party: lines without a counterparty. Zero, because a key column cannot be null.
NO_PARTY = UUID(int=0)


class NewAccount(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """An account of the firm's own, beside the 66 of the standard chart."""

    code: AccountCode
    name: AccountName
    parent: ParentCode | None = None
    normal: Side


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """One account of a firm's chart."""

    code: str
    name: str
    parent: str | None
    normal: Side
    category: Category
    standard: bool


class NewVoucherLine(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """One line: exactly one of debit and credit is above zero. `party` names the customer or
    supplier, `cash_line` the line of the cash flow statement (会小企03) of a cash account."""

    account: Annotated[str, Meta(min_length=1, max_length=32, examples=["1002"])]
    debit_fen: Fen = 0
    credit_fen: Fen = 0
    memo: Memo = ""
    party: PartyName | None = None
    cash_line: Annotated[int, Meta(ge=1, le=18, examples=[1])] | None = None


class NewVoucher(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A voucher made by hand or brought from other books."""

    dated_on: DatedOn
    summary: Text
    lines: Annotated[
        list[NewVoucherLine],
        Meta(min_length=1, max_length=MAX_VOUCHER_LINES, examples=[EXAMPLE_LINES]),
    ]


class NewVouchers(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Many vouchers at once; each is judged by itself."""

    vouchers: Annotated[list[NewVoucher], Meta(min_length=1, max_length=MAX_BULK)]


class NewReversal(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """A red-letter voucher (红字冲销): the same lines with negative amounts."""

    reason: Text
    dated_on: DatedOn | None = None


class MonthClosing(msgspec.Struct, kw_only=True, frozen=True, forbid_unknown_fields=True):
    """Which month to close."""

    month: Month


class DraftLine(msgspec.Struct, kw_only=True, frozen=True):
    """A line ready to be judged."""

    account: str
    debit_fen: int = 0
    credit_fen: int = 0
    memo: str = ""
    party: str | None = None
    cash_line: int | None = None


class Draft(msgspec.Struct, kw_only=True, frozen=True):
    """A voucher ready to be judged: lines signed, so that red letters fit."""

    dated_on: date
    summary: str
    lines: list[DraftLine]
    kind: VoucherKind = "normal"
    template_id: str | None = None
    source_event: str | None = None
    reverses: UUID | None = None


class VoucherLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line as it stands in the books."""

    line_no: int
    account: str
    debit_fen: int
    credit_fen: int
    memo: str
    party: str | None
    cash_line: int | None


class Voucher(msgspec.Struct, frozen=True, kw_only=True):
    """A voucher as it stands in the books: `记-12` of its month; never changed."""

    id: UUID
    word: str
    number: int
    dated_on: date
    summary: str
    kind: VoucherKind
    template_id: str | None
    source_event: str | None
    reverses: UUID | None
    lines: list[VoucherLine]
    created_at: datetime


class BulkResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one voucher of a bulk: its place in the books, or the rule it broke."""

    index: int
    voucher_id: UUID | None = None
    number: int | None = None
    problem: str | None = None
    facts: dict[str, Any] = {}


class BulkResults(msgspec.Struct, frozen=True, kw_only=True):
    """Results in the order of the vouchers sent."""

    posted: int
    refused: int
    results: list[BulkResult]


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """One month of the books."""

    month_on: date
    state: Literal["open", "closed"]
    last_number: int
    closed_at: datetime | None


class TemplateLine(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` names figures joined by `+`, as the caller of the template gives them."""

    side: Literal["D", "C"]
    account: str
    amount: str
    cash_line: int | None = None


class Template(msgspec.Struct, frozen=True, kw_only=True):
    """A voucher template: lines of side, account, amount expression, cash flow line."""

    id: str
    name: str
    lines: list[TemplateLine]


class AccountBalance(msgspec.Struct, frozen=True, kw_only=True):
    """Debit less credit of one account, signed."""

    account: str
    balance_fen: int


class BooksState(msgspec.Struct, frozen=True, kw_only=True):
    """Whether the chart exists, the first open day, and the voucher an event already made."""

    is_open: bool
    first_open_on: date
    voucher_id: UUID | None


class Numbered(msgspec.Struct, frozen=True, kw_only=True):
    """A voucher's place in the books."""

    id: UUID
    number: int


class Party(msgspec.Struct, frozen=True, kw_only=True):
    """A customer or supplier as the books know it."""

    id: UUID
    name: str


class Earliest(msgspec.Struct, frozen=True, kw_only=True):
    """The first open month before another one, if any."""

    month_on: date | None


class BooksOpened(Event, frozen=True, kw_only=True):
    """A firm's chart was made."""


class PeriodClosed(Event, frozen=True, kw_only=True):
    """A month was closed."""

    month: str


class VoucherUnbalanced(Refusal):
    """Debits and credits differ."""

    zh = "借贷不平衡"


class LineAmountInvalid(Refusal):
    """A line has exactly one of debit and credit, not zero."""

    zh = "每行须且只能填写借方或贷方之一"


class AccountUnknown(Refusal):
    """The chart has no such account."""

    zh = "会计科目不存在"


class AccountExists(Conflict):
    """The chart already has this code."""

    zh = "会计科目编码已存在"


class AccountMisplaced(Refusal):
    """The code does not continue its parent's code, or the parent does not exist."""

    zh = "科目编码与上级科目不符"


class PeriodIsClosed(Conflict):
    """The month is closed; date the voucher in an open month."""

    zh = "该会计期间已结账"


class PeriodNotReady(Conflict):
    """The month has not ended, or an earlier month is still open."""

    zh = "该会计期间尚不能结账"


class DateOutOfRange(Refusal):
    """The date lies outside the years the books can hold."""

    zh = "日期超出账簿范围"


class VoucherNotFound(NotFound):
    """The voucher does not exist."""

    zh = "凭证不存在"


class AlreadyReversed(Conflict):
    """The voucher was already reversed, or is itself a reversal."""

    zh = "凭证已冲销，或本身为冲销凭证"


class TemplateUnknown(NotFound):
    """There is no such voucher template."""

    zh = "凭证模板不存在"
