"""Makes exports piece by piece: each piece is kept, so that a restart goes on where it stopped."""

from __future__ import annotations

import asyncio
import io
import tempfile
import time
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

from pypdf import PdfReader, PdfWriter

from accounts.camt import rules as camt
from accounts.deposits.jobs import over_all_firms
from accounts.exports import operations, rules
from accounts.exports.model import Piece, StoredExport
from accounts.lines.model import Key, Line
from accounts.policies import operations as policies
from accounts.receipts import jobs as receipt_jobs
from accounts.receipts import operations as receipts
from accounts.receipts.model import Receipt
from accounts.sheets import rules as sheets
from app.clock import SHANGHAI
from app.documents import DocumentRefused
from app.files import operations as files
from app.files.model import LARGEST
from app.jobs import Ctx, Later

TEMPLATE = "accounts/sheets/pages/statement.html"
# A job has 55 seconds; the next one goes on where this one stopped.
WORK_SECONDS = 25
READ_LINES = 5_000
EXPIRE_AT_ONCE = 500
DRAWN = ("pdf", "receipts_pdf", "receipts_zip")


async def make(ctx: Ctx, *, export_id: UUID, business_id: UUID, **_: object) -> None:
    """Go on with an export for a while; done when its file is kept."""
    started = time.monotonic()
    while True:
        async with ctx.begin(business_id) as work:
            export = await operations.get(work, export_id=export_id)
            if export.state != "asked":
                return
            piece = await operations.next_piece(work, export=export)
        if export.form in DRAWN and ctx.documents.waiting >= receipt_jobs.MOST_WAITING:
            raise Later(receipt_jobs.AGAIN_SECONDS)
        try:
            if piece is None:
                await _finish(ctx, export, business_id)
                return
            await _make_piece(ctx, export, piece, business_id)
        except DocumentRefused as refused:
            async with ctx.begin(business_id) as work:
                await operations.fail(work, export_id=export_id, reason=refused.zh)
            return
        if time.monotonic() - started > WORK_SECONDS:
            raise Later(0)


async def _make_piece(ctx: Ctx, export: StoredExport, piece: Piece, business_id: UUID) -> None:
    printed: list[Receipt] = []
    content: bytes | None
    if export.form == "pdf":
        content = await _draw(ctx, export, piece, business_id)
    elif export.form == "csv":
        content = await asyncio.to_thread(sheets.csv_lines, piece.lines)
    elif export.form == "camt053":
        content = await asyncio.to_thread(camt.entries, export.frame, piece.lines)
    else:
        printed, content = await _print(ctx, export, piece, business_id)
    async with ctx.begin(business_id) as work:
        if await operations.move_on(work, export=export, piece=piece, content=content) and printed:
            await receipts.count_prints(work, receipts=printed)


async def _draw(ctx: Ctx, export: StoredExport, piece: Piece, business_id: UUID) -> bytes:
    """The pages of a piece; before the first one all are counted, for each says of how many."""
    of_pages = export.pages
    if of_pages is None:
        of_pages = await _count_pages(ctx, export, business_id)
        async with ctx.begin(business_id) as work:
            await operations.plan(work, export_id=export.id, page_count=of_pages)
    found = sheets.paginate(piece.lines) or [[]]
    data = sheets.document_data(
        export.frame,
        [sheets.page_data(page, number=export.pages_done + no) for no, page in enumerate(found, 1)],
        of_pages=of_pages,
        made_at=f"{export.asked_at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
        mark=export.id.hex,
    )
    return await ctx.documents.pdf(TEMPLATE, data)


async def _count_pages(ctx: Ctx, export: StoredExport, business_id: UUID) -> int:
    """The same cutting into pages as of the pieces, with nothing drawn."""
    after, seen, count = None, 0, 0
    while seen < export.lines:
        async with ctx.begin(business_id) as work:
            found = await operations.read(work, export=export, after=after, limit=READ_LINES)
        found_pages = rules.whole_pages(found, more=seen + len(found) < export.lines)
        count += len(found_pages)
        seen += sum(map(len, found_pages))
        last = found_pages[-1][-1]
        after = Key(booked_on=last.booked_on, seq=last.seq)
    return max(count, 1)


async def _print(
    ctx: Ctx, export: StoredExport, piece: Piece, business_id: UUID
) -> tuple[list[Receipt], bytes | None]:
    """The receipts of a piece: drawn together, or each for itself and kept as its own file."""
    public_url = ctx.settings.public_url
    async with ctx.begin(business_id) as work:
        issued = await receipts.issue(work, account_id=export.account_id, wanted=piece.lines)
        facts = await receipts.facts_of(
            work, account_id=export.account_id, wanted=piece.lines, receipts=issued
        )
    if export.form == "receipts_pdf":
        return issued, await receipt_jobs.render(ctx.documents, facts, public_url=public_url)
    for receipt, one in zip(issued, facts, strict=True):
        if not receipt.ready:
            pdf = await receipt_jobs.render(ctx.documents, [one], public_url=public_url)
            async with ctx.begin(business_id) as work:
                await receipts.keep(work, receipt_id=receipt.id, facts=one, pdf=pdf)
    return issued, None


async def _finish(ctx: Ctx, export: StoredExport, business_id: UUID) -> None:
    """Put the pieces together, keep the file, and let the pieces go."""
    async with ctx.begin(business_id) as work:
        pieces = await operations.parts(work, export_id=export.id)
        contents = [await operations.part_content(work, part=part) for part in pieces]
        ends = b"", b""
        if export.form == "csv":
            ends = sheets.csv_head(export.frame), sheets.csv_tail(export.frame)
        elif export.form == "camt053":
            bank = await policies.bank(work)
            ends = camt.ends(export.frame, bank_code=bank.bank_code, made_at=export.asked_at)
    if export.form == "xlsx":
        content = await _workbook(ctx, export, business_id)
    elif export.form == "receipts_zip":
        content = await _zip_receipts(ctx, export, business_id)
    elif export.form in DRAWN:
        content = await asyncio.to_thread(_merge, contents)
    else:
        content = await asyncio.to_thread(_join, export, [ends[0], *contents, ends[1]])
    async with ctx.begin(business_id) as work:
        if len(content) > LARGEST:
            await operations.fail(work, export_id=export.id, reason=rules.TOO_LARGE)
        else:
            await operations.finish(work, export=export, content=content)
    await asyncio.to_thread(files.shred, ctx.settings, [part.file_id for part in pieces])


def _merge(contents: list[bytes]) -> bytes:
    """Documents behind one another as one."""
    if len(contents) == 1:
        return contents[0]
    writer, out = PdfWriter(), io.BytesIO()
    for content in contents:
        writer.append(PdfReader(io.BytesIO(content)), import_outline=False)
    writer.write(out)
    return out.getvalue()


def _join(export: StoredExport, contents: list[bytes]) -> bytes:
    """Texts behind one another; packed where they are too large to be kept plain."""
    name, _, packed = rules.finished_file(export)
    if not packed:
        return b"".join(contents)
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open(name.removesuffix(".zip"), "w", force_zip64=True) as entry,
    ):
        for content in contents:
            entry.write(content)
    return out.getvalue()


async def _stretches(
    ctx: Ctx, export: StoredExport, business_id: UUID
) -> AsyncIterator[list[Line]]:
    """All lines of an export, a stretch and a short transaction at a time."""
    after = None
    while True:
        async with ctx.begin(business_id) as work:
            found = await operations.read(work, export=export, after=after, limit=READ_LINES)
        if not found:
            return
        yield found
        after = Key(booked_on=found[-1].booked_on, seq=found[-1].seq)


async def _workbook(ctx: Ctx, export: StoredExport, business_id: UUID) -> bytes:
    """The workbook; rows that are written leave the memory for a folder of our own."""
    with tempfile.TemporaryDirectory(dir=_folder(ctx)) as folder:
        out = io.BytesIO()
        book = sheets.Workbook(out, export.frame, folder=folder)
        async for found in _stretches(ctx, export, business_id):
            await asyncio.to_thread(book.add, found)
        await asyncio.to_thread(book.close)
        return out.getvalue()


def _folder(ctx: Ctx) -> Path:
    folder = ctx.settings.var_path / "tmp"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


async def _zip_receipts(ctx: Ctx, export: StoredExport, business_id: UUID) -> bytes:
    """Every receipt of the range as a file of its own."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        async for found in _stretches(ctx, export, business_id):
            async with ctx.begin(business_id) as work:
                issued = await receipts.issue(work, account_id=export.account_id, wanted=found)
                for receipt in issued:
                    file = await receipts.document(work, receipt_id=receipt.id)
                    archive.writestr(file.name, file.content)
    return out.getvalue()


async def forget(ctx: Ctx, **_: object) -> None:
    """Once a day: what is past its last day can no longer be fetched, and its content goes."""
    full = True
    while full:
        async with over_all_firms(ctx) as work:
            gone = await operations.expire(work, most=EXPIRE_AT_ONCE)
        await asyncio.to_thread(files.shred, ctx.settings, gone)
        full = len(gone) == EXPIRE_AT_ONCE
