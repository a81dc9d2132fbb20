"""Identifiers, the words of amounts, and the working calendar as pure functions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import cn2an

from app.money import divide_half_up
from app.reference import tables
from app.reference.model import Bracket, Check, DayKind

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
RESIDENT_CHECKS = "10X98765432"
# Residence permits of Hong Kong, Macao and Taiwan people carry these in place of a province.
PERMIT_AREAS = {"81": "香港", "82": "澳门", "83": "台湾"}


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def uscc(code: str) -> Check:
    """A unified social credit code (GB 32100-2015 amendment 1): form, authority and category,
    area, the organisation code's own check (GB 11714), and the check character."""
    if len(code) != 18:
        return Check(valid=False, reason="length")
    if any(c not in USCC_ALPHABET for c in code):
        return Check(valid=False, reason="character")
    authority = tables.authorities().get(code[0])
    if authority is None:
        return Check(valid=False, reason="authority")
    parts = {"authority": authority.authority}
    if code[1] not in authority.categories:
        return Check(valid=False, reason="category", parts=parts)
    parts["category"] = authority.categories[code[1]]
    area = _uscc_area(code[2:8])
    if area is None:
        return Check(valid=False, reason="area", parts=parts)
    parts |= {"area_code": code[2:8], "area": area, "organisation": code[8:17], "check": code[17]}
    if organisation_check(code[8:16]) != code[16]:
        return Check(valid=False, reason="organisation_check", parts=parts)
    if uscc_check(code[:17]) != code[17]:
        return Check(valid=False, reason="check", parts=parts)
    return Check(valid=True, parts=parts)


def _uscc_area(code: str) -> str | None:
    """The registering authority's area. Counties come and go, so only the province must exist;
    100000 is the national authority."""
    if code == "100000":
        return "全国"
    if not _digits(code):
        return None
    names = tables.areas()
    return names.get(code) or names.get(code[:4] + "00") or names.get(code[:2] + "0000")


def uscc_check(first_17: str) -> str:
    """The 18th character of a unified social credit code: weights 3^i, modulus 31."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(first_17, USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check(first_8: str) -> str:
    """The ninth character of an organisation code (GB 11714): modulus 11, letters A=10…Z=35."""
    total = sum(int(c, 36) * w for c, w in zip(first_8, ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X0"[11 - total % 11]


def resident_id(number: str, *, today: date | None = None) -> Check:
    """An 18-digit resident identity number (GB 11643-1999), also residence permits (81, 82, 83)
    and the 2023 permanent-resident card of foreigners (first digit 9). The area is tested by
    province only: numbers are assigned where one is registered, and counties are renamed."""
    if len(number) == 15 and _digits(number):
        return Check(valid=False, reason="first_generation")
    if len(number) != 18:
        return Check(valid=False, reason="length")
    if not _digits(number[:17]) or number[17] not in "0123456789X":
        return Check(valid=False, reason="character")
    names = tables.areas()
    province = number[1:3] if number[0] == "9" else number[:2]
    area = PERMIT_AREAS.get(province) if number[0] == "8" else names.get(province + "0000")
    if area is None:
        return Check(valid=False, reason="area")
    parts = {"area": area if number[0] == "9" else names.get(number[:6], area)}
    born = _date(number[6:14])
    if born is None:
        return Check(valid=False, reason="birth_date", parts=parts)
    if today is not None and born > today:
        return Check(valid=False, reason="birth_date_in_future", parts=parts)
    parts |= {"birth_date": born.isoformat(), "sex": "M" if int(number[16]) % 2 else "F"}
    if resident_check(number[:17]) != number[17]:
        return Check(valid=False, reason="check", parts=parts)
    return Check(valid=True, parts=parts)


def resident_check(first_17: str) -> str:
    """The last character of a resident identity number (ISO 7064 MOD 11-2)."""
    total = sum(int(c) * w for c, w in zip(first_17, RESIDENT_WEIGHTS, strict=True))
    return RESIDENT_CHECKS[total % 11]


def _date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:8]))
    except ValueError:
        return None


def bank_code(cnaps: str) -> Check:
    """A 12-digit bank code of the payment system: bank class, area, branch, check digit.

    The check digit is not published; ISO 7064 MOD 11,10 holds for every public code tried.
    """
    if len(cnaps) != 12:
        return Check(valid=False, reason="length")
    if not _digits(cnaps):
        return Check(valid=False, reason="character")
    parts = {"bank_class": cnaps[:3], "area_code": cnaps[3:7], "branch": cnaps[7:11]}
    if cnaps[:3] in tables.bank_classes():
        parts["bank"] = tables.bank_classes()[cnaps[:3]]
    area = tables.cnaps_areas().get(cnaps[3:7])
    if area is None:
        return Check(valid=False, reason="area", parts=parts)
    parts["area"] = area
    if bank_code_check(cnaps[:11]) != cnaps[11]:
        return Check(valid=False, reason="check", parts=parts)
    return Check(valid=True, parts=parts)


def bank_code_check(first_11: str) -> str:
    """The last digit of a bank code (ISO 7064 MOD 11,10)."""
    product = 10
    for digit in first_11:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return str((11 - product) % 10)


def bank_card(number: str) -> Check:
    """A bank card number (ISO/IEC 7812-1): 13 to 19 digits, Luhn."""
    if not 13 <= len(number) <= 19:
        return Check(valid=False, reason="length")
    if not _digits(number):
        return Check(valid=False, reason="character")
    doubled = [int(d) * 2 - 9 * (int(d) > 4) for d in number[-2::-2]]
    if (sum(doubled) + sum(int(d) for d in number[::-2])) % 10:
        return Check(valid=False, reason="check", parts={"bin": number[:6]})
    return Check(valid=True, parts={"bin": number[:6]})


def uppercase(amount_fen: int) -> str:
    """An amount in the words of bills (正确填写票据和结算凭证的基本规定): 整 after 元 and 角."""
    sign, fen = ("负" if amount_fen < 0 else ""), abs(amount_fen)
    words: str = cn2an.an2cn(f"{fen // 100}.{fen % 100:02d}", "rmb")
    return sign + words + ("整" if words.endswith("角") else "")


def is_working_day(day: date, special: Mapping[date, DayKind]) -> bool:
    """Monday to Friday, unless the State Council's notice made it a holiday or a working day."""
    kind = special.get(day)
    return day.weekday() < 5 if kind is None else kind == "makeup_workday"


def next_working_day(day: date, special: Mapping[date, DayKind]) -> date:
    """That day if it is worked, else the first working day after it."""
    while not is_working_day(day, special):
        day += timedelta(days=1)
    return day


def filing_deadline(
    month_on: date, special: Mapping[date, DayKind], published: Mapping[date, date]
) -> date:
    """The last day for filing in the month that begins on `month_on`.

    The published day where there is one; otherwise 税收征管法实施细则 第一百零九条: the 15th, later
    by as many working days as there are rest days of a holiday of three or more days in it.
    """
    if month_on in published:
        return published[month_on]
    day = month_on.replace(day=15)
    for _ in range(_holidays_in(month_on, day, special)):
        day = next_working_day(day + timedelta(days=1), special)
    return next_working_day(day, special)


def _holidays_in(first: date, last: date, special: Mapping[date, DayKind]) -> int:
    """Days of runs of three or more consecutive holidays between two dates, both included."""
    total = run = 0
    day = first
    while day <= last:
        run = run + 1 if special.get(day) == "holiday" else 0
        total += 3 if run == 3 else 1 if run > 3 else 0
        day += timedelta(days=1)
    return total


def bracket(brackets: Sequence[Bracket], amount: int, parts: int = 1) -> Bracket:
    """The step of a progressive table in which `amount`/`parts` fen lies; its end is included."""
    for step in brackets:
        if step.up_to_fen is None or amount <= step.up_to_fen * parts:
            return step
    raise AssertionError("the last step has no upper end")


def progressive(brackets: Sequence[Bracket], amount: int, parts: int = 1) -> int:
    """Tax in fen on `amount`/`parts` fen: rate of its step less quick deduction, one rounding,
    half-up; nothing on nothing or less."""
    if amount <= 0:
        return 0
    step = bracket(brackets, amount, parts)
    millionths = amount * step.rate_ppm - step.quick_deduction_fen * parts * 1_000_000
    return max(0, divide_half_up(millionths, parts * 1_000_000))
