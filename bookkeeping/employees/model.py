"""The nouns of employment: an employee, what is kept sealed of them, changes, errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.errors import Conflict, NotFound, Refusal
from app.names import AccountNumber, AreaCode, BankCode, PersonName, Phone, ResidentId

EmployeeState = Literal["active", "left"]
JoinedOn = Annotated[date, Meta(examples=["2025-09-01"])]
Version = Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
WageFen = Annotated[int, Meta(gt=0, le=10**11, examples=[1200000])]
AdditionalFen = Annotated[int, Meta(ge=0, le=10**10, examples=[200000])]
HousingFundPpm = Annotated[int, Meta(ge=50_000, le=120_000, examples=[70_000])]


class NewEmployee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Someone hired. `social_base_fen` defaults to the wage; `additional_fen` is the monthly sum
    of special additional deductions that the employee declared; `city` decides the insurance."""

    name: PersonName
    resident_id: ResidentId
    phone: Phone
    account_number: AccountNumber
    bank_code: BankCode
    base_wage_fen: WageFen
    joined_on: JoinedOn
    city: AreaCode
    social_base_fen: WageFen | None = None
    additional_fen: AdditionalFen = 0
    housing_fund_ppm: HousingFundPpm | None = None
    first_job: bool = False


class NewEmployees(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Many at once; each is judged by itself."""

    employees: Annotated[list[NewEmployee], Meta(min_length=1, max_length=1000)]


class EmployeeChange(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """New terms; what is absent stays. `version` is the one that was seen."""

    version: Version
    phone: Phone | None = None
    account_number: AccountNumber | None = None
    bank_code: BankCode | None = None
    base_wage_fen: WageFen | None = None
    social_base_fen: WageFen | None = None
    additional_fen: AdditionalFen | None = None
    housing_fund_ppm: HousingFundPpm | None = None


class Departure(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last day of employment."""

    version: Version
    left_on: Annotated[date, Meta(examples=["2026-03-31"])]


class Who(msgspec.Struct, frozen=True, kw_only=True):
    """What is sealed of an employee."""

    name: str
    resident_id: str
    phone: str
    account_number: str


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What a wage is computed from."""

    id: UUID
    base_wage_fen: int
    social_base_fen: int
    additional_fen: int
    housing_fund_ppm: int | None
    region: str
    joined_on: date
    first_job: bool


class EmployeeRow(Terms, frozen=True, kw_only=True):
    """An employee as stored."""

    who_sealed: bytes
    bank_code: str
    left_on: date | None
    state: EmployeeState
    version: int


class Employee(msgspec.Struct, frozen=True, kw_only=True):
    """An employee as shown: numbers masked, the name too for those who do not hire."""

    id: UUID
    name: str
    resident_id: str
    phone: str
    account_number: str
    bank_code: str
    base_wage_fen: int
    social_base_fen: int
    additional_fen: int
    housing_fund_ppm: int | None
    region: str
    joined_on: date
    left_on: date | None
    first_job: bool
    state: EmployeeState
    version: int


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """The housing fund rates a city allows (part of `social_insurance`)."""

    housing_fund_from_ppm: int
    housing_fund_up_to_ppm: int


class BulkEmployee(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one row: an id, or the problem with its facts."""

    index: int
    employee_id: UUID | None = None
    problem: str | None = None
    facts: dict[str, Any] = {}


class BulkEmployees(msgspec.Struct, frozen=True, kw_only=True):
    """How many were taken, and the result of every row in order."""

    hired: int
    refused: int
    results: list[BulkEmployee]


class EmployeeNotFound(NotFound):
    """The employee does not exist."""

    zh = "员工不存在"


class EmployeeExists(Conflict):
    """Somebody with this identity number is already employed here."""

    zh = "该证件号码的员工已存在"


class EmployeeChanged(Conflict):
    """The employee has changed since you read it; read it again."""

    zh = "员工信息已变更，请刷新后重试"


class IdentityInvalid(Refusal):
    """The identity number, card or bank code breaks a rule of its standard."""

    zh = "证件号码、银行账号或行号校验不通过"


class HousingFundRate(Refusal):
    """The housing fund rate lies outside the city's span."""

    zh = "公积金比例超出当地范围"


class LeftBeforeJoining(Refusal):
    """The last day lies before the first."""

    zh = "离职日期早于入职日期"
