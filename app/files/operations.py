"""Operations on stored files: keep one, get it back; on disk only ever encrypted."""

from __future__ import annotations

import asyncio
import hashlib
import os
import secrets
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

from app.files import rules
from app.files.cleaning import Paper
from app.files.model import File, FileNotFound, FileRow, MediaType, StoredFile
from app.ids import new_id
from app.queries import load
from app.settings import Settings
from app.work import Work

sql = load(__name__)

CONTENT = "files.content"
NAME = "files.files.name_sealed"


async def store(
    work: Work,
    *,
    kind: str,
    name: str,
    content: bytes,
    media_type: MediaType,
    keep_until: date | None = None,
    received_sha256: bytes | None = None,
) -> UUID:
    """Keep a file of the firm; it is on disk, synced, before its row is written.

    If the transaction is undone, ciphertext without a row is left behind, and nothing points to
    it. `keep_until` is the last day; by default what the law asks for the kind.
    """
    file_id = new_id()
    seal = {"scope": work.business_id, "row_id": file_id}
    sealed = await work.vault.seal_bytes(work, content, place=CONTENT, **seal)
    await asyncio.to_thread(_write, _path(work.settings, file_id), sealed)
    await work.run(
        sql.add_file,
        id=file_id,
        kind=kind,
        media_type=media_type,
        size_bytes=len(content),
        name_sealed=await work.vault.seal(work, rules.file_name(name), place=NAME, **seal),
        sha256=hashlib.sha256(content).digest(),
        received_sha256=received_sha256,
        keep_until=keep_until or rules.keep_until(kind, work.today),
    )
    await work.record("file_stored", object_id=file_id, kind=kind)
    return file_id


async def keep(
    work: Work, *, kind: str, name: str, paper: Paper, received_sha256: bytes
) -> StoredFile:
    """Keep what is harmless of what a customer handed in (`papers.clean`)."""
    file_id = await store(
        work, kind=kind, name=name, content=paper.content, media_type=paper.media_type,
        received_sha256=received_sha256,
    )  # fmt: skip
    return await describe(work, file_id=file_id)


async def describe(work: Work, *, file_id: UUID, business_id: UUID | None = None) -> StoredFile:
    """A file without its content; the actor's firm unless another is named (desk)."""
    row = await _find(work, file_id, business_id)
    return StoredFile(
        id=row.id,
        kind=row.kind,
        name=await _name(work, row),
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        sha256=row.sha256.hex(),
        received_sha256=(row.received_sha256 or row.sha256).hex(),
        keep_until=row.keep_until,
        stored_at=row.stored_at,
    )


async def fetch(work: Work, *, file_id: UUID, business_id: UUID | None = None) -> File:
    """A file with its content, which is what was stored to the last bit."""
    row = await _find(work, file_id, business_id)
    sealed = await asyncio.to_thread(_path(work.settings, row.id).read_bytes)
    content = await work.vault.open_bytes(
        work, sealed, scope=row.business_id, place=CONTENT, row_id=row.id
    )
    assert hashlib.sha256(content).digest() == row.sha256, f"file {row.id} is not what it was"
    return File(
        name=await _name(work, row), content=content, media_type=row.media_type, sha256=row.sha256
    )


def shred(settings: Settings, file_ids: Sequence[UUID]) -> None:
    """Remove the content of files that nothing points to any more; their rows stay as a record.

    Call it after the commit that let them go: what is removed does not come back.
    """
    for file_id in file_ids:
        _path(settings, file_id).unlink(missing_ok=True)


def write_part(settings: Settings, upload_id: UUID, number: int, sealed: bytes) -> None:
    """A part of an upload on disk, synced; the same part again takes its place."""
    _write(_part(settings, upload_id, number), sealed)


def read_part(settings: Settings, upload_id: UUID, number: int) -> bytes:
    """A part of an upload, still sealed."""
    return _part(settings, upload_id, number).read_bytes()


def remove_parts(settings: Settings, upload_id: UUID, parts: int) -> None:
    """Remove the parts of an upload that has ended, and one that came without its row."""
    for number in range(parts + 1):
        _part(settings, upload_id, number).unlink(missing_ok=True)


def _part(settings: Settings, upload_id: UUID, number: int) -> Path:
    name = upload_id.hex
    return settings.var_path / "files" / "parts" / name[-2:] / f"{name}.{number}"


async def _find(work: Work, file_id: UUID, business_id: UUID | None) -> FileRow:
    owner = business_id or work.business_id
    row = await work.maybe(FileRow, sql.find_file, id=file_id, business_id=owner)
    if row is None:
        raise FileNotFound(file_id=file_id)
    return row


async def _name(work: Work, row: FileRow) -> str:
    return await work.vault.open(
        work, row.name_sealed, scope=row.business_id, place=NAME, row_id=row.id
    )


def _path(settings: Settings, file_id: UUID) -> Path:
    name = file_id.hex
    return settings.var_path / "files" / name[-2:] / name[-4:-2] / name


def _write(path: Path, sealed: bytes) -> None:
    """Whole or not at all, and there after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(sealed)
            handle.flush()
            os.fsync(handle.fileno())
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    for folder in (path.parent, path.parent.parent):
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
