"""Who may be entered as an employee, and which city's insurance is theirs."""

from __future__ import annotations

from datetime import date

import msgspec

from app.reference import rules as reference
from app.vault import mask_card, mask_name, mask_phone, mask_resident_id
from bookkeeping.employees.model import (
    Employee,
    EmployeeChange,
    EmployeeRow,
    HousingFundRate,
    IdentityInvalid,
    LeftBeforeJoining,
    NewEmployee,
    Who,
)

# 直辖市: insurance is the whole city's, elsewhere the prefecture's.
MUNICIPALITIES = ("11", "12", "31", "50")
# UnionPay card numbers carry a Luhn digit; passbook and foreign-bank accounts need not.
CARD_PREFIX = "62"


def insurance_region(city: str) -> str:
    """The division code under which a place's social insurance stands."""
    return city[:2] + "0000" if city.startswith(MUNICIPALITIES) else city[:4] + "00"


def check(new: NewEmployee, *, today: date) -> None:
    """IdentityInvalid names the field and the first rule it breaks."""
    _must("resident_id", reference.resident_id(new.resident_id, today=today).reason)
    check_account(new.account_number, new.bank_code)


def check_account(account_number: str, bank_code: str) -> None:
    """The account where wages go; a card number must carry its check digit."""
    _must("bank_code", reference.bank_code(bank_code).reason)
    if account_number.startswith(CARD_PREFIX) and len(account_number) in (16, 19):
        _must("account_number", reference.bank_card(account_number).reason)


def _must(field: str, reason: str | None) -> None:
    if reason is not None:
        raise IdentityInvalid(field=field, reason=reason)


def check_housing_fund(rate_ppm: int | None, from_ppm: int, up_to_ppm: int) -> None:
    """HousingFundRate unless the firm's rate lies in the city's span."""
    if rate_ppm is not None and not from_ppm <= rate_ppm <= up_to_ppm:
        raise HousingFundRate(rate_ppm=rate_ppm, from_ppm=from_ppm, up_to_ppm=up_to_ppm)


def change_who(who: Who, change: EmployeeChange) -> Who:
    """What is sealed after a change."""
    return msgspec.structs.replace(
        who,
        phone=change.phone or who.phone,
        account_number=change.account_number or who.account_number,
    )


def leave(row: EmployeeRow, left_on: date) -> date:
    """The last day; LeftBeforeJoining."""
    if left_on < row.joined_on:
        raise LeftBeforeJoining(joined_on=row.joined_on.isoformat(), left_on=left_on.isoformat())
    return left_on


def shown(row: EmployeeRow, who: Who, *, in_clear: bool) -> Employee:
    """An employee for the screen: numbers always masked, the name unless `in_clear`."""
    return Employee(
        id=row.id,
        name=who.name if in_clear else mask_name(who.name),
        resident_id=mask_resident_id(who.resident_id),
        phone=mask_phone(who.phone),
        account_number=mask_card(who.account_number),
        bank_code=row.bank_code,
        base_wage_fen=row.base_wage_fen,
        social_base_fen=row.social_base_fen,
        additional_fen=row.additional_fen,
        housing_fund_ppm=row.housing_fund_ppm,
        region=row.region,
        joined_on=row.joined_on,
        left_on=row.left_on,
        first_job=row.first_job,
        state=row.state,
        version=row.version,
    )
