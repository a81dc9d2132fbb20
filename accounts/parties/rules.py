"""What makes an entry in the book sound, and how long a new one is watched."""

import unicodedata
from datetime import datetime, timedelta

_BRACKETS = str.maketrans({"（": "(", "）": ")", "【": "[", "】": "]", "·": "", "•": "", "．": ""})


def cooling_until(entered_at: datetime, cooling: timedelta) -> datetime:
    """Until when a new payee is watched: payments to it need a second person."""
    return entered_at + cooling


def is_watched(*, trusted: bool, cooling_until: datetime, now: datetime) -> bool:
    """Whether this payee is still too new to be paid by one person alone."""
    return not trusted and now < cooling_until


def comparable_name(name: str) -> str:
    """An account name as banks compare it: width, brackets, blanks and case do not matter."""
    wide = unicodedata.normalize("NFKC", name.translate(_BRACKETS))
    return "".join(wide.translate(_BRACKETS).split()).upper()


def same_name(one: str, other: str) -> bool:
    """Whether two account names mean the same holder (户名相符)."""
    return comparable_name(one) == comparable_name(other)


def tail(account_number: str) -> str:
    """The last four digits: what is shown of an account number."""
    return account_number[-4:]
