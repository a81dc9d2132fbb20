"""Orders an export, cuts it into pieces, keeps them, and hands out the finished file."""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from accounts.exports import rules
from accounts.exports.model import (
    Export,
    ExportAsked,
    ExportNotFound,
    ExportNotReady,
    ExportReady,
    NewExport,
    Part,
    Piece,
    StoredExport,
)
from accounts.lines import operations as lines
from accounts.lines.model import Key, Line
from accounts.statements import operations as statements
from app import pages
from app.files import operations as files
from app.files.model import File
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
PART = "export_part"


async def ask(work: Work, *, account_id: UUID, new: NewExport) -> Export:
    """Order an export of the range as it stands now: what is posted later is not in it.

    Raises AccountNotFound, RangeInvalid, ExportTooLong, NothingToPrint.
    """
    frame = await lines.frame(
        work, account_id=account_id, from_on=new.from_on, until_on=new.until_on
    )
    rules.not_too_long(new.form, frame, await statements.limits(work))
    export_id = new_id()
    await work.run(
        sql.add_export,
        id=export_id,
        account_id=account_id,
        form=new.form,
        frame=msgspec.to_builtins(frame),
        lines=frame.count,
    )
    await work.record("export.asked", object_id=export_id, form=new.form)
    await work.progress(export_id, "asked", lines=frame.count)
    await work.emit(ExportAsked(export_id=export_id))
    return await show(work, export_id=export_id)


async def get(work: Work, *, export_id: UUID) -> StoredExport:
    """An export as stored, or ExportNotFound."""
    export = await work.maybe(StoredExport, sql.export, id=export_id)
    if export is None:
        raise ExportNotFound(export_id=export_id)
    return export


async def show(work: Work, *, export_id: UUID) -> Export:
    """An export for its firm, or ExportNotFound."""
    return rules.shown(await get(work, export_id=export_id))


async def search(
    work: Work, *, account_id: UUID | None, after: str | None, limit: int
) -> pages.Page[Export]:
    """The firm's exports, newest first."""
    after_at, after_id = pages.decode_cursor(after, datetime, UUID) if after else (None, None)
    rows = await work.all(
        StoredExport,
        sql.exports_page,
        account_id=account_id,
        after_at=after_at,
        after_id=after_id,
        limit=limit,
    )
    shown = [rules.shown(row) for row in rows]
    return pages.page(shown, limit, lambda export: (export.asked_at, export.id))


async def document(work: Work, *, export_id: UUID) -> File:
    """The finished file; ExportNotFound or ExportNotReady."""
    export = await get(work, export_id=export_id)
    if export.state != "done" or export.file_id is None:
        raise ExportNotReady(export_id=export_id, state=export.state)
    return await files.fetch(work, file_id=export.file_id)


async def read(work: Work, *, export: StoredExport, after: Key | None, limit: int) -> list[Line]:
    """The next lines of an export."""
    return await lines.stretch(work, frame=export.frame, after=after, limit=limit)


async def next_piece(work: Work, *, export: StoredExport) -> Piece | None:
    """What is to be made next; None when every line is in a piece."""
    if export.form == "xlsx" or (export.lines_done == export.lines and export.parts):
        return None
    if not export.lines:
        # A statement without lines is a document of one empty page, or only its two ends.
        return Piece(lines=[], pages=1) if export.form == "pdf" else None
    found = await read(work, export=export, after=export.after, limit=rules.PIECE[export.form])
    return rules.piece(export, found)


async def plan(work: Work, *, export_id: UUID, page_count: int) -> None:
    """Keep how many pages the document will have."""
    await work.run(sql.plan_pages, id=export_id, pages=page_count)


async def move_on(work: Work, *, export: StoredExport, piece: Piece, content: bytes | None) -> bool:
    """Keep a finished piece and go on behind it; False if somebody else had finished it."""
    last = piece.last if piece.lines else None
    moved = await work.run(
        sql.move_on,
        id=export.id,
        no=export.parts,
        lines=len(piece.lines),
        pages=piece.pages,
        size_bytes=len(content or b""),
        after_on=last.booked_on if last else None,
        after_seq=last.seq if last else None,
    )
    if not moved:
        return False
    if content is not None:
        file_id = await files.store(
            work,
            kind=PART,
            name=f"{export.id.hex}.{export.parts}",
            content=content,
            media_type=rules.ENDINGS[export.form][1],
            keep_until=work.today,
        )
        await work.run(sql.add_part, export_id=export.id, no=export.parts, file_id=file_id)
    done = export.lines_done + len(piece.lines)
    await work.progress(export.id, "progress", lines_done=done, lines=export.lines)
    return True


async def parts(work: Work, *, export_id: UUID) -> list[Part]:
    """The finished pieces in order."""
    return await work.all(Part, sql.parts, export_id=export_id)


async def part_content(work: Work, *, part: Part) -> bytes:
    """What a finished piece holds."""
    return (await files.fetch(work, file_id=part.file_id)).content


async def finish(work: Work, *, export: StoredExport, content: bytes) -> None:
    """Keep the finished file, say so, and ring for the notice."""
    name, media_type, _ = rules.finished_file(export)
    kept = (await statements.limits(work)).kept_days
    expires_on = work.today + timedelta(days=kept)
    file_id = await files.store(
        work,
        kind="export",
        name=name,
        content=content,
        media_type=media_type,
        keep_until=expires_on,
    )
    if await work.run(sql.finish, id=export.id, file_id=file_id, expires_on=expires_on):
        await work.progress(export.id, "done", lines=export.lines, final=True)
        await work.emit(ExportReady(export_id=export.id))


async def fail(work: Work, *, export_id: UUID, reason: str) -> None:
    """It cannot be made; say why."""
    if await work.run(sql.fail, id=export_id, reason=reason):
        await work.progress(export_id, "failed", reason=reason, final=True)


async def expire(work: Work, *, most: int) -> list[UUID]:
    """Mark what is past its last day in all firms; the files whose content may go."""
    return await work.all(UUID, sql.expire, most=most)
