"""Rules for text, names and numbers that people type, as field types of request bodies."""

from __future__ import annotations

import re
import unicodedata
from typing import Annotated

from msgspec import Meta

# Ranges of Han characters by code point: Python's own tables lag behind Unicode, so `isalpha`
# refuses rare but real surnames (promises: names of people are never normalised).
_HAN = (
    "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002a6df\U0002a700-\U0002ebef"
    "\U0002ebf0-\U0002ee5f\U0002f800-\U0002fa1f\U00030000-\U000323af\U000323b0-\U0003347f"
)
PERSON_NAME_PATTERN = f"^[{_HAN}A-Za-z][{_HAN}A-Za-z ·.'-]{{0,48}}[{_HAN}A-Za-z.]$"

# Control characters, surrogates, bidirectional overrides, zero width: never in any text.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
    "\ud800-\udfff]"
)

PersonName = Annotated[
    str, Meta(min_length=2, max_length=50, pattern=PERSON_NAME_PATTERN, examples=["王小微"])
]
CompanyName = Annotated[str, Meta(min_length=4, max_length=100, examples=["上海示例科技有限公司"])]
Phone = Annotated[str, Meta(pattern=r"^1[3-9][0-9]{9}$", examples=["13812345678"])]
ResidentId = Annotated[str, Meta(pattern=r"^[0-9]{17}[0-9X]$", examples=["11010519491231002X"])]
Uscc = Annotated[str, Meta(pattern=r"^[0-9A-HJ-NP-RTUWXY]{18}$", examples=["91330100799655058B"])]
BankCode = Annotated[str, Meta(pattern=r"^[0-9]{12}$", examples=["102100099996"])]
AccountNumber = Annotated[str, Meta(pattern=r"^[0-9]{9,32}$", examples=["6222026910738572274"])]
Text = Annotated[str, Meta(min_length=1, max_length=200, examples=["办公用品"])]
Memo = Annotated[str, Meta(max_length=140, examples=["货款"])]
AreaCode = Annotated[str, Meta(pattern=r"^[0-9]{6}$", examples=["310115"])]


def forbidden_character(text: str) -> str | None:
    """The first character that no text may contain, as `U+XXXX`, or None."""
    found = _FORBIDDEN.search(text)
    return f"U+{ord(found.group()):04X}" if found else None


def clean(text: str) -> str:
    """Free text in composed form (NFC) without outer blanks; not for names of people."""
    return unicodedata.normalize("NFC", text).strip()
