"""Statements over HTTP."""

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from litestar import Response, Router, get
from litestar.di import NamedDependency
from litestar.params import FromPath, QueryParameter

from accounts.deposits.model import AccountNotFound, RangeInvalid
from accounts.deposits.routes import READERS, FromOn, UntilOn
from accounts.statements import operations
from accounts.statements.model import Format, Statement, StatementTooLong, Table
from app.http import problems
from app.media import also_as
from app.work import Work


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


router = Router("/v1/accounts", route_handlers=[read_statement], tags=["statements"])
