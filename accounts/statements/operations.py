"""Statements of a range that is short enough to be had at once."""

import asyncio
import io
from datetime import date, timedelta
from uuid import UUID

from accounts.camt import rules as camt
from accounts.ledger import operations as ledger
from accounts.lines import operations as lines
from accounts.lines.model import Frame, Line
from accounts.policies import operations as policies
from accounts.sheets import rules as sheets
from accounts.statements.model import Format, Limits, Statement, StatementTooLong, Table
from app.work import Work

CSV = "text/csv"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
XML = "application/xml"


async def limits(work: Work) -> Limits:
    """What the bank allows today."""
    return await policies.value(work, kind="statements.limits", shape=Limits)


async def _read(
    work: Work, *, account_id: UUID, from_on: date | None, until_on: date | None, form: Format
) -> tuple[Frame, list[Line]]:
    frame = await lines.frame(work, account_id=account_id, from_on=from_on, until_on=until_on)
    found = await limits(work)
    most = found.at_once_messages if form == "camt053" else found.at_once_lines
    if frame.count > most:
        raise StatementTooLong(most_lines=most, lines=frame.count, next_step="exports")
    return frame, await lines.stretch(work, frame=frame, after=None, limit=most)


async def make(
    work: Work, *, account_id: UUID, from_on: date | None, until_on: date | None
) -> Statement:
    """The account's movements in `[from_on, until_on)`.

    Raises AccountNotFound, RangeInvalid, StatementTooLong(most_lines).
    """
    frame, found = await _read(
        work, account_id=account_id, from_on=from_on, until_on=until_on, form="json"
    )
    return Statement(
        account_number=frame.account_number,
        account_name=frame.account_name,
        currency=frame.currency,
        from_on=frame.from_on,
        until_on=frame.until_on,
        opening_fen=frame.opening_fen,
        closing_fen=frame.closing_fen,
        came_in_fen=frame.came_in_fen,
        went_out_fen=frame.went_out_fen,
        lines=found,
    )


async def table(
    work: Work, *, account_id: UUID, from_on: date | None, until_on: date | None, form: Format
) -> Table:
    """The same as a file; drawn in a thread, so that other requests go on."""
    frame, found = await _read(
        work, account_id=account_id, from_on=from_on, until_on=until_on, form=form
    )
    if form == "csv":
        content = sheets.csv_head(frame) + sheets.csv_lines(found) + sheets.csv_tail(frame)
        return Table(name=sheets.file_name(frame, "csv"), media_type=CSV, content=content)
    if form == "xlsx":
        content = await asyncio.to_thread(workbook, frame, found)
        return Table(name=sheets.file_name(frame, "xlsx"), media_type=SHEET, content=content)
    bank = await policies.bank(work)
    content = await asyncio.to_thread(
        camt.whole, frame, found, bank_code=bank.bank_code, made_at=work.now
    )
    return Table(name=sheets.file_name(frame, "xml"), media_type=XML, content=content)


async def notice(work: Work, *, account_id: UUID, booked_on: date, seq: int) -> Table:
    """One movement as a camt.054; AccountNotFound, LineNotFound."""
    line = await lines.one(work, account_id=account_id, booked_on=booked_on, seq=seq)
    frame = await lines.frame(
        work, account_id=account_id, from_on=booked_on, until_on=booked_on + timedelta(days=1)
    )
    bank = await policies.bank(work)
    content = camt.notice(frame, line, bank_code=bank.bank_code, made_at=work.now)
    return Table(name=f"camt054-{booked_on:%Y%m%d}-{seq}.xml", media_type=XML, content=content)


async def intraday(work: Work, *, account_id: UUID) -> Table:
    """The business date so far as a camt.052; AccountNotFound, StatementTooLong(most_lines)."""
    until_on = work.today + timedelta(days=1)
    frame, found = await _read(
        work, account_id=account_id, from_on=work.today, until_on=until_on, form="camt053"
    )
    bank = await policies.bank(work)
    money = await ledger.balance(work, account_id=account_id)
    content = await asyncio.to_thread(
        camt.report,
        frame,
        found,
        available_fen=money.available_fen,
        bank_code=bank.bank_code,
        made_at=work.now,
    )
    return Table(name=f"camt052-{work.now:%Y%m%d%H%M%S}.xml", media_type=XML, content=content)


def workbook(frame: Frame, found: list[Line]) -> bytes:
    """A short statement as a workbook, in memory."""
    out = io.BytesIO()
    book = sheets.Workbook(out, frame, folder=None)
    book.add(found)
    book.close()
    return out.getvalue()
