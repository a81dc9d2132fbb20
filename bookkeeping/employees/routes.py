"""Employees over HTTP."""

from __future__ import annotations

from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.employees import operations
from bookkeeping.employees.model import (
    BulkEmployees,
    Departure,
    Employee,
    EmployeeChange,
    EmployeeChanged,
    EmployeeExists,
    EmployeeNotFound,
    HousingFundRate,
    IdentityInvalid,
    LeftBeforeJoining,
    NewEmployee,
    NewEmployees,
)

READERS = allow("owner", "finance", "maker", "checker", "accountant")
HIRERS = allow("owner", "finance")


@post(
    "",
    guards=[HIRERS],
    responses=problems(IdentityInvalid, HousingFundRate, EmployeeExists, NoValueInForce),
)
@once
async def hire_employee(work: NamedDependency[Work], data: JSONBody[NewEmployee]) -> Employee:
    """Enter an employee."""
    return await operations.hire(work, new=data)


@post("/bulk", status_code=200, guards=[HIRERS])
@once
async def hire_employees(
    work: NamedDependency[Work], data: JSONBody[NewEmployees]
) -> BulkEmployees:
    """Enter many employees; each row has its own result."""
    return await operations.hire_many(work, new=data.employees)


@get("", guards=[READERS], responses=problems(BadCursor))
async def list_employees(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Employee]:
    """Employees in the order of hiring."""
    return await operations.list_page(work, after=after, limit=limit)


@get("/{employee_id:uuid}", guards=[READERS], responses=problems(EmployeeNotFound))
async def read_employee(work: NamedDependency[Work], employee_id: FromPath[UUID]) -> Employee:
    """One employee."""
    return await operations.get(work, employee_id=employee_id)


@post(
    "/{employee_id:uuid}/change",
    status_code=200,
    guards=[HIRERS],
    responses=problems(
        EmployeeNotFound, EmployeeChanged, IdentityInvalid, HousingFundRate, NoValueInForce
    ),
)
@once
async def change_employee(
    work: NamedDependency[Work], data: JSONBody[EmployeeChange], employee_id: FromPath[UUID]
) -> Employee:
    """New terms from the next run on."""
    return await operations.change(work, employee_id=employee_id, change=data)


@post(
    "/{employee_id:uuid}/leave",
    status_code=200,
    guards=[HIRERS],
    responses=problems(EmployeeNotFound, EmployeeChanged, LeftBeforeJoining),
)
@once
async def leave_employee(
    work: NamedDependency[Work], data: JSONBody[Departure], employee_id: FromPath[UUID]
) -> Employee:
    """Enter the last day of an employment."""
    return await operations.leave(work, employee_id=employee_id, departure=data)


router = Router(
    "/v1/employees",
    route_handlers=[
        hire_employee,
        hire_employees,
        list_employees,
        read_employee,
        change_employee,
        leave_employee,
    ],
    tags=["employees"],
)
