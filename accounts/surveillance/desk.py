"""The desk's door to large-value reports and suspicion cases."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.surveillance import operations
from accounts.surveillance.model import (
    CaseClaimed,
    CaseFile,
    CaseNote,
    CaseNotFound,
    CaseNotThere,
    CaseState,
    ClaimCaseFirst,
    Confirmation,
    Filed,
    LargeReport,
    LargeReportNotFound,
    NewNote,
    NewProposal,
    NotYourOwnProposal,
    ReportFile,
    ReportFiled,
    SuspicionCase,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("reviewer", "supervisor")
LARGE = "/large-reports/{business_id:uuid}/{report_id:uuid}"
CASE = "/cases/{business_id:uuid}/{case_id:uuid}"


def _file(report: ReportFile) -> Response[bytes]:
    name = f'attachment; filename="{report.kind}-{report.report_id}.json"'
    return Response(
        operations.as_bytes(report),
        media_type="application/json",
        headers={"Content-Disposition": name, "Cache-Control": "no-store"},
    )


@get("/large-reports", guards=[STAFF], responses=problems(BadCursor))
async def list_large_reports(
    work: NamedDependency[Work],
    filed: FromQuery[bool] = False,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[LargeReport]:
    """Large-value reports by their term; those due unless `filed` is asked for."""
    return await operations.large_reports(work, filed=filed, after=after, limit=limit)


@get(f"{LARGE}/file", guards=[STAFF], responses=problems(LargeReportNotFound))
async def read_large_report_file(
    work: NamedDependency[Work], business_id: FromPath[UUID], report_id: FromPath[UUID]
) -> ReportFile:
    """The report as it is handed in, with every movement and the other side of it."""
    report = await operations.large_file(work, business_id=business_id, report_id=report_id)
    return _file(report)  # type: ignore[return-value]


@post(
    f"{LARGE}/filed",
    status_code=200,
    guards=[STAFF],
    responses=problems(LargeReportNotFound, ReportFiled),
)
@once
async def large_report_filed(
    work: NamedDependency[Work],
    data: JSONBody[Filed],
    business_id: FromPath[UUID],
    report_id: FromPath[UUID],
) -> LargeReport:
    """The centre took the report under this receipt number."""
    return await operations.file_large(
        work, business_id=business_id, report_id=report_id, receipt=data.receipt
    )


@get("/cases", guards=[STAFF], responses=problems(BadCursor))
async def list_cases(
    work: NamedDependency[Work],
    in_state: Annotated[CaseState, QueryParameter(name="state")] = "open",
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[SuspicionCase]:
    """Cases in a state, the oldest first."""
    return await operations.cases(work, state=in_state, after=after, limit=limit)


@get(CASE, guards=[STAFF], responses=problems(CaseNotFound))
async def read_case(
    work: NamedDependency[Work], business_id: FromPath[UUID], case_id: FromPath[UUID]
) -> CaseFile:
    """A case with everything found and written."""
    return await operations.read(work, business_id=business_id, case_id=case_id)


@post(
    f"{CASE}/claim",
    status_code=200,
    guards=[STAFF],
    responses=problems(CaseNotFound, CaseNotThere, CaseClaimed),
)
@once
async def claim_case(
    work: NamedDependency[Work], business_id: FromPath[UUID], case_id: FromPath[UUID]
) -> SuspicionCase:
    """Work on it for an hour; claiming it again renews the lease."""
    return await operations.claim(work, business_id=business_id, case_id=case_id)


@post(f"{CASE}/notes", guards=[STAFF], responses=problems(CaseNotFound))
@once
async def add_case_note(
    work: NamedDependency[Work],
    data: JSONBody[NewNote],
    business_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> CaseNote:
    """Write something into the case."""
    return await operations.add_note(work, business_id=business_id, case_id=case_id, text=data.text)


@post(
    f"{CASE}/propose",
    status_code=200,
    guards=[STAFF],
    responses=problems(CaseNotFound, CaseNotThere, CaseClaimed, ClaimCaseFirst),
)
@once
async def propose_case(
    work: NamedDependency[Work],
    data: JSONBody[NewProposal],
    business_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> SuspicionCase:
    """Propose to report the firm or to close the case, with the reason."""
    return await operations.propose(work, business_id=business_id, case_id=case_id, new=data)


@post(
    f"{CASE}/confirm",
    status_code=200,
    guards=[STAFF],
    responses=problems(CaseNotFound, CaseNotThere, NotYourOwnProposal),
)
@once
async def confirm_case(
    work: NamedDependency[Work],
    data: JSONBody[Confirmation],
    business_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> SuspicionCase:
    """Settle it as another person, or send it back with what is missing."""
    return await operations.confirm(work, business_id=business_id, case_id=case_id, new=data)


@get(f"{CASE}/file", guards=[STAFF], responses=problems(CaseNotFound, CaseNotThere))
async def read_case_report(
    work: NamedDependency[Work], business_id: FromPath[UUID], case_id: FromPath[UUID]
) -> ReportFile:
    """The report of a case as it is handed in."""
    report = await operations.case_report(work, business_id=business_id, case_id=case_id)
    return _file(report)  # type: ignore[return-value]


@post(
    f"{CASE}/filed",
    status_code=200,
    guards=[STAFF],
    responses=problems(CaseNotFound, CaseNotThere, ReportFiled),
)
@once
async def case_report_filed(
    work: NamedDependency[Work],
    data: JSONBody[Filed],
    business_id: FromPath[UUID],
    case_id: FromPath[UUID],
) -> SuspicionCase:
    """The centre took the report of a case under this receipt number."""
    return await operations.file_case(
        work, business_id=business_id, case_id=case_id, receipt=data.receipt
    )


router = Router(
    "/desk/v1/surveillance",
    route_handlers=[
        list_large_reports,
        read_large_report_file,
        large_report_filed,
        list_cases,
        read_case,
        claim_case,
        add_case_note,
        propose_case,
        confirm_case,
        read_case_report,
        case_report_filed,
    ],
    tags=["desk: surveillance"],
)
