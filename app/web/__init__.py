"""What a browser is given: the API's pages, their styles, scripts and fonts, all from here."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from app.errors import NotFound

DOCS = Path(__file__).parent / "docs"
PAGES = {
    "index.html": "text/html",
    "start.js": "text/javascript",
    "swagger-ui-bundle.js": "text/javascript",
    "swagger-ui.css": "text/css",
}
# Nothing from elsewhere, no inline script; Swagger UI writes inline styles.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@cache
def page(name: str) -> bytes:
    """A page's bytes, read once: a handler that waits for the disk holds up all others."""
    return (DOCS / name).read_bytes()


class PageNotFound(NotFound):
    """There is no such page."""

    zh = "页面不存在"


@get(
    ["/docs", "/docs/{name:str}"],
    opt={"public": True},
    include_in_schema=False,
    sync_to_thread=False,
)
def docs(name: FromPath[str] = "index.html") -> Response[bytes]:
    """The API's documentation, readable and callable, without any foreign host."""
    media_type = PAGES.get(name)
    if media_type is None:
        raise PageNotFound()
    return Response(
        page(name),
        media_type=media_type,
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "public, max-age=3600",
        },
    )


ROUTES = (docs,)
