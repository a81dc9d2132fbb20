"""How long an export may be, which piece comes next, and what the finished file is called."""

from collections.abc import Sequence

from accounts.exports.model import (
    Export,
    ExportTooLong,
    Form,
    NothingToPrint,
    Piece,
    StoredExport,
)
from accounts.lines.model import Frame, Line
from accounts.sheets import rules as sheets
from accounts.statements.model import Limits
from app.files.model import LARGEST, MediaType

# How many lines are drawn or written at a time: a second or two of work each.
PIECE: dict[Form, int] = {
    "pdf": 240,
    "csv": 5_000,
    "camt053": 1_000,
    "receipts_pdf": 20,
    "receipts_zip": 10,
}
ENDINGS: dict[Form, tuple[str, MediaType]] = {
    "pdf": ("pdf", "application/pdf"),
    "csv": ("csv", "text/csv"),
    "camt053": ("xml", "application/xml"),
    "xlsx": ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "receipts_pdf": ("receipts.pdf", "application/pdf"),
    "receipts_zip": ("receipts.zip", "application/zip"),
}
ZIP: MediaType = "application/zip"
TOO_LARGE = "文件超过保存上限，请分段申请"


def most_lines(form: Form, limits: Limits) -> int:
    """How many lines an export of this form may have."""
    if form == "pdf":
        return limits.most_pdf_lines
    return limits.most_receipts if form.startswith("receipts") else limits.most_lines


def not_too_long(form: Form, frame: Frame, limits: Limits) -> None:
    """Raise ExportTooLong beyond the bank's limit for the form, NothingToPrint where receipts
    are wanted and nothing was booked."""
    if form.startswith("receipts") and not frame.count:
        raise NothingToPrint()
    most = most_lines(form, limits)
    if frame.count > most:
        raise ExportTooLong(lines=frame.count, most_lines=most)


def piece(export: StoredExport, lines: Sequence[Line]) -> Piece:
    """The next piece from the lines read: of a document only whole pages, while more follow."""
    if export.form != "pdf":
        return Piece(lines=list(lines))
    pages = whole_pages(lines, more=export.lines_done + len(lines) < export.lines)
    return Piece(lines=[line for page in pages for line in page], pages=len(pages))


def whole_pages(lines: Sequence[Line], *, more: bool) -> list[list[Line]]:
    """The pages these lines fill; where more lines follow, the last one may not be full yet."""
    pages = sheets.paginate(lines)
    return pages[:-1] if more and len(pages) > 1 else pages


def finished_file(export: StoredExport) -> tuple[str, MediaType, bool]:
    """Name and type of the file, and whether it is packed: a text too large to be kept plain."""
    ending, media_type = ENDINGS[export.form]
    name = sheets.file_name(export.frame, ending)
    if export.form in ("csv", "camt053") and export.size_bytes > LARGEST - 10_000:
        return f"{name}.zip", ZIP, True
    return name, media_type, False


def shown(stored: StoredExport) -> Export:
    """An export for its firm."""
    return Export(
        id=stored.id,
        account_id=stored.account_id,
        form=stored.form,
        state=stored.state,
        from_on=stored.frame.from_on,
        until_on=stored.frame.until_on,
        opening_fen=stored.frame.opening_fen,
        closing_fen=stored.frame.closing_fen,
        lines=stored.lines,
        lines_done=stored.lines_done,
        reason=stored.reason,
        asked_at=stored.asked_at,
        finished_at=stored.finished_at,
        expires_on=stored.expires_on,
    )
