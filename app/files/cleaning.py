"""What is kept of a paper: a picture drawn anew, a PDF that does nothing by itself.

Pure, and meant for the process of `app/files/reading.py` alone: decoders meet strangers' bytes.
"""

from __future__ import annotations

import io
from typing import Any

from msgspec import Struct
from PIL import Image, ImageOps
from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject

from app.files import rules
from app.files.model import FileUnreadable, FileUnsafe, MediaType, PictureTooLarge

# A sheet of A4 at 300 dots an inch is 3,508 high: more than this no reader and no machine needs.
LONGEST_SIDE = 4_000
JPEG_QUALITY = 90
# A face is compared and forgotten: small enough for the comparing system, whatever the camera.
FACE_SIDES = (960, 720, 540, 400)
FACE_BYTES = 180_000
MOST_PAGES = 100
MOST_OBJECTS = 50_000
MOST_NESTED = 500_000

# What makes a PDF act or carry other files (ISO 32000-2, 7.11.4, 12.6.4, 12.7.8, 13.7).
ACTIVE_KEYS = frozenset({"/JS", "/JavaScript", "/XFA", "/RichMediaContent", "/RichMediaSettings"})
ACTIVE_KINDS = frozenset({
    "/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/Rendition", "/Movie", "/Sound",
    "/RichMedia", "/RichMediaExecute", "/GoToE", "/3D", "/Screen",
})  # fmt: skip
ATTACHED_KEYS = frozenset({"/EmbeddedFiles", "/EF"})
ATTACHED_KINDS = frozenset({"/EmbeddedFile", "/FileAttachment"})


class Paper(Struct, frozen=True, kw_only=True):
    """What of an upload is kept, and what it is."""

    content: bytes
    media_type: MediaType


def clean(kind: str, content: bytes) -> Paper:
    """Check an upload by its content and keep what is harmless of it.

    A picture is decoded and drawn anew, upright and without a word about where it was taken. A PDF
    is kept to the last bit, for it may be signed, or refused. Invoices carry their own data as an
    attachment; tables are read cell by cell elsewhere.
    """
    media_type = rules.check(kind, content)
    if kind == "face":
        return Paper(content=portrait(content, media_type), media_type="image/jpeg")
    if media_type in ("image/jpeg", "image/png"):
        return Paper(content=redrawn(content, media_type), media_type=media_type)
    if media_type == "application/pdf":
        check_pdf(content, attachments=kind == "invoice")
    return Paper(content=content, media_type=media_type)


def redrawn(content: bytes, media_type: MediaType) -> bytes:
    """The picture again: upright, at most so large, in plain colours, and nothing beside it.

    Colour profiles, thumbnails, positions, comments and whatever hides behind the last byte are
    gone. Raises PictureTooLarge, FileUnreadable.
    """
    name = "PNG" if media_type == "image/png" else "JPEG"
    return _encoded(_upright(content, name, LONGEST_SIDE), name)


def portrait(content: bytes, media_type: MediaType) -> bytes:
    """A picture of a face as a JPEG of FACE_BYTES at most; PictureTooLarge, FileUnreadable."""
    image = _upright(content, "PNG" if media_type == "image/png" else "JPEG", FACE_SIDES[0])
    for side in FACE_SIDES:
        image.thumbnail((side, side))
        found = _encoded(image, "JPEG")
        if len(found) <= FACE_BYTES:
            return found
    raise FileUnreadable()


def _upright(content: bytes, name: str, side: int) -> Image.Image:
    try:
        with Image.open(io.BytesIO(content), formats=[name]) as image:
            if image.width * image.height > rules.MOST_PIXELS:
                raise PictureTooLarge(largest_pixels=rules.MOST_PIXELS)
            # A camera's large JPEG is decoded at a half or a quarter straight away.
            image.draft("RGB", (side, side))
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((side, side), reducing_gap=2.0)
            return _plain(upright)
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise FileUnreadable() from error


def _plain(image: Image.Image) -> Image.Image:
    """Grey or three colours, what was transparent on white; a new picture, so that nothing that
    hung on the old one comes along."""
    if image.mode in ("1", "L"):
        grey = Image.new("L", image.size)
        grey.paste(image.convert("L"))
        return grey
    whole = image.convert("RGBA")
    flat = Image.new("RGB", image.size, "white")
    flat.paste(whole, mask=whole.getchannel("A"))
    return flat


def _encoded(image: Image.Image, name: str) -> bytes:
    out = io.BytesIO()
    if name == "JPEG":
        image.save(out, "JPEG", quality=JPEG_QUALITY)
    else:
        image.save(out, "PNG")
    return out.getvalue()


def check_pdf(content: bytes, *, attachments: bool) -> int:
    """How many pages; FileUnsafe when it would act by itself, is locked, or carries files.

    Every object is parsed and looked at: names may be written in escapes and lie in compressed
    streams, where a search through the bytes does not find them.
    """
    try:
        reader = PdfReader(io.BytesIO(content), strict=False)
        if reader.is_encrypted:
            raise FileUnsafe(found=["password"])
        found = _found(reader)
        if attachments:
            found -= {"attachment"}
        if found:
            raise FileUnsafe(found=sorted(found))
        pages = len(reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, OSError,
            RecursionError, MemoryError, NotImplementedError) as error:  # fmt: skip
        raise FileUnreadable() from error
    if not 1 <= pages <= MOST_PAGES:
        raise FileUnreadable(most_pages=MOST_PAGES)
    return pages


def _found(reader: PdfReader) -> set[str]:
    numbers = {(n, g) for g, known in reader.xref.items() for n in known if n}
    numbers |= {(n, 0) for n in reader.xref_objStm}
    if len(numbers) > MOST_OBJECTS:
        raise FileUnreadable(most_objects=MOST_OBJECTS)
    found: set[str] = set()
    looked = [MOST_NESTED]
    for number, generation in sorted(numbers):
        read = reader.get_object(IndirectObject(number, generation, reader))
        found |= _marks(read, looked)
    return found | _marks(reader.trailer, looked)


def _marks(value: PdfObject | None, looked: list[int]) -> set[str]:
    """What is wrong with one object and everything written inside it; what it points to has its
    own turn."""
    found: set[str] = set()
    waiting: list[Any] = [value]
    while waiting:
        looked[0] -= 1
        if looked[0] < 0:
            raise FileUnreadable(most_objects=MOST_NESTED)
        one = waiting.pop()
        if isinstance(one, DictionaryObject):
            names = set(one)
            kinds = {str(dict.get(one, key)) for key in ("/S", "/Type", "/Subtype")}
            if names & ACTIVE_KEYS or kinds & ACTIVE_KINDS:
                found.add("script")
            if names & ATTACHED_KEYS or kinds & ATTACHED_KINDS:
                found.add("attachment")
            waiting.extend(dict.values(one))
        elif isinstance(one, ArrayObject):
            waiting.extend(list.__iter__(one))
    return found
