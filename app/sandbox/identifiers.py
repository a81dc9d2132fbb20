"""Identifiers that the outside world gives out, made with their check digits.

Written apart from `app/reference` on purpose: the sandbox is a second witness, and a shared
mistake in a check digit would go unseen.
"""

from __future__ import annotations

from datetime import date

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def organisation_check(first8: str) -> str:
    """Ninth character of an organisation code (GB 11714)."""
    total = sum(int(c, 36) * w for c, w in zip(first8, _ORGANISATION_WEIGHTS, strict=True))
    check = 11 - total % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def uscc_check(first17: str) -> str:
    """Eighteenth character of a unified social credit code (GB 32100-2015)."""
    total = sum(USCC_ALPHABET.index(c) * w for c, w in zip(first17, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def make_uscc(*, category: str, area_code: str, first8: str) -> str:
    """A whole USCC: category `91` company or `92` household, area, first 8 of the organisation."""
    first17 = category + area_code + first8 + organisation_check(first8)
    return first17 + uscc_check(first17)


def new_organisation(number: int) -> str:
    """The n-th organisation code since 2015, `MA` and six characters; far apart, never twice."""
    size = 31**6
    rest, characters = (number * 104_729 * 31 + number * 7 + 11) % size, []
    for _ in range(6):
        rest, digit = divmod(rest, 31)
        characters.append(USCC_ALPHABET[digit])
    return "MA" + "".join(reversed(characters))


def is_uscc(code: str) -> bool:
    """Both check characters are right."""
    if len(code) != 18 or any(c not in USCC_ALPHABET for c in code):
        return False
    return code[16] == organisation_check(code[8:16]) and code[17] == uscc_check(code[:17])


def is_resident_id(number: str) -> bool:
    """Birth date and check character are right (GB 11643-1999)."""
    if len(number) != 18 or not number[:17].isdigit() or not number.isascii():
        return False
    try:
        date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    return number[17] == resident_check(number[:17])


def resident_check(first17: str) -> str:
    """Eighteenth character of a resident id."""
    total = sum(int(c) * w for c, w in zip(first17, _RESIDENT_WEIGHTS, strict=True))
    return "10X98765432"[total % 11]


def make_resident_id(*, area_code: str, born_on: date, sequence: int) -> str:
    """A resident id; an odd sequence (1-999) is a man's."""
    first17 = f"{area_code}{born_on:%Y%m%d}{sequence:03d}"
    return first17 + resident_check(first17)


def mod_11_10(digits: str) -> str:
    """Check digit by ISO 7064 MOD 11,10: bank codes (12th digit), registration numbers (15th)."""
    product = 10
    for digit in digits:
        product = 2 * ((product + int(digit)) % 10 or 10) % 11
    return str((11 - product) % 10)


def is_bank_code(code: str) -> bool:
    """A bank number of the payment systems (行号): twelve digits, the last one checks."""
    return (
        len(code) == 12 and code.isascii() and code.isdigit() and code[11] == mod_11_10(code[:11])
    )


def make_card(first: str) -> str:
    """A card number: the given digits and Luhn's check digit."""
    total = 0
    for place, digit in enumerate(reversed(first)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return first + str(-total % 10)
