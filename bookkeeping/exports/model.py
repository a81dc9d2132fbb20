"""The nouns of exports: the books as one flat list of lines with their accounts."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from app.errors import Refusal
from bookkeeping.journal.model import Account

Format = Literal["beancount", "hledger", "csv", "xlsx", "gbt24589"]


class BookLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a voucher with its head."""

    dated_on: date
    word: str
    number: int
    kind: str
    summary: str
    line_no: int
    account: str
    debit_fen: int
    credit_fen: int
    memo: str
    party: str | None


class Books(msgspec.Struct, frozen=True, kw_only=True):
    """A firm's whole books."""

    firm: str
    uscc: str
    accounts: list[Account]
    lines: list[BookLine]


class Exported(msgspec.Struct, frozen=True, kw_only=True):
    """A finished file."""

    name: str
    media_type: str
    content: bytes


class TooMuchToExport(Refusal):
    """The books are larger than one file may be."""

    zh = "账簿超过单个导出文件的上限"
