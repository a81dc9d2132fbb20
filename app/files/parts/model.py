"""The nouns of an upload in parts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, Malformed, NotFound, Refusal, WrongMediaType
from app.files.model import LARGEST, UploadKind

# Small enough for a weak line to bring one through, large enough that a licence takes ten.
PART_BYTES = 262_144

UploadState = Literal["open", "done", "refused", "expired"]
Sha256 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$", examples=["0" * 64])]
FileName = Annotated[str, Meta(min_length=1, max_length=200, examples=["营业执照.jpg"])]
FileSize = Annotated[int, Meta(ge=1, le=LARGEST, examples=[3_145_728])]
PartNumber = Annotated[int, Meta(ge=0, le=255, examples=[0])]


class NewUpload(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file that will come in parts: what it is for, its name, size and SHA-256."""

    kind: UploadKind
    name: FileName
    size_bytes: FileSize
    sha256: Sha256


class UploadInParts(Struct, frozen=True, kw_only=True):
    """How far an upload is: send part `next_part` next, each of `part_bytes` but the last.

    When all parts are there `next_part` is nothing: finish it. `file_id` once it is kept.
    """

    id: UUID
    kind: UploadKind
    state: UploadState
    size_bytes: int
    part_bytes: int
    parts: int
    received_parts: int
    next_part: int | None
    refused_with: str | None
    file_id: UUID | None
    expires_at: datetime


class UploadRow(Struct, frozen=True, kw_only=True):
    """An upload as stored."""

    business_id: UUID
    id: UUID
    kind: UploadKind
    name_sealed: bytes
    size_bytes: int
    part_bytes: int
    sha256: bytes
    received_parts: int
    state: UploadState
    refused_with: str | None
    file_id: UUID | None
    expires_at: datetime


class Whole(Struct, frozen=True, kw_only=True):
    """An upload whose parts are all there, put together."""

    kind: UploadKind
    name: str
    content: bytes
    sha256: bytes
    parts: int


class UploadNotFound(NotFound):
    """There is no such upload."""

    zh = "上传任务不存在"


class UploadNotOpen(Conflict):
    """This upload has ended; begin a new one."""

    zh = "该上传任务已结束，请重新开始上传"


class PartTooEarly(Conflict):
    """The parts come in order; go on with the one named in `next_part`."""

    zh = "分片须按顺序上传，请从 next_part 继续"


class PartHasWrongSize(Refusal):
    """Each part has `part_bytes` bytes, the last one the rest."""

    zh = "分片大小不符"


class PartsMissing(Conflict):
    """Not all parts are there yet; go on with the one named in `next_part`."""

    zh = "分片尚未传完，请从 next_part 继续"


class ContentDiffers(Refusal):
    """What arrived is not what was announced: its SHA-256 differs. Begin a new upload."""

    zh = "文件内容与声明的 SHA-256 不一致，请重新上传"


class TooManyUploads(Conflict):
    """Finish the uploads that are under way first."""

    zh = "未完成的上传过多，请先完成已有上传"


class PartsAreBytes(WrongMediaType):
    """Send a part as application/octet-stream."""

    zh = "请以 application/octet-stream 发送分片"


class BadFileName(Malformed):
    """The name of the file has characters that no name has."""

    zh = "文件名含有非法字符"
