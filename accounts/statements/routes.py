"""Statements over HTTP."""

from datetime import date
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter
from msgspec import Meta

from accounts.deposits.model import AccountNotFound, RangeInvalid
from accounts.deposits.routes import READERS, FromOn, UntilOn
from accounts.lines.model import LineNotFound
from accounts.statements import operations
from accounts.statements.model import Format, Statement, StatementTooLong, Table
from app.http import problems
from app.media import also_as
from app.work import Work

LineNo = Annotated[int, Meta(ge=1, le=10**15, examples=[1])]


@get(
    "/{account_id:uuid}/statement",
    guards=[READERS],
    operation_class=also_as(operations.CSV, operations.SHEET, operations.XML),
    responses=problems(AccountNotFound, RangeInvalid, StatementTooLong),
)
async def read_statement(
    work: NamedDependency[Work],
    account_id: FromPath[UUID],
    from_on: FromOn = None,
    until_on: UntilOn = None,
    form: Annotated[Format, QueryParameter(name="format")] = "json",
) -> Statement:
    """An account's movements in `[from, until)`, as JSON, CSV, workbook or camt.053 message.

    A longer range, or a document to print, is ordered: `POST /v1/accounts/{account_id}/exports`.
    """
    if form == "json":
        return await operations.make(
            work, account_id=account_id, from_on=from_on, until_on=until_on
        )
    table = await operations.table(
        work, account_id=account_id, from_on=from_on, until_on=until_on, form=form
    )
    return _download(table)  # type: ignore[return-value]


@get(
    "/{account_id:uuid}/intraday-report",
    guards=[READERS],
    media_type=operations.XML,
    operation_class=also_as(operations.XML),
    responses=problems(AccountNotFound, StatementTooLong),
)
async def read_intraday_report(
    work: NamedDependency[Work], account_id: FromPath[UUID]
) -> Response[bytes]:
    """The business date so far as a camt.052: opening, booked and available balance, movements."""
    return _download(await operations.intraday(work, account_id=account_id))


@get(
    "/{account_id:uuid}/notice",
    guards=[READERS],
    media_type=operations.XML,
    operation_class=also_as(operations.XML),
    responses=problems(AccountNotFound, LineNotFound),
)
async def read_notice(
    work: NamedDependency[Work],
    account_id: FromPath[UUID],
    booked_on: FromQuery[date],
    seq: FromQuery[LineNo],
) -> Response[bytes]:
    """One movement of the account as a camt.054: the credit or debit notice."""
    return _download(
        await operations.notice(work, account_id=account_id, booked_on=booked_on, seq=seq)
    )


def _download(table: Table) -> Response[bytes]:
    return Response(
        table.content,
        media_type=table.media_type,
        headers={
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(table.name)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


router = Router(
    "/v1/accounts",
    route_handlers=[read_statement, read_intraday_report, read_notice],
    tags=["statements"],
)
