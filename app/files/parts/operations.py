"""Announce an upload, take its parts in order, put them together and keep the file."""

from __future__ import annotations

import asyncio
import hashlib
from datetime import timedelta
from uuid import UUID

from app import clock
from app.files import operations as files
from app.files import rules
from app.files.cleaning import Paper
from app.files.model import StoredFile
from app.files.parts.model import (
    PART_BYTES,
    NewUpload,
    PartHasWrongSize,
    PartsMissing,
    PartTooEarly,
    TooManyUploads,
    UploadInParts,
    UploadNotFound,
    UploadNotOpen,
    UploadRow,
    Whole,
)
from app.ids import new_id
from app.queries import load
from app.settings import Settings
from app.work import Work

sql = load(__name__)

NAME = "files.uploads.name_sealed"
PART = "files.upload_parts"
MOST_OPEN = 20
# A phone may be without a line for a night; real time, as nothing in business depends on it.
KEEP_FOR = timedelta(hours=24)


async def begin(work: Work, *, new: NewUpload) -> UploadInParts:
    """Announce a file; TooManyUploads when a firm leaves twenty unfinished."""
    if await work.one(int, sql.under_way) >= MOST_OPEN:
        raise TooManyUploads(most=MOST_OPEN)
    upload_id = new_id()
    await work.run(
        sql.add_upload, id=upload_id, kind=new.kind, size_bytes=new.size_bytes,
        part_bytes=PART_BYTES, sha256=bytes.fromhex(new.sha256),
        expires_at=clock.now() + KEEP_FOR,
        name_sealed=await work.vault.seal(
            work, rules.file_name(new.name), scope=work.business_id, place=NAME,
            row_id=upload_id,
        ),
    )  # fmt: skip
    return await get(work, upload_id=upload_id)


async def get(work: Work, *, upload_id: UUID) -> UploadInParts:
    """How far an upload is; UploadNotFound."""
    row = await work.maybe(UploadRow, sql.upload, id=upload_id)
    if row is None:
        raise UploadNotFound(upload_id=upload_id)
    return _shown(row)


def _count(row: UploadRow) -> int:
    return -(-row.size_bytes // row.part_bytes)


def _size(row: UploadRow, number: int) -> int:
    """How many bytes a part has."""
    return min(row.part_bytes, row.size_bytes - number * row.part_bytes)


def _shown(row: UploadRow) -> UploadInParts:
    parts = _count(row)
    more = row.state == "open" and row.received_parts < parts
    return UploadInParts(
        id=row.id, kind=row.kind, state=row.state, size_bytes=row.size_bytes,
        part_bytes=row.part_bytes, parts=parts, received_parts=row.received_parts,
        next_part=row.received_parts if more else None, refused_with=row.refused_with,
        file_id=row.file_id, expires_at=row.expires_at,
    )  # fmt: skip


async def _lock(work: Work, upload_id: UUID) -> UploadRow:
    row = await work.maybe(UploadRow, sql.lock_upload, id=upload_id)
    if row is None:
        raise UploadNotFound(upload_id=upload_id)
    return row


async def take(work: Work, *, upload_id: UUID, number: int, content: bytes) -> UploadInParts:
    """Keep a part, encrypted; one that is there already is left as it is.

    A phone that does not know whether its part came through sends it again. Raises UploadNotOpen,
    PartTooEarly, PartHasWrongSize.
    """
    row = await _lock(work, upload_id)
    if row.state != "open":
        raise UploadNotOpen(state=row.state, file_id=row.file_id)
    if number < row.received_parts:
        return _shown(row)
    if number > row.received_parts or number >= _count(row):
        raise PartTooEarly(next_part=_shown(row).next_part)
    if len(content) != _size(row, number):
        raise PartHasWrongSize(expected_bytes=_size(row, number), received_bytes=len(content))
    sealed = await work.vault.seal_bytes(
        work, content, scope=row.business_id, place=f"{PART}.{number}", row_id=row.id
    )
    await asyncio.to_thread(files.write_part, work.settings, row.id, number, sealed)
    await work.run(sql.one_more_part, id=row.id)
    return await get(work, upload_id=upload_id)


async def whole(work: Work, *, upload_id: UUID) -> Whole | None:
    """All parts put together, for the reading process; None once it is kept already.

    Raises PartsMissing, UploadNotOpen.
    """
    row = await work.maybe(UploadRow, sql.upload, id=upload_id)
    if row is None:
        raise UploadNotFound(upload_id=upload_id)
    if row.state == "done":
        return None
    if row.state != "open":
        raise UploadNotOpen(state=row.state)
    parts = _count(row)
    if row.received_parts < parts:
        raise PartsMissing(next_part=row.received_parts)
    content = bytearray()
    for number in range(parts):
        sealed = await asyncio.to_thread(files.read_part, work.settings, row.id, number)
        content += await work.vault.open_bytes(
            work, sealed, scope=row.business_id, place=f"{PART}.{number}", row_id=row.id
        )
    name = await work.vault.open(
        work, row.name_sealed, scope=row.business_id, place=NAME, row_id=row.id
    )
    return Whole(
        kind=row.kind, name=name, content=bytes(content), sha256=row.sha256, parts=parts
    )  # fmt: skip


def is_as_announced(found: Whole) -> bool:
    """Whether the parts came to what was announced."""
    return hashlib.sha256(found.content).digest() == found.sha256


async def finish(work: Work, *, upload_id: UUID, found: Whole, paper: Paper) -> StoredFile:
    """Keep the file; a second call at the same moment finds the first one's."""
    row = await _lock(work, upload_id)
    if row.state == "done":
        return await finished(work, upload_id=upload_id)
    if row.state != "open":
        raise UploadNotOpen(state=row.state)
    kept = await files.keep(
        work, kind=found.kind, name=found.name, paper=paper, received_sha256=found.sha256
    )
    await work.run(sql.finish, id=upload_id, file_id=kept.id)
    return kept


async def finished(work: Work, *, upload_id: UUID) -> StoredFile:
    """The file of an upload that is done."""
    row = await _lock(work, upload_id)
    assert row.file_id is not None
    return await files.describe(work, file_id=row.file_id)


async def refuse(work: Work, *, upload_id: UUID, refused_with: str) -> None:
    """What arrived cannot be kept: the upload ends."""
    row = await _lock(work, upload_id)
    if row.state == "open":
        await work.run(sql.refuse, id=upload_id, refused_with=refused_with)


def forget(settings: Settings, upload_id: UUID, parts: int) -> None:
    """Remove the parts of an upload that has ended; after the commit that ended it."""
    files.remove_parts(settings, upload_id, parts)
