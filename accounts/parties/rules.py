"""What makes an entry in the book sound, and how long a new one is watched."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from accounts.deposits.model import Holder
from accounts.parties.model import (
    Entered,
    Imported,
    NameCheck,
    NewParty,
    Outcome,
    PartyAccountUnknown,
    PartyNameMismatch,
)
from app.reference.rules import bank_code, uscc

# Full width becomes half width letter by letter; names are never folded any further (rare
# characters have compatibility forms that are other people's names).
_PLAIN = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)} | str.maketrans("【】", "[]")
_SILENT = re.compile(r"[\s·•.]")
_FORMS = (("有限责任公司", "有限公司"), ("股份公司", "股份有限公司"))


def cooling_until(entered_at: datetime, cooling: timedelta) -> datetime:
    """Until when a new payee is watched: payments to it need a second person."""
    return entered_at + cooling


def is_watched(*, trusted: bool, cooling_until: datetime, now: datetime) -> bool:
    """Whether this payee is still too new to be paid by one person alone."""
    return not trusted and now < cooling_until


def comparable_name(name: str) -> str:
    """An account name as banks compare it: width, brackets, blanks and case do not matter."""
    return _SILENT.sub("", name.translate(_PLAIN)).upper()


def in_one_form(name: str) -> str:
    """A comparable name with its legal form spelled in one way and without brackets."""
    plain = comparable_name(name).translate(str.maketrans("", "", "()[]"))
    for long, short in _FORMS:
        plain = plain.replace(long, short)
    return plain


def name_check(named: str, holder: Holder | None, *, here: bool) -> NameCheck:
    """How a name fits its account: PartyAccountUnknown or PartyNameMismatch where it does not; the
    holder's real name is not told."""
    if not here:
        return "unchecked"
    if holder is None:
        raise PartyAccountUnknown()
    if same_name(named, holder.name):
        return "same"
    if in_one_form(named) == in_one_form(holder.name):
        return "similar"
    raise PartyNameMismatch()


def same_name(one: str, other: str) -> bool:
    """Whether two account names mean the same holder (户名相符)."""
    return comparable_name(one) == comparable_name(other)


def tail(account_number: str) -> str:
    """The last four digits: what is shown of an account number."""
    return account_number[-4:]


def banks_here(code: str, *, own_bank_code: str) -> bool:
    """Whether the account is one of this bank: the first three digits name the bank."""
    return code[:3] == own_bank_code[:3]


def row_check(
    row: NewParty, holder: Holder | None, *, here: bool
) -> tuple[NameCheck | None, Outcome]:
    """How the name in a row of an import fits, or None and what is wrong with the row."""
    if not bank_code(row.bank_code).valid:
        return None, "bad_bank_code"
    if row.uscc is not None and not uscc(row.uscc).valid:
        return None, "bad_uscc"
    try:
        return name_check(row.name, holder, here=here), "known"
    except PartyAccountUnknown:
        return None, "no_account"
    except PartyNameMismatch:
        return None, "other_name"


def imported(
    outcomes: Sequence[Outcome], ids: Mapping[int, UUID], added: Collection[UUID]
) -> Entered:
    """The answer row by row, counted from 1; a good row that was not added was known."""
    rows = []
    for no, outcome in enumerate(outcomes):
        party_id = ids.get(no)
        entered = party_id in added
        rows.append(
            Imported(
                row=no + 1,
                party_id=party_id if entered else None,
                outcome="entered" if entered else outcome,
            )
        )
    return Entered(rows=rows)
