"""Reads and writes tables without running anything in them: bounds first, then cells as typed."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable

from accounts.spreadsheets.model import Bounds, Cell, Form, Line, NotATable, Sheet, TableTooLarge
from app.names import clean, forbidden_character

# What a spreadsheet takes for a formula, in both widths.
_FORMULA = re.compile(r"^[=+\-@\t\r＝＋－＠]")
# ="0200…" is how programs keep the zeros of a number in CSV.
_KEPT_TEXT = re.compile(r'^="([^"]*)"$')
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_CHUNK = 65_536
MOST_ENTRIES = 200
# Parts of a workbook that reach outside of it or carry programs.
_REFUSED_PARTS = ("xl/externalLinks/", "xl/vbaProject.bin", "xl/embeddings/", "xl/activeX/")


def form_of(content: bytes) -> Form:
    """CSV or XLSX, by the content alone."""
    return "xlsx" if content.startswith(b"PK\x03\x04") else "csv"


def decoded(content: bytes) -> str:
    """The text of a CSV file: UTF-8 with or without its mark, else GB 18030; NotATable."""
    if content.startswith(_UTF16) or b"\x00" in content:
        raise NotATable(problem="encoding", next_step="请另存为 CSV UTF-8 或 XLSX 后重新上传")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotATable(problem="encoding", next_step="请另存为 CSV UTF-8 或 XLSX 后重新上传")


def lines_of_csv(content: bytes, bounds: Bounds) -> list[Line]:
    """The lines of a CSV file that hold anything; NotATable, TableTooLarge."""
    fits(content, bounds)
    reader = csv.reader(io.StringIO(decoded(content), newline=""), strict=True)
    found: list[Line] = []
    try:
        for no, row in enumerate(reader, 1):
            cells = [csv_cell(text) for text in row]
            _keep(found, no, cells, bounds)
    except csv.Error as error:
        raise NotATable(problem="csv", line=reader.line_num) from error
    return found


def csv_cell(text: str) -> Cell:
    """A cell of CSV: what was quoted against spreadsheets is unquoted, a formula stays one."""
    plain = clean(text)
    if kept := _KEPT_TEXT.match(plain):
        return Cell(text=kept[1])
    if plain.startswith("'"):
        return Cell(text=plain[1:])
    return Cell(text=plain, kind="formula" if plain.startswith("=") else "text")


def lines_of_cells(rows: Iterable[list[Cell]], bounds: Bounds) -> list[Line]:
    """The lines of a worksheet that hold anything; TableTooLarge."""
    found: list[Line] = []
    for no, cells in enumerate(rows, 1):
        _keep(found, no, cells, bounds)
    return found


def _keep(found: list[Line], no: int, cells: list[Cell], bounds: Bounds) -> None:
    """One more line, without what is empty at its end; lines without anything are passed over."""
    while cells and not cells[-1].text:
        cells.pop()
    if not cells:
        return
    # The header is a line too.
    if len(found) > bounds.rows:
        raise TableTooLarge(most_rows=bounds.rows)
    if len(cells) > bounds.columns:
        raise TableTooLarge(most_columns=bounds.columns, line=no)
    for cell in cells:
        if len(cell.text) > bounds.cell_characters:
            raise TableTooLarge(most_characters=bounds.cell_characters, line=no)
        if bad := forbidden_character(cell.text):
            raise NotATable(problem="character", character=bad, line=no)
    found.append(Line(no=no, cells=cells))


def fits(content: bytes, bounds: Bounds) -> None:
    """Raise TableTooLarge where the file itself is too large."""
    if len(content) > bounds.bytes:
        raise TableTooLarge(most_bytes=bounds.bytes)


def harmless_workbook(content: bytes, bounds: Bounds) -> None:
    """Raise NotATable or TableTooLarge unless a workbook unpacks small and stays within itself.

    Every part is unpacked and counted: what the archive says of its sizes is not believed. Parts
    declare no entities, link to no file and carry no program.
    """
    fits(content, bounds)
    room = min(bounds.unpacked_bytes, bounds.unpacked_ratio * len(content))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            if len(entries) > MOST_ENTRIES:
                raise NotATable(problem="parts")
            names = {entry.filename for entry in entries}
            if "xl/workbook.xml" not in names or len(names) < len(entries):
                raise NotATable(problem="workbook")
            for entry in entries:
                if entry.filename.startswith(_REFUSED_PARTS):
                    raise NotATable(problem="outside", part=entry.filename[:100])
                room -= _unpacked(archive, entry, room)
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, RuntimeError) as error:
        raise NotATable(problem="workbook") from error


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, room: int) -> int:
    """How large a part is; it declares no document type, whatever its encoding."""
    size, before = 0, b""
    with archive.open(entry) as part:
        while chunk := part.read(_CHUNK):
            size += len(chunk)
            if size > room:
                raise TableTooLarge(most_unpacked_bytes=room)
            seen = before + chunk
            if entry.filename.endswith((".xml", ".rels")) and (
                b"<!DOCTYPE" in seen or b"<!ENTITY" in seen or b"\x00" in chunk
            ):
                raise NotATable(problem="declaration", part=entry.filename[:100])
            before = chunk[-16:]
    return size


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def as_csv(sheet: Sheet) -> bytes:
    """The table as CSV in UTF-8 with its mark, every cell quoted."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(sheet.header)
    writer.writerows([harmless(text) for text in row] for row in sheet.rows)
    return out.getvalue().encode("utf-8-sig")
