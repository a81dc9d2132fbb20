"""Hires, changes and shows employees; opens their sealed data for those who pay them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import msgspec

from app.errors import XiaoweiError
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.reference import operations as reference
from app.work import Work
from bookkeeping.employees import rules
from bookkeeping.employees.model import (
    BulkEmployee,
    BulkEmployees,
    Departure,
    Employee,
    EmployeeChange,
    EmployeeChanged,
    EmployeeExists,
    EmployeeNotFound,
    EmployeeRow,
    NewEmployee,
    Span,
    Who,
)

sql = load(__name__)

PLACE = "bookkeeping.employees.who_sealed"
IN_CLEAR = ("owner", "finance")


async def hire(work: Work, *, new: NewEmployee) -> Employee:
    """Enter an employee. IdentityInvalid, HousingFundRate, EmployeeExists; NoValueInForce for a
    city whose social insurance is not known."""
    employee_id = await _hire(work, new)
    await work.record("employee.hired", object_id=employee_id)
    return await get(work, employee_id=employee_id)


async def hire_many(work: Work, *, new: Sequence[NewEmployee]) -> BulkEmployees:
    """Enter many, each judged by itself; the good ones stay."""
    results: list[BulkEmployee] = []
    for index, one in enumerate(new):
        try:
            results.append(BulkEmployee(index=index, employee_id=await _hire(work, one)))
        except XiaoweiError as error:
            problem = type(error).__name__
            results.append(BulkEmployee(index=index, problem=problem, facts=error.facts))
    hired = sum(result.employee_id is not None for result in results)
    await work.record("employee.hired_many", hired=hired, refused=len(new) - hired)
    return BulkEmployees(hired=hired, refused=len(new) - hired, results=results)


async def _hire(work: Work, new: NewEmployee) -> UUID:
    rules.check(new, today=work.today)
    region = rules.insurance_region(new.city)
    await _check_housing_fund(work, region, new.joined_on, new.housing_fund_ppm)
    employee_id = new_id()
    who = Who(
        name=new.name,
        resident_id=new.resident_id,
        phone=new.phone,
        account_number=new.account_number,
    )
    hired = await work.run(
        sql.hire,
        id=employee_id,
        who_sealed=await _seal(work, employee_id, who),
        resident_index=work.vault.blind_index("resident_id", new.resident_id),
        phone_index=work.vault.blind_index("phone", new.phone),
        bank_code=new.bank_code,
        base_wage_fen=new.base_wage_fen,
        region=region,
        joined_on=new.joined_on,
        social_base_fen=new.social_base_fen or new.base_wage_fen,
        additional_fen=new.additional_fen,
        housing_fund_ppm=new.housing_fund_ppm,
        first_job=new.first_job,
    )
    if not hired:
        raise EmployeeExists()
    return employee_id


async def _check_housing_fund(work: Work, region: str, on: date, rate_ppm: int | None) -> None:
    span = await reference.value(
        work, kind="social_insurance", on=max(on, work.today), region=region, shape=Span
    )
    rules.check_housing_fund(rate_ppm, span.housing_fund_from_ppm, span.housing_fund_up_to_ppm)


async def get(work: Work, *, employee_id: UUID) -> Employee:
    """One employee, masked; EmployeeNotFound."""
    row = await _row(work, employee_id)
    return await _shown(work, row)


async def list_page(work: Work, *, after: str | None, limit: int) -> Page[Employee]:
    """The firm's employees in the order of hiring."""
    after_id = decode_cursor(after, UUID)[0] if after else None
    rows = await work.all(EmployeeRow, sql.employees_page, after_id=after_id, limit=limit + 1)
    return page([await _shown(work, row) for row in rows], limit, lambda row: (row.id,))


async def change(work: Work, *, employee_id: UUID, change: EmployeeChange) -> Employee:
    """New terms from the next run on. EmployeeNotFound, EmployeeChanged, IdentityInvalid."""
    row = await _row(work, employee_id)
    who = rules.change_who(await open_who(work, row), change)
    rules.check_account(who.account_number, change.bank_code or row.bank_code)
    await _check_housing_fund(work, row.region, row.joined_on, change.housing_fund_ppm)
    changed = await work.run(
        sql.change,
        id=employee_id,
        version=change.version,
        who_sealed=await _seal(work, employee_id, who),
        phone_index=work.vault.blind_index("phone", who.phone),
        bank_code=change.bank_code,
        base_wage_fen=change.base_wage_fen,
        social_base_fen=change.social_base_fen,
        additional_fen=change.additional_fen,
        housing_fund_ppm=change.housing_fund_ppm,
    )
    if not changed:
        raise EmployeeChanged(employee_id=employee_id, version=row.version)
    await work.record("employee.changed", object_id=employee_id)
    return await get(work, employee_id=employee_id)


async def leave(work: Work, *, employee_id: UUID, departure: Departure) -> Employee:
    """The last day of an employment. EmployeeNotFound, EmployeeChanged, LeftBeforeJoining."""
    row = await _row(work, employee_id)
    left = await work.run(
        sql.leave,
        id=employee_id,
        version=departure.version,
        left_on=rules.leave(row, departure.left_on),
    )
    if not left:
        raise EmployeeChanged(employee_id=employee_id, version=row.version)
    await work.record("employee.left", object_id=employee_id)
    return await get(work, employee_id=employee_id)


async def employed(work: Work, *, from_on: date, until_on: date) -> list[EmployeeRow]:
    """Everybody employed on some day of `[from_on, until_on)`, in the order of hiring."""
    return await work.all(EmployeeRow, sql.employed_between, from_on=from_on, until_on=until_on)


async def own_ids(work: Work) -> list[UUID]:
    """The signed-in person's own employments in this firm."""
    return await work.all(UUID, sql.own_ids)


async def open_who(work: Work, row: EmployeeRow) -> Who:
    """The sealed part in clear, for paying and for forms that need it."""
    return await open_sealed(work, employee_id=row.id, sealed=row.who_sealed)


async def open_sealed(work: Work, *, employee_id: UUID, sealed: bytes) -> Who:
    """An employee's sealed part as it stands, or as it stood when a payroll was made."""
    text = await work.vault.open(
        work, sealed, scope=work.business_id, place=PLACE, row_id=employee_id
    )
    return msgspec.json.decode(text, type=Who)


async def _seal(work: Work, employee_id: UUID, who: Who) -> bytes:
    text = msgspec.json.encode(who).decode()
    return await work.vault.seal(
        work, text, scope=work.business_id, place=PLACE, row_id=employee_id
    )


async def _row(work: Work, employee_id: UUID) -> EmployeeRow:
    row = await work.maybe(EmployeeRow, sql.employee, id=employee_id)
    if row is None:
        raise EmployeeNotFound(employee_id=employee_id)
    return row


async def _shown(work: Work, row: EmployeeRow) -> Employee:
    who = await open_who(work, row)
    return rules.shown(row, who, in_clear=work.actor.role in IN_CLEAR)
