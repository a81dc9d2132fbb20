"""Pages that somebody works in: scripts and styles of our own files alone, nothing inline."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Response, get
from litestar.params import FromPath

from app.errors import NotFound
from app.web import screens

ASSETS = Path(__file__).parent / "assets"
KINDS = {
    "desk.css": "text/css; charset=utf-8",
    "desk.js": "text/javascript; charset=utf-8",
    "signing.css": "text/css; charset=utf-8",
    "htmx.min.js": "text/javascript; charset=utf-8",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
    " connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "X-Robots-Tag": "noindex",
}


class AssetNotFound(NotFound):
    """There is no such file."""

    zh = "文件不存在"


@cache
def content(name: str) -> bytes:
    """A file's bytes, read once."""
    return (ASSETS / name).read_bytes()


@cache
def address(name: str) -> str:
    """Where a page finds a file; another content has another address."""
    return f"/assets/{name}?v={hashlib.sha256(content(name)).hexdigest()[:12]}"


@get("/assets/{name:str}", opt={"public": True}, include_in_schema=False, sync_to_thread=False)
def asset(name: FromPath[str]) -> Response[bytes]:
    """A script or style of the pages."""
    if name not in KINDS:
        raise AssetNotFound()
    return Response(
        content(name),
        media_type=KINDS[name],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


def page(
    template: str, data: dict[str, Any], *, status: int = 200, headers: dict[str, str] | None = None
) -> Response[str]:
    """A page or a part of one, kept by nobody on the way."""
    text = screens.environment().get_template(template).render(data | {"asset": address})
    return Response(
        text,
        status_code=status,
        media_type="text/html; charset=utf-8",
        headers=HEADERS | (headers or {}),
    )
