"""The nouns of stored files."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

from app.errors import Malformed, NotFound, Overloaded, Refusal, TooLarge, WrongMediaType

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
    """A file that is kept, without its content.

    `received_sha256` is of the bytes that arrived, `sha256` of those that are kept: a picture is
    drawn anew, without a word about where and with what it was taken.
    """

    id: UUID
    kind: str
    name: str
    media_type: MediaType
    size_bytes: int
    sha256: str
    received_sha256: str
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
    received_sha256: bytes | None
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


class FileUnreadable(Refusal):
    """The file is damaged or too heavy to be read; take the picture or make the PDF again."""

    zh = "文件损坏或过于复杂，无法读取，请重新拍照或重新生成 PDF"


class FileUnsafe(Refusal):
    """The PDF has a password, a script or an attachment; print it into a new PDF."""

    zh = "PDF 含密码、脚本或附件，请重新打印为普通 PDF 后上传"


class PictureTooLarge(Refusal):
    """The picture has too many pixels; take it with a lower resolution."""

    zh = "图片像素过大，请降低分辨率后重新拍摄"


class PapersBusy(Overloaded):
    """Too many papers are being read; send it again shortly."""

    zh = "文件处理繁忙，请稍后重试"


class BadForm(Malformed):
    """Send one part `kind` and one part `file` as multipart/form-data."""

    zh = "请以 multipart/form-data 提交 kind 与 file 两个部分"


class FormNeeded(WrongMediaType):
    """Send the file as multipart/form-data."""

    zh = "请以 multipart/form-data 上传文件"
