"""Papers for tests: PDFs made by hand, cameras' pictures with a place in them, and bombs."""

from __future__ import annotations

import io
import zlib

from PIL import Image


def pdf(*objects: bytes, catalogue: bytes = b"") -> bytes:
    """A whole PDF of one empty page, with more objects from number 4 on."""
    whole = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(
        (
            b"<</Type/Catalog/Pages 2 0 R" + catalogue + b">>",
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>",
            *objects,
        ),
        start=1,
    ):
        places.append(len(whole))
        whole += b"%d 0 obj" % number + body + b"endobj\n"
    begun = len(whole)
    whole += b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1)
    for place in places:
        whole += b"%010d 00000 n \n" % place
    whole += b"trailer<</Size %d/Root 1 0 R>>\n" % (len(places) + 1)
    return bytes(whole + b"startxref\n%d\n%%%%EOF\n" % begun)


def photograph(size: tuple[int, int] = (640, 480), *, turned: int = 6) -> bytes:
    """A camera's picture: lies on its side, and says where and with what it was taken."""
    image = Image.new("RGB", size, "white")
    image.paste("red", (0, 0, size[0] // 4, size[1] // 4))
    said = image.getexif()
    said[0x0112] = turned
    said[0x0110] = "SpyPhone 12"
    said.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 49.0), 3: "E", 4: (121.0, 28.0, 25.0)})
    out = io.BytesIO()
    image.save(out, "JPEG", exif=said, comment=b"taken at home")
    return out.getvalue() + b"<script>hidden behind the end</script>"


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """A PNG of a few kilobytes that would be gigabytes in memory."""

    def chunk(name: bytes, content: bytes) -> bytes:
        checked = name + content
        return len(content).to_bytes(4, "big") + checked + zlib.crc32(checked).to_bytes(4, "big")

    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\x02\x00\x00\x00"
    rows = zlib.compress(b"\x00" * 4_000_000, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
