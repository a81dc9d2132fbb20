"""The nouns of exports: what is ordered, how far it is, and why one cannot be had."""

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from accounts.lines.model import Frame, Key, Line
from app.errors import NotFound, Refusal
from app.events import Event

Form = Literal["pdf", "xlsx", "csv", "camt053", "receipts_pdf", "receipts_zip"]
State = Literal["asked", "done", "failed", "expired"]


class NewExport(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Order a statement or all receipts of `[from_on, until_on)`, by default of the whole life."""

    form: Form
    from_on: Annotated[date | None, Meta(examples=["2025-09-01"])] = None
    until_on: Annotated[date | None, Meta(examples=["2025-10-01"])] = None


class StoredExport(Struct, frozen=True, kw_only=True):
    """An export as stored: its range as it stood when it was ordered, and how far it is."""

    id: UUID
    account_id: UUID
    form: Form
    state: State
    frame: Frame
    lines: int
    lines_done: int
    pages: int | None
    pages_done: int
    parts: int
    after_on: date | None
    after_seq: int | None
    size_bytes: int
    file_id: UUID | None
    reason: str | None
    asked_at: datetime
    finished_at: datetime | None
    expires_on: date | None

    @property
    def after(self) -> Key | None:
        """The last line that is in a finished piece."""
        if self.after_on is None or self.after_seq is None:
            return None
        return Key(booked_on=self.after_on, seq=self.after_seq)


class Export(Struct, frozen=True, kw_only=True):
    """An export as its firm sees it; the file is there until `expires_on`."""

    id: UUID
    account_id: UUID
    form: Form
    state: State
    from_on: date
    until_on: date
    opening_fen: int
    closing_fen: int
    lines: int
    lines_done: int
    reason: str | None
    asked_at: datetime
    finished_at: datetime | None
    expires_on: date | None


class Piece(Struct, frozen=True, kw_only=True):
    """The lines of the next piece, and the pages they fall into if it is a document."""

    lines: list[Line]
    pages: int = 0

    @property
    def last(self) -> Key:
        """Where the piece after this one goes on."""
        return Key(booked_on=self.lines[-1].booked_on, seq=self.lines[-1].seq)


class Part(Struct, frozen=True, kw_only=True):
    """A finished piece."""

    no: int
    file_id: UUID


class ExportAsked(Event, frozen=True, kw_only=True):
    """An export has been ordered."""

    export_id: UUID


class ExportReady(Event, frozen=True, kw_only=True):
    """An export can be fetched."""

    export_id: UUID


class ExportNotFound(NotFound):
    """There is no such export."""

    zh = "导出任务不存在"


class ExportNotReady(NotFound):
    """The export is not made yet, could not be made, or is past its last day."""

    zh = "导出文件尚未生成、生成失败或已过保存期限"


class ExportTooLong(Refusal):
    """More lines than one export of this form may have; choose shorter ranges."""

    zh = "笔数超过该格式单次导出的上限，请分段申请"


class NothingToPrint(Refusal):
    """Nothing was booked in this range."""

    zh = "该区间没有记账明细"
