"""What a file is, its bytes say; its name and its sender are not asked."""

import contextlib
import io
import warnings
import zipfile
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfWriter

from app.errors import XiaoweiError
from app.files import cleaning, rules
from app.files.model import (
    LARGEST,
    BadForm,
    FileEmpty,
    FileKindRefused,
    FileTooLarge,
    FileUnreadable,
    FileUnsafe,
)
from app.files.routes import SMALLEST_PDF
from app.files.uploads import receive
from tests.papers import bomb, pdf, photograph


def image(form: str, size=(8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size).save(out, form)
    return out.getvalue()


def packed(*names: str, content: bytes = b"<x/>") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, content)
    return out.getvalue()


PDF = pdf()
XML = '<?xml version="1.0" encoding="UTF-8"?><发票/>'.encode()


@pytest.mark.parametrize(
    ("content", "kind", "found"),
    [
        (PDF, "document", "application/pdf"),
        (PDF, "invoice", "application/pdf"),
        (image("JPEG"), "document", "image/jpeg"),
        (image("PNG"), "document", "image/png"),
        (XML, "invoice", "application/xml"),
        (b"\xef\xbb\xbf" + XML, "invoice", "application/xml"),
        (packed("OFD.xml", "Doc_0/Document.xml"), "invoice", "application/ofd"),
    ],
    ids=range(7),
)
def test_what_is_taken_is_known_by_its_content(content, kind, found):
    assert rules.check(kind, content) == found


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (XML, "document"),
        (image("PNG"), "invoice"),
        (packed("OFD.xml"), "document"),
        (packed("word/document.xml"), "invoice"),
        (packed("OFD.xml", content=b"0" * 5_000_000), "invoice"),  # a bomb
        (packed("OFD.xml")[:-30], "invoice"),
        (b"MZ\x90\x00" + b"0" * 100, "document"),
        (b"#!/bin/sh\nrm -rf /\n", "document"),
        (b"<html><script>alert(1)</script></html>", "document"),
        (b"hello", "document"),
        (b" " + PDF, "document"),
        (PDF[:-8], "document"),
        (image("PNG")[:40], "document"),
        (b"\xff\xd8\xff" + b"0" * 50, "document"),
        (image("GIF"), "document"),
        (b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>', "invoice"),
        (b'<?xml version="1.0"?><!ENTITY a "b"><x/>', "invoice"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "invoice"),
    ],
    ids=range(18),
)
def test_anything_else_is_refused(content, kind):
    with pytest.raises(FileKindRefused):
        rules.check(kind, content)


def test_neither_nothing_nor_too_much_is_taken():
    with pytest.raises(FileEmpty):
        rules.check("document", b"")
    with pytest.raises(FileTooLarge):
        rules.check("document", PDF + b"0" * LARGEST)


@given(st.binary(max_size=300))
def test_no_bytes_break_the_look_at_them(content):
    for start in (b"", b"%PDF-", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"PK\x03\x04", b"<?xml "):
        rules.sniff(start + content)


@pytest.mark.parametrize(
    "objects",
    [
        [b"<</S/JavaScript/JS(app.alert\\(1\\))>>"],
        [b"<</S/J#61vaScript/J#53(x)>>"],
        [b"<</Type/Action/S/Launch/F(cmd.exe)>>"],
        [b"<</A[[<</Next<</S/SubmitForm/F(http://x)>>>>]]>>"],
        [b"<</Subtype/RichMedia>>"],
        [b"<</XFA 5 0 R>>", b"<<>>"],
        [b"<</Names<</EmbeddedFiles 5 0 R>>>>", b"<<>>"],
        [b"<</Type/Filespec/F(a.exe)/EF<</F 5 0 R>>>>", b"<<>>"],
        [b"<</Type/Annot/Subtype/FileAttachment>>"],
    ],
    ids=range(9),
)
def test_a_pdf_that_acts_or_carries_files_is_refused(objects):
    with pytest.raises(FileUnsafe):
        cleaning.clean("document", pdf(*objects))


def test_an_attachment_hidden_in_a_compressed_stream_is_found():
    writer = PdfWriter()
    writer.add_blank_page(99, 99)
    writer.add_attachment("a.exe", b"MZ")
    out = io.BytesIO()
    writer.compress_identical_objects()
    writer.write(out)
    with pytest.raises(FileUnsafe):
        cleaning.clean("document", out.getvalue())
    # An invoice's own data travel as an attachment.
    assert cleaning.clean("invoice", out.getvalue()).content == out.getvalue()


def test_a_locked_pdf_is_refused():
    writer = PdfWriter()
    writer.add_blank_page(99, 99)
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    with pytest.raises(FileUnsafe) as refused:
        cleaning.clean("document", out.getvalue())
    assert refused.value.facts["found"] == ["password"]


def test_a_harmless_pdf_is_kept_to_the_last_bit_for_it_may_be_signed():
    link = b"<</Type/Annot/Subtype/Link/A<</S/URI/URI(https://example.com)>>>>"
    for whole in (PDF, SMALLEST_PDF.encode(), pdf(link)):
        assert cleaning.clean("document", whole).content == whole


def test_a_pdf_without_a_page_and_half_a_pdf_cannot_be_read():
    empty = PDF.replace(b"[3 0 R]/Count 1", b"[     ]/Count 0")
    for content in (empty, PDF[:40] + b"%%EOF\n", b"%PDF-1.7\n%%EOF\n"):
        with pytest.raises(FileUnreadable):
            cleaning.clean("document", content)


@pytest.mark.parametrize("turned", range(1, 9))
def test_every_orientation_ends_upright_and_without_a_word_about_the_place(turned):
    kept = cleaning.clean("document", photograph((64, 48), turned=turned)).content
    with Image.open(io.BytesIO(kept)) as image:
        assert image.size == ((64, 48) if turned < 5 else (48, 64))
        assert not image.getexif() and "comment" not in image.info
    assert b"SpyPhone" not in kept and kept.endswith(b"\xff\xd9")


def test_large_pictures_shrink_and_bombs_are_refused():
    big = cleaning.clean("document", image("JPEG", (9000, 900))).content
    with Image.open(io.BytesIO(big)) as kept:
        assert kept.size == (4000, 400)
    with pytest.raises(XiaoweiError):
        cleaning.clean("document", bomb())
    with pytest.raises(XiaoweiError):
        cleaning.clean("document", bomb(7_000, 7_000))


def test_a_face_of_any_camera_ends_small_enough_to_be_compared():
    grain = Image.effect_noise((3000, 4000), 90).convert("RGB")
    out = io.BytesIO()
    grain.save(out, "JPEG", quality=90)
    paper = cleaning.clean("face", out.getvalue())
    assert paper.media_type == "image/jpeg" and len(paper.content) <= cleaning.FACE_BYTES
    with Image.open(io.BytesIO(paper.content)) as kept:
        assert kept.height == max(kept.size) <= cleaning.FACE_SIDES[0] and not kept.getexif()
    with pytest.raises(XiaoweiError):
        cleaning.clean("face", SMALLEST_PDF.encode())


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK"])
def test_pictures_of_every_kind_come_out_plain(mode):
    out = io.BytesIO()
    Image.new(mode, (8, 8)).save(out, "JPEG" if mode == "CMYK" else "PNG")
    with Image.open(io.BytesIO(cleaning.clean("document", out.getvalue()).content)) as kept:
        assert kept.mode in ("L", "RGB")


@given(st.binary(min_size=1, max_size=400), st.integers(0, 400))
def test_no_bytes_break_the_cleaning(noise, at):
    for whole in (PDF, photograph((16, 16)), image("PNG")):
        broken = whole[:at] + noise + whole[at:]
        with contextlib.suppress(XiaoweiError), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            cleaning.clean("document", broken)


@given(st.text(max_size=300))
def test_a_file_name_is_always_harmless(given_name):
    name = rules.file_name(given_name)
    assert 0 < len(name) <= rules.LONGEST_NAME
    assert not set(name) & set('/\\:*?"<>|\r\n\0') and name not in (".", "..")


@pytest.mark.parametrize(
    ("given_name", "kept"),
    [
        ("营业执照.pdf", "营业执照.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\我\\发票.ofd", "发票.ofd"),
        ("a\r\nSet-Cookie: x.pdf", "a__Set-Cookie_ x.pdf"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_file_name_loses_its_folders(given_name, kept):
    assert rules.file_name(given_name) == kept


def test_files_are_kept_to_the_end_of_a_year():
    assert rules.keep_until("document", date(2025, 9, 1)) == date(2035, 12, 31)
    assert rules.keep_until("invoice", date(2024, 2, 29)) == date(2054, 12, 31)


def form(*parts: tuple[str, str | None, bytes], end: bytes = b"--x--\r\n") -> bytes:
    out = b""
    for name, filename, content in parts:
        out += b'--x\r\nContent-Disposition: form-data; name="' + name.encode() + b'"'
        out += b'; filename="' + filename.encode() + b'"' if filename is not None else b""
        out += b"\r\n\r\n" + content + b"\r\n"
    return out + end


async def chunks(body: bytes, size: int):
    for at in range(0, len(body), size):
        yield body[at : at + size]


GOOD = form(("kind", None, b"document"), ("file", "执照.pdf", PDF))


@pytest.mark.parametrize("size", [1, 7, 64, 100_000])
async def test_a_form_reads_the_same_in_chunks_of_any_size(size):
    received = await receive("multipart/form-data; boundary=x", chunks(GOOD, size))
    assert received.content == PDF
    assert (received.upload.kind, received.upload.name) == ("document", "执照.pdf")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--x--\r\n",
        b"garbage",
        GOOD[:-9],
        GOOD[: len(GOOD) // 2],
        form(("kind", None, b"document")),
        form(("file", "a.pdf", PDF)),
        form(("kind", None, b"poem"), ("file", "a.pdf", PDF)),
        form(("kind", None, b"\xff\xfe"), ("file", "a.pdf", PDF)),
        form(("kind", None, b"document"), ("file", None, PDF)),
        form(("kind", None, b"document"), ("file", "", PDF)),
        form(("kind", None, b"document"), ("file", "a\u202epdf", PDF)),
        form(("kind", None, b"document"), ("kind", None, b"document"), ("file", "a", PDF)),
        form(("kind", None, b"document"), ("kind", None, b"invoice")),
        form(("kind", None, b"document"), ("file", "a", PDF), ("more", None, b"1")),
        GOOD.replace(b"\r\n\r\n%PDF", b"\r\n" + b"X-More: 1\r\n" * 20 + b"\r\n%PDF"),
        GOOD.replace(b"\r\n\r\n%PDF", b"\r\nX-Long: " + b"1" * 9000 + b"\r\n\r\n%PDF"),
    ],
    ids=range(17),
)
async def test_a_bad_form_is_refused_and_never_a_fault_of_ours(body):
    with pytest.raises(BadForm):
        await receive("multipart/form-data; boundary=x", chunks(body, 50))


async def test_reading_stops_at_the_limit_whatever_is_announced():
    read = 0

    async def endless():
        nonlocal read
        yield form(("kind", None, b"document"), end=b"") + (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'
        )
        while True:
            read += 65_536
            yield b"0" * 65_536

    with pytest.raises(FileTooLarge):
        await receive("multipart/form-data; boundary=x", endless())
    assert read < LARGEST + 200_000
