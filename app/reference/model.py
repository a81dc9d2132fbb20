"""The nouns of reference data: answers about identifiers, dated values, and days."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

import msgspec

from app.errors import Malformed, Refusal

DayKind = Literal["holiday", "makeup_workday"]


class NoValueInForce(Refusal):
    """No statutory value is known for that date and region."""

    zh = "该日期和地区没有已知的法定标准"


class BadAmount(Malformed):
    """The amount must be a whole number of fen in plain digits."""

    zh = "金额须为以分为单位的整数"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """An identifier tested: `reason` names the first rule broken, `parts` what could be read."""

    valid: bool
    reason: str | None = None
    parts: dict[str, str] = {}


class Uppercase(msgspec.Struct, frozen=True, kw_only=True):
    """An amount in the words of Chinese bills."""

    text: str


class DatedValue(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a statute: the value in force in `[from_on, until_on)` and where it is from."""

    kind: str
    region: str
    from_on: date
    until_on: date | None
    value: Any
    source: str


class SpecialDay(msgspec.Struct, frozen=True, kw_only=True):
    """A weekday that is a holiday, or a weekend day that is worked."""

    day: date
    kind: DayKind


class Deadline(msgspec.Struct, frozen=True, kw_only=True):
    """The officially published last day for filing in a month."""

    month_on: date
    due_on: date


class Bracket(msgspec.Struct, frozen=True, kw_only=True):
    """One step of a progressive table; `up_to_fen` is included, None means no upper end."""

    up_to_fen: int | None
    rate_ppm: int
    quick_deduction_fen: int
