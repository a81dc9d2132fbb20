"""The desk's pages in a browser: the staff session in cookies that no script can read, and the
refusal of requests that another site started."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from app.errors import Forbidden
from app.identity.sessions.model import Tokens

# Everything under here is a page of the desk; nothing else reads these cookies.
PAGES = "/review-desk"
ACCESS, RENEWAL = "desk", "desk_renewal"
RENEWAL_SECONDS = 86_400
Connection = ASGIConnection[Any, Any, Any, Any]


class CrossSite(Forbidden):
    """This request was started by another site."""

    zh = "请求来自其他网站，已拒绝"


def read(connection: Connection) -> tuple[str | None, str | None]:
    """Access and renewal token of the browser, where it has them."""
    try:
        cookies = SimpleCookie(connection.headers.get("cookie", ""))
    except CookieError:
        return None, None
    found = [cookies[name].value if name in cookies else None for name in (ACCESS, RENEWAL)]
    return found[0], found[1]


def given(tokens: Tokens | None, *, secure: bool) -> list[Cookie]:
    """The cookies that keep a session in the browser, or that end it."""
    if tokens is None:
        return [_cookie(ACCESS, "", 0, secure), _cookie(RENEWAL, "", 0, secure)]
    return [
        _cookie(ACCESS, tokens.access_token, tokens.expires_in, secure),
        _cookie(RENEWAL, tokens.refresh_token, RENEWAL_SECONDS, secure),
    ]


def _cookie(name: str, value: str, seconds: int, secure: bool) -> Cookie:
    return Cookie(
        key=name, value=value, path=PAGES, max_age=seconds, httponly=True, samesite="strict",
        secure=secure,
    )  # fmt: skip


def check_origin(connection: Connection) -> None:
    """CrossSite unless the browser says that our own page started it: by Sec-Fetch-Site, or by an
    Origin of our own host. Beside SameSite=Strict, for what writes."""
    site = connection.headers.get("sec-fetch-site")
    origin = connection.headers.get("origin")
    if site is not None:
        if site != "same-origin":
            raise CrossSite()
        return
    if origin is None or urlsplit(origin).netloc != connection.headers.get("host"):
        raise CrossSite()
