"""Payroll runs over HTTP; an employee reaches only their own payslips."""

from __future__ import annotations

from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from accounts.deposits.model import CannotPayOnline
from accounts.ledger.model import AccountRefusesPosting, InsufficientFunds
from app.approvals.model import (
    AlreadyDecided,
    ApprovalNotFound,
    DecidedByYou,
    SelfApproval,
    StaleVersion,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.reference.model import NoValueInForce
from app.work import Work
from bookkeeping.payroll import operations
from bookkeeping.payroll.model import (
    Line,
    MonthAlreadyRun,
    NewRun,
    NobodyToPay,
    NoPayAccount,
    OpenRunExists,
    OwnPayslips,
    PayDateWrong,
    PayMonthPassed,
    PayslipNotReady,
    Run,
    RunChanged,
    RunDecision,
    RunNotFound,
    RunStateForbids,
    RunWithLines,
    SeenVersion,
    UnknownEmployee,
)
from bookkeeping.wages.model import (
    NegativeWage,
)
from bookkeeping.withholding.model import PaidBeforeJoining

READERS = allow("owner", "finance", "maker", "checker", "accountant")
MAKERS = allow("owner", "finance", "maker")
DECIDERS = allow("owner", "finance", "checker")
MONEY = (PayMonthPassed, InsufficientFunds, AccountRefusesPosting, CannotPayOnline)


@post(
    "/runs",
    guards=[MAKERS],
    responses=problems(
        NoValueInForce,
        NoPayAccount,
        OpenRunExists,
        MonthAlreadyRun,
        PayDateWrong,
        UnknownEmployee,
        NobodyToPay,
        NegativeWage,
        PaidBeforeJoining,
    ),
)
@once
async def make_run(work: NamedDependency[Work], data: JSONBody[NewRun]) -> RunWithLines:
    """Calculate a month's wages as a draft."""
    return await operations.make(work, new=data)


@get("/runs", guards=[READERS], responses=problems(BadCursor))
async def list_runs(
    work: NamedDependency[Work],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Run]:
    """Runs, newest first."""
    return await operations.list_page(work, after=after, limit=limit)


@get("/runs/{run_id:uuid}", guards=[READERS], responses=problems(RunNotFound))
async def read_run(work: NamedDependency[Work], run_id: FromPath[UUID]) -> RunWithLines:
    """A run with its first 200 lines."""
    return await operations.get(work, run_id=run_id)


@get("/runs/{run_id:uuid}/lines", guards=[READERS], responses=problems(RunNotFound, BadCursor))
async def list_lines(
    work: NamedDependency[Work],
    run_id: FromPath[UUID],
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Line]:
    """Lines of a run in the order of payment."""
    return await operations.lines_of(work, run_id=run_id, after=after, limit=limit)


@post(
    "/runs/{run_id:uuid}/submit",
    status_code=200,
    guards=[MAKERS],
    responses=problems(RunNotFound, RunStateForbids, RunChanged),
)
@once
async def submit_run(
    work: NamedDependency[Work], data: JSONBody[SeenVersion], run_id: FromPath[UUID]
) -> Run:
    """Ask another person to approve the run."""
    return await operations.submit(work, run_id=run_id, version=data.version)


@post(
    "/runs/{run_id:uuid}/cancel",
    status_code=200,
    guards=[MAKERS],
    responses=problems(RunNotFound, RunStateForbids, RunChanged),
)
@once
async def cancel_run(
    work: NamedDependency[Work], data: JSONBody[SeenVersion], run_id: FromPath[UUID]
) -> Run:
    """Give up a run that has not been paid."""
    return await operations.cancel(work, run_id=run_id, version=data.version)


@post(
    "/runs/{run_id:uuid}/approve",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(
        RunNotFound,
        RunStateForbids,
        RunChanged,
        ApprovalNotFound,
        AlreadyDecided,
        DecidedByYou,
        SelfApproval,
        StaleVersion,
        *MONEY,
    ),
)
@once
async def decide_run(
    work: NamedDependency[Work], data: JSONBody[RunDecision], run_id: FromPath[UUID]
) -> Run:
    """Approve or reject a run that somebody else made; the last yes pays it on its day."""
    return await operations.decide(work, run_id=run_id, decision=data)


@post(
    "/runs/{run_id:uuid}/pay",
    status_code=200,
    guards=[DECIDERS],
    responses=problems(RunNotFound, RunStateForbids, *MONEY),
)
@once
async def pay_run(work: NamedDependency[Work], run_id: FromPath[UUID]) -> Run:
    """Pay an approved run whose day has come, where money was short before."""
    return await operations.release(work, run_id=run_id)


@get(
    "/runs/{run_id:uuid}/payslips/{employee_id:uuid}",
    guards=[allow("owner", "finance", "accountant", "employee")],
    responses=problems(RunNotFound, PayslipNotReady),
    media_type="application/pdf",
)
async def read_payslip(
    work: NamedDependency[Work], run_id: FromPath[UUID], employee_id: FromPath[UUID]
) -> Response[bytes]:
    """A payslip as PDF; an employee sees only their own."""
    found = await operations.payslip(work, run_id=run_id, employee_id=employee_id)
    return Response(found.content, media_type=found.media_type)


@get(
    "/payslips",
    guards=[allow("owner", "finance", "maker", "checker", "accountant", "employee")],
)
async def list_own_payslips(work: NamedDependency[Work]) -> OwnPayslips:
    """The signed-in person's own wages in this firm, newest first."""
    return await operations.own_payslips(work)


router = Router(
    "/v1/payroll",
    route_handlers=[
        make_run,
        list_runs,
        read_run,
        list_lines,
        submit_run,
        cancel_run,
        decide_run,
        pay_run,
        read_payslip,
        list_own_payslips,
    ],
    tags=["payroll"],
)
