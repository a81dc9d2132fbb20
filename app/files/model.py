"""The nouns of stored files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.errors import Malformed, NotFound, Refusal, TooLarge, WrongMediaType

LARGEST = 20_000_000

MediaType = Literal[
    "application/pdf",
    "image/jpeg",
    "image/png",
    "application/xml",
    "application/ofd",
    "application/zip",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
]
# What a customer may hand in: a paper about the firm, an invoice received elsewhere, or a table of
# payments.
UploadKind = Literal["document", "invoice", "batch"]


class StoredFile(Struct, frozen=True, kw_only=True):
    """A file that is kept, without its content."""

    id: UUID
    kind: str
    name: str
    media_type: MediaType
    size_bytes: int
    sha256: str
    keep_until: date
    stored_at: datetime


class FileRow(Struct, frozen=True, kw_only=True):
    """A file as stored."""

    business_id: UUID
    id: UUID
    kind: str
    name_sealed: bytes
    media_type: MediaType
    size_bytes: int
    sha256: bytes
    keep_until: date
    stored_at: datetime


class File(Struct, frozen=True, kw_only=True):
    """A file with its content."""

    name: str
    content: bytes
    media_type: MediaType
    sha256: bytes


class Upload(Struct, frozen=True, kw_only=True):
    """What an upload says of itself; equal uploads are equal requests."""

    kind: UploadKind
    name: str
    sha256: str


class FileNotFound(NotFound):
    """There is no such file."""

    zh = "文件不存在"


class FileTooLarge(TooLarge):
    """The file is too large."""

    zh = "文件过大"


class FileEmpty(Refusal):
    """The file is empty."""

    zh = "文件为空"


class FileKindRefused(Refusal):
    """Files of this type are not taken for this purpose."""

    zh = "该用途不接受此类型的文件"


class BadForm(Malformed):
    """Send one part `kind` and one part `file` as multipart/form-data."""

    zh = "请以 multipart/form-data 提交 kind 与 file 两个部分"


class FormNeeded(WrongMediaType):
    """Send the file as multipart/form-data."""

    zh = "请以 multipart/form-data 上传文件"
