"""Every request is named, counted, timed and logged by its route, never by its content."""

from __future__ import annotations

import re
import time
from typing import Any
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

REQUESTS = Counter("http_requests_total", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "http_request_seconds",
    "Time to the first byte of the answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)
_OWN_ID = re.compile(r"^[A-Za-z0-9._-]{8,64}$")

log = structlog.get_logger("http")


class Observe:
    """ASGI middleware: the outermost, so that refusals of the gate are seen too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Give the request an id, then watch its answer begin."""
        if scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
        request_id = given if _OWN_ID.match(given) else uuid4().hex
        route = str(scope.get("path_template") or "unknown")
        started = time.perf_counter()

        async def watched(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers: Any = [
                    *message.get("headers", ()),
                    (b"x-request-id", request_id.encode()),
                    (b"x-content-type-options", b"nosniff"),
                ]
                # What a program may still do; a problem document says so already.
                if not any(name == b"ratelimit" for name, _value in headers):
                    headers += scope.get("answer_headers", ())
                message = {**message, "headers": headers}
                _note(scope["method"], route, message["status"], started)
            await send(message)

        with structlog.contextvars.bound_contextvars(request_id=request_id):
            await self.app(scope, receive, watched)


def _note(method: str, route: str, status: int, started: float) -> None:
    seconds = time.perf_counter() - started
    REQUESTS.labels(method, route, str(status)).inc()
    SECONDS.labels(route).observe(seconds)
    log.info("answered", method=method, route=route, status=status, ms=round(seconds * 1000, 1))
