"""Reading one uploaded file from a multipart body, bounded while it streams."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import NamedTuple, get_args

from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from app.files.model import LARGEST, BadForm, FileTooLarge, FormNeeded, Upload, UploadKind
from app.files.rules import file_name
from app.names import forbidden_character

# Boundaries and headers beside the content itself.
FORM_ROOM = 8_192


class Received(NamedTuple):
    """A file as it arrived, and what it says of itself."""

    upload: Upload
    content: bytes


async def receive(content_type: str, chunks: AsyncIterator[bytes]) -> Received:
    """The parts `kind` and `file` of a form; nothing beyond the limit is kept in memory."""
    return _checked(await form_parts(content_type, chunks, most=2))


async def form_parts(
    content_type: str, chunks: AsyncIterator[bytes], *, most: int
) -> dict[str, tuple[MultipartSegment, bytearray]]:
    """The parts of a form by their names, each once; FormNeeded, BadForm, FileTooLarge."""
    media_type, options = parse_options_header(content_type)
    boundary = options.get("boundary", "")
    if media_type != "multipart/form-data":
        raise FormNeeded()
    try:
        parser = PushMultipartParser(boundary, max_segment_count=most)
        return await _parts(parser, chunks)
    except (MultipartError, ValueError, LookupError) as error:
        raise BadForm() from error


async def _parts(
    parser: PushMultipartParser, chunks: AsyncIterator[bytes]
) -> dict[str, tuple[MultipartSegment, bytearray]]:
    parts: dict[str, tuple[MultipartSegment, bytearray]] = {}
    content, size = bytearray(), 0
    with parser:
        async for chunk in chunks:
            size += len(chunk)
            if size > LARGEST + FORM_ROOM:
                raise FileTooLarge(largest_bytes=LARGEST)
            if not chunk:
                continue
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    content = bytearray()
                    if not event.name or event.name in parts:
                        raise BadForm()
                    parts[event.name] = (event, content)
                elif event:
                    content += event
    return parts


def _checked(parts: dict[str, tuple[MultipartSegment, bytearray]]) -> Received:
    if parts.keys() != {"kind", "file"}:
        raise BadForm()
    segment, content = parts["file"]
    kind = bytes(parts["kind"][1]).decode("ascii", "replace")
    name = segment.filename or ""
    if kind not in get_args(UploadKind) or not name or forbidden_character(name):
        raise BadForm()
    upload = Upload(
        kind=kind,  # type: ignore[arg-type]
        name=file_name(name),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    return Received(upload, bytes(content))
