"""The render process: HTML and data in, PDF out, on a pipe; it can fetch nothing from anywhere.

Only `app/documents.py` starts it. Templates are ours, data are not: everything is escaped, no
address is opened except `data:` and our own fonts, and memory and time are limited.
"""

from __future__ import annotations

import base64
import io
import logging
import re
import resource
import sys
from datetime import date
from email.message import EmailMessage
from pathlib import Path
from typing import Any, BinaryIO

import jinja2
import msgspec
import segno
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from app import money

ROOT = Path(__file__).resolve().parent.parent
WEB = ROOT / "app" / "web"
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 30
TEMPLATE = re.compile(r"[a-z_]+(/[a-z_]+)*/pages/[a-z_]+\.html")
FONTS = {f"font:{path.name}": path.read_bytes() for path in (WEB / "fonts").glob("*.ttf")}


class Closed(URLFetcher):
    """Opens nothing but what lies inside the document and our own fonts."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=["data"], allow_redirects=False)

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        """Our font, or a `data:` address; ValueError for everything else."""
        if url in FONTS:
            kind = EmailMessage()
            kind["Content-Type"] = "font/ttf"
            return URLFetcherResponse(url, FONTS[url], kind)
        if not url.startswith("data:"):
            raise ValueError("documents fetch nothing")
        return super().fetch(url, headers)


def day(value: str | date) -> str:
    """2025-09-01 -> 2025年09月01日."""
    on = value if isinstance(value, date) else date.fromisoformat(value[:10])
    return f"{on.year}年{on.month:02d}月{on.day:02d}日"


def percent(rate_ppm: int) -> str:
    """10000 ppm -> 1%; 15000 -> 1.5%."""
    whole, rest = divmod(rate_ppm, 10_000)
    return f"{whole}.{rest:04d}".rstrip("0").rstrip(".") + "%"


def qr(text: str) -> str:
    """The address of a QR code's picture, for an <img>."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", border=0, xmldecl=False, svgns=True)
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()


def environment() -> jinja2.Environment:
    """Templates of the tree, escaped, complaining about a value that is missing."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.filters.update(yuan=money.yuan, day=day, percent=percent)
    env.globals.update(qr=qr)
    return env


class Drawer:
    """Everything that is loaded once and used for every document."""

    def __init__(self) -> None:
        self.fetcher = Closed()
        self.fonts = FontConfiguration()
        self.style = CSS(
            string=(WEB / "document.css").read_text(encoding="utf-8"),
            font_config=self.fonts,
            url_fetcher=self.fetcher,
        )
        self.templates = environment()

    def pdf(self, template: str, data: dict[str, Any]) -> bytes:
        """One document."""
        if not TEMPLATE.fullmatch(template):
            raise ValueError("not the name of a template")
        text = self.templates.get_template(template).render(data)
        page = HTML(string=text, url_fetcher=self.fetcher, base_url="about:blank")
        pdf: bytes = page.write_pdf(stylesheets=[self.style], font_config=self.fonts)
        return pdf


def limit_cpu() -> None:
    """So many more seconds of processor for the next document, then the kernel ends us."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    allowed = int(usage.ru_utime + usage.ru_stime) + CPU_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, resource.RLIM_INFINITY))


def write(out: BinaryIO, answer: dict[str, Any]) -> None:
    """One frame."""
    frame = msgspec.msgpack.encode(answer)
    out.write(len(frame).to_bytes(4, "big") + frame)
    out.flush()


def main() -> None:
    """Answer until the pipe closes."""
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    # Nothing else may write into the pipe, and page texts do not belong in a log.
    sys.stdout = sys.stderr
    logging.getLogger("weasyprint").addHandler(logging.NullHandler())
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    drawer = Drawer()
    drawer.pdf("app/web/pages/letter.html", {"title": "预热", "paragraphs": ["小微 0123"]})
    write(answers, {"ready": True})
    while header := questions.read(4):
        question = msgspec.msgpack.decode(questions.read(int.from_bytes(header, "big")))
        limit_cpu()
        try:
            answer: dict[str, Any] = {"pdf": drawer.pdf(question["template"], question["data"])}
        except (jinja2.TemplateError, ValueError, TypeError, KeyError) as error:
            # The class, and for a template its own words: never the data.
            own = isinstance(error, jinja2.TemplateError)
            answer = {"error": f"{type(error).__name__}{f': {error}' if own else ''}"}
        write(answers, answer)


if __name__ == "__main__":
    main()
