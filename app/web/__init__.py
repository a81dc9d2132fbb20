"""What a browser is given: the API's pages, their styles, scripts and fonts, all from here."""

from __future__ import annotations

from pathlib import Path

from litestar import Response, get
from litestar.params import FromPath

from app.errors import NotFound

DOCS = Path(__file__).parent / "docs"
PAGES = {
    "index.html": "text/html; charset=utf-8",
    "start.js": "text/javascript; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
}
# Nothing from elsewhere, no inline script; Swagger UI writes inline styles.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline';"
    " img-src 'self' data:; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class PageNotFound(NotFound):
    """There is no such page."""

    zh = "页面不存在"


@get(
    ["/docs", "/docs/{name:str}"],
    opt={"public": True},
    include_in_schema=False,
    sync_to_thread=True,
    cache_control=None,
)
def docs(name: FromPath[str] = "index.html") -> Response[bytes]:
    """The API's documentation, readable and callable, without any foreign host."""
    media_type = PAGES.get(name)
    if media_type is None:
        raise PageNotFound()
    return Response(
        (DOCS / name).read_bytes(),
        media_type=media_type,
        headers={
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "public, max-age=3600",
        },
    )


ROUTES = (docs,)
