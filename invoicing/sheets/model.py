"""The nouns of drawing an invoice: a sheet and its printed lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Literal

import msgspec

Kind = Literal["special", "ordinary"]


class PrintedLine(msgspec.Struct, kw_only=True, frozen=True):
    """A line as the document prints it: price without tax, a discount on its own line."""

    name: str
    specification: str
    unit: str
    quantity: str
    unit_price: str
    rate_ppm: int
    tax_code: str
    amount_fen: int
    tax_fen: int
    is_discount: bool


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """An issued invoice, blue or red, as its documents show it; red amounts are below zero."""

    kind: Kind
    number: str
    red: bool
    issued_on: date
    issued_at: datetime
    seller_name: str
    seller_uscc: str
    buyer_name: str
    buyer_uscc: str
    lines: list[PrintedLine]
    amount_fen: int
    tax_fen: int
    total_fen: int
    remark: str
    drawer: str


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """What the documents of an issued invoice are made of; `stored` = they exist already."""

    stored: bool
    page: dict[str, Any]
    xml: bytes
