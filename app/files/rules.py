"""Rules of files: what content really is, what is taken for which purpose, how long it is kept."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

from PIL import Image

from app.files.model import LARGEST, FileEmpty, FileKindRefused, FileTooLarge, MediaType
from app.names import clean

MOST_PIXELS = 60_000_000
MOST_ENTRIES = 2_000
MOST_RATIO = 100
LONGEST_NAME = 120

SHEET: MediaType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
TAKEN: dict[str, frozenset[MediaType]] = {
    "document": frozenset({"application/pdf", "image/jpeg", "image/png"}),
    "invoice": frozenset({"application/pdf", "application/xml", "application/ofd"}),
    "batch": frozenset({"text/csv", SHEET, "application/xml"}),
    "face": frozenset({"image/jpeg", "image/png"}),
}
# Years a file is kept where its owner names no date: accounting archives 30 (会计档案管理办法),
# customer identification 10 (反洗钱法, from 2025), payslips 2 (工资支付暂行规定, rounded up to the
# accounts they belong to). A file of unknown kind is kept longest.
KEEP_YEARS = {"document": 10}
KEEP_LONGEST = 30

_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')


def check(kind: str, content: bytes) -> MediaType:
    """The media type of what was uploaded, by its content alone; refuses what is not taken."""
    if not content:
        raise FileEmpty()
    if len(content) > LARGEST:
        raise FileTooLarge(largest_bytes=LARGEST)
    found = sniff(content)
    if found is None or found not in TAKEN[kind]:
        raise FileKindRefused(taken=sorted(TAKEN[kind]))
    return found


def sniff(content: bytes) -> MediaType | None:
    """What the bytes are, or None: the magic number decides, then the structure behind it.

    A general sniffer would guess a hundred types more; seven are taken, each with its own proof.
    """
    if content.startswith(b"%PDF-"):
        return "application/pdf" if b"%%EOF" in content[-2048:] else None
    if content.startswith(b"\xff\xd8\xff") and _is_image(content, "JPEG"):
        return "image/jpeg"
    if content.startswith(b"\x89PNG\r\n\x1a\n") and _is_image(content, "PNG"):
        return "image/png"
    if content.startswith(b"PK\x03\x04"):
        return _archive(content)
    if content.removeprefix(b"\xef\xbb\xbf").startswith(b"<?xml "):
        return None if b"<!DOCTYPE" in content or b"<!ENTITY" in content else "application/xml"
    return "text/csv" if _is_table(content) else None


def _is_table(content: bytes) -> bool:
    """Lines of text with separators, in an encoding that spreadsheets write; whoever reads the
    table checks every cell."""
    if content.startswith((b"<", b"{", b"%", b"PK")) or b"\x00" in content or b"," not in content:
        return False
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return all(letter.isprintable() or letter in "\r\n\t" for letter in text)
    return False


def _is_image(content: bytes, name: str) -> bool:
    try:
        with Image.open(io.BytesIO(content), formats=[name]) as image:
            width, height = image.size
            if width * height > MOST_PIXELS:
                return False
            image.verify()
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return False
    return True


def _archive(content: bytes) -> MediaType | None:
    """Which of the archives that are taken this is, by a part that only that one has."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        return None
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_ENTRIES or unpacked > MOST_RATIO * len(content):
        return None
    names = {entry.filename for entry in entries}
    if "OFD.xml" in names:
        return "application/ofd"
    return SHEET if "xl/workbook.xml" in names and "xl/vbaProject.bin" not in names else None


def file_name(given: str) -> str:
    """A name without folders or characters that mean something to a shell or a browser."""
    base = _UNSAFE.sub("_", clean(re.split(r"[/\\]", given)[-1]))
    return base.strip(". ")[-LONGEST_NAME:] or "file"


def keep_until(kind: str, on: date) -> date:
    """The last day a file is kept, from the end of the year it belongs to."""
    return date(on.year + KEEP_YEARS.get(kind, KEEP_LONGEST), 12, 31)
