"""A document says what it should, fetches nothing, and never holds up the next one."""

import contextlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import pypdf
import pytest

from app.documents import DocumentRefused, Documents

INVOICE = "invoicing/invoices/pages/invoice.html"
HOSTILE = "tests/flows/pages/hostile.html"
LETTER = "app/web/pages/letter.html"
CANARY = "CANARY-of-a-secret-file"


@pytest.fixture(scope="module")
def documents() -> Iterator[Documents]:
    made = Documents(processes=1)
    yield made
    made.close()


@pytest.fixture
def listener() -> Iterator[tuple[int, list[bytes]]]:
    """A door that notes whoever knocks."""
    heard: list[bytes] = []
    door = socket.create_server(("127.0.0.1", 0))
    door.settimeout(0.2)
    ends = threading.Event()

    def listen() -> None:
        while not ends.is_set():
            with contextlib.suppress(TimeoutError):
                visitor, _ = door.accept()
                heard.append(visitor.recv(200))
                visitor.close()

    thread = threading.Thread(target=listen)
    thread.start()
    yield door.getsockname()[1], heard
    ends.set()
    thread.join()
    door.close()


def text_of(pdf: bytes) -> str:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return "\n".join(page.extract_text() for page in reader.pages)


def invoice(**changes: object) -> dict[str, object]:
    line = {
        "name": "*信息技术服务*软件开发服务", "spec": "", "unit": "项", "quantity": "1",
        "unit_price": "1000", "amount_fen": 100000, "rate": "1%", "tax_fen": 1000,
    }  # fmt: skip
    return {
        "kind": "电子发票（普通发票）", "number": "25112000000000000017",
        "issued_on": "2025-09-12", "qr_text": "01,32,,25112000000000000017,1010.00,20250912,,",
        "buyer": {"name": "北京晨光贸易有限公司", "tax_id": "91110105MA01ABCD3X", "details": []},
        "seller": {"name": "深圳市华强电子有限公司", "tax_id": "91440300MA5EXAMPL1", "details": []},
        "lines": [line], "amount_fen": 100000, "tax_fen": 1000, "total_fen": 101000,
        "uppercase": "壹仟零壹拾元整", "remark": "", "drawer": "李小薇", "notice": "", **changes,
    }  # fmt: skip


async def test_an_invoice_can_be_read_by_people_and_programs(documents: Documents) -> None:
    pdf = await documents.pdf(INVOICE, invoice())
    text = text_of(pdf)
    for expected in (
        "电子发票（普通发票）", "25112000000000000017", "2025年09月12日", "北京晨光贸易有限公司",
        "软件开发服务", "壹仟零壹拾元整", "¥1,010.00", "李小薇",
    ):  # fmt: skip
        assert expected in text
    assert len(pypdf.PdfReader(io.BytesIO(pdf)).pages) == 1


async def test_a_long_invoice_goes_on_over_pages_with_its_head_repeated(
    documents: Documents,
) -> None:
    line = invoice()["lines"][0]
    pdf = await documents.pdf(INVOICE, invoice(lines=[line] * 60))
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert len(reader.pages) > 2
    assert all("项目名称" in page.extract_text() for page in reader.pages[:-1])


async def test_rare_names_have_glyphs_of_our_own_fonts(documents: Documents) -> None:
    names = ["喆镕堃玥", "㛃㑇䶮", "𠮷野", "〇一"]
    pdf = await documents.pdf(LETTER, {"title": "姓名", "paragraphs": names})
    text = text_of(pdf)
    assert all(name in text for name in names)
    page = pypdf.PdfReader(io.BytesIO(pdf)).pages[0]
    fonts = [
        str(font.get_object()["/BaseFont"])
        for font in page["/Resources"]["/Font"].get_object().values()
    ]
    assert fonts
    assert all("Xiaowei" in font for font in fonts)


async def test_what_a_person_typed_is_text_and_never_markup(documents: Documents) -> None:
    pdf = await documents.pdf(INVOICE, invoice(remark="<script>x</script> & <img src=x>"))
    assert "<script>x</script> & <img src=x>" in text_of(pdf)


VECTORS = [
    '<img src="http://127.0.0.1:{port}/img">',
    '<img src="file://{path}">',
    '<link rel="stylesheet" href="http://127.0.0.1:{port}/css">',
    '<link rel="attachment" href="file://{path}">',
    '<a rel="attachment" href="file://{path}">x</a>',
    '<a rel="attachment" href="http://127.0.0.1:{port}/a">x</a>',
    '<style>@import url("http://127.0.0.1:{port}/i");</style>',
    (
        '<style>@font-face {{ font-family: f; src: url("http://127.0.0.1:{port}/f") }}'
        " p {{ font-family: f }}</style><p>x</p>"
    ),
    '<p style="background: url(http://127.0.0.1:{port}/bg)">x</p>',
    '<object data="file://{path}" type="text/html"></object>',
    '<embed src="http://127.0.0.1:{port}/e">',
    (
        "<svg width=9 height=9 xmlns='http://www.w3.org/2000/svg'"
        " xmlns:xlink='http://www.w3.org/1999/xlink'>"
        '<image xlink:href="http://127.0.0.1:{port}/svg" width=9 height=9 /></svg>'
    ),
    '<base href="http://127.0.0.1:{port}/"><img src="base">',
    '<ul style="list-style-image: url(http://localhost:{port}/li)"><li>x</ul>',
    (
        '<img src="data:image/svg+xml;utf8,<svg xmlns=%22http://www.w3.org/2000/svg%22><image'
        ' href=%22http://127.0.0.1:{port}/nested%22 width=%229%22 height=%229%22/></svg>">'
    ),
]


@pytest.mark.parametrize("vector", VECTORS)
async def test_nothing_is_fetched(
    vector: str, documents: Documents, listener: tuple[int, list[bytes]], tmp_path
) -> None:
    port, heard = listener
    secret = tmp_path / "secret.txt"
    secret.write_text(CANARY)
    pdf = await documents.pdf(HOSTILE, {"body": vector.format(port=port, path=secret)})
    assert heard == []
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    assert not list(reader.attachments)
    assert CANARY.encode() not in pdf
    assert CANARY not in text_of(pdf)


def test_the_listener_would_hear_a_renderer_that_fetches(
    listener: tuple[int, list[bytes]],
) -> None:
    port, heard = listener
    page = VECTORS[0].format(port=port, path="/none")
    program = f"import weasyprint; weasyprint.HTML(string={page!r}).write_pdf()"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert heard


async def test_a_document_that_is_too_heavy_is_killed_and_the_next_one_comes(tmp_path) -> None:
    documents = Documents(processes=1, seconds=1.5)
    try:
        await documents.pdf(LETTER, {"title": "先", "paragraphs": []})
        heavy = "<table>" + "<tr><td>一</td><td>二</td></tr>" * 20_000 + "</table>"
        begun = time.monotonic()
        with pytest.raises(DocumentRefused) as refusal:
            await documents.pdf(HOSTILE, {"body": heavy})
        assert refusal.value.facts["reason"] == "too heavy to render"
        assert time.monotonic() - begun < 4
        assert await documents.pdf(LETTER, {"title": "后", "paragraphs": []})
    finally:
        documents.close()


async def test_a_killed_renderer_is_replaced(documents: Documents) -> None:
    await documents.pdf(LETTER, {"title": "先", "paragraphs": []})
    process = documents.all[0].process
    assert process is not None
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    assert await documents.pdf(LETTER, {"title": "后", "paragraphs": []})


@pytest.mark.parametrize(
    "template",
    ["../secret/pages/x.html", "/etc/passwd", "app/web/document.css", "no/pages/no.html"],
)
async def test_only_templates_are_rendered(template: str, documents: Documents) -> None:
    with pytest.raises(DocumentRefused):
        await documents.pdf(template, {})


async def test_a_missing_value_is_named_without_the_data(documents: Documents) -> None:
    data = invoice(remark="张三的秘密")
    del data["drawer"]
    with pytest.raises(DocumentRefused) as refusal:
        await documents.pdf(INVOICE, data)
    assert "drawer" in str(refusal.value.facts["reason"])
    assert "秘密" not in str(refusal.value.facts)
