"""The only place where an error becomes an HTTP answer: RFC 9457 problem documents."""

from __future__ import annotations

import re
import uuid
from typing import Any

import asyncpg
import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example

from app import errors

MEDIA_TYPE = "application/problem+json"
URI = "urn:xiaowei:problem:"

STATUS: dict[type[errors.XiaoweiError], int] = {
    errors.Malformed: 400,
    errors.NotSignedIn: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.WrongMediaType: 415,
    errors.Refusal: 422,
    errors.TooMany: 429,
    errors.Overloaded: 503,
}
# Errors of the framework by status, as kinds of ours.
KIND_OF_STATUS = {status: kind for kind, status in STATUS.items()} | {405: errors.NotFound}

log = structlog.get_logger("problems")


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (RFC 9457): what went wrong and what to do, stable by `type`."""

    type: str
    title: str
    status: int
    detail: str | None = None


def type_of(error: type[errors.XiaoweiError]) -> str:
    """Stable URI from the class name: `InsufficientFunds` -> `urn:…:insufficient-funds`."""
    return URI + re.sub(r"(?<!^)(?=[A-Z])", "-", error.__name__).lower()


def status_of(error: type[errors.XiaoweiError]) -> int:
    """The status of an error: its kind's."""
    return next(status for kind, status in STATUS.items() if issubclass(error, kind))


def speaks_english(accept_language: str) -> bool:
    """zh-CN unless the caller asks for English first."""
    return accept_language.strip().lower().startswith("en")


def document(error: errors.XiaoweiError, *, english: bool) -> tuple[int, bytes]:
    """Status and body of a problem document; the error's facts are members."""
    kind = type(error)
    body: dict[str, Any] = {
        "type": type_of(kind),
        "title": kind.title() if english else kind.zh,
        "status": status_of(kind),
    }
    body.update((name, value) for name, value in error.facts.items() if value is not None)
    return body["status"], msgspec.json.encode(body)


class AlreadyExists(errors.Conflict):
    """The same thing exists already."""

    zh = "已存在相同的记录"


class RuleBroken(errors.Refusal):
    """The data break a rule of the system."""

    zh = "数据不符合系统规则"


class BadValue(errors.Malformed):
    """A value is out of its range or form."""

    zh = "某个字段的值超出范围或格式有误"


class InternalError(errors.XiaoweiError):
    """Our mistake; it has been logged under this id."""

    zh = "系统内部错误，已按此编号记录"


def from_postgres(error: asyncpg.PostgresError) -> errors.XiaoweiError | None:
    """An error of the database as one of ours, by SQLSTATE alone; None = a bug of ours."""
    state = error.sqlstate or ""
    if state.startswith("22"):
        return BadValue()
    if state in ("23505", "23P01"):
        return AlreadyExists()
    if state.startswith(("23", "XW")):
        return RuleBroken()
    if state in ("55P03", "57014", "40001", "40P01", "53300"):
        return errors.Overloaded(retry_after=1)
    return None


def as_ours(error: Exception) -> errors.XiaoweiError | None:
    """Any anticipated error as one of ours; the framework wraps what fails in a dependency."""
    if isinstance(error, ExceptionGroup):
        return next((ours for part in error.exceptions if (ours := as_ours(part))), None)
    if isinstance(error, errors.XiaoweiError):
        return error
    if isinstance(error, ExceptionGroup):
        # So the framework hands over what a dependency raised while it was being closed.
        return as_ours(error.exceptions[0])
    if isinstance(error, asyncpg.PostgresError):
        return from_postgres(error)
    if isinstance(error, asyncpg.DataError | OverflowError | UnicodeEncodeError):
        return BadValue()
    if isinstance(error, HTTPException) and error.status_code in KIND_OF_STATUS:
        return KIND_OF_STATUS[error.status_code]()
    return None


def answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """The handler of every exception."""
    ours = as_ours(error)
    if ours is None:
        if isinstance(error, HTTPException):
            ours = errors.Malformed()
        else:
            return _bug(request, error)
    english = speaks_english(request.headers.get("accept-language", ""))
    status, body = document(ours, english=english)
    if isinstance(error, HTTPException) and error.status_code == 405:
        status = 405
        body = msgspec.json.encode(msgspec.json.decode(body) | {"status": 405})
    # A refusal of the gate passes nobody who would add them.
    told: Any = request.scope.get("answer_headers", ())
    headers = {name.decode(): value.decode() for name, value in told}
    if isinstance(ours, errors.TooMany | errors.Overloaded | errors.Conflict):
        retry_after = ours.facts.get("retry_after")
        if retry_after is not None or not isinstance(ours, errors.Conflict):
            headers["Retry-After"] = str(retry_after or 1)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if status == 405 and isinstance(error, HTTPException):
        headers.update(error.headers or {})
    return Response(body, status_code=status, media_type=MEDIA_TYPE, headers=headers)


def _bug(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """An unanticipated error: an id for the caller, the traceback for us, no values for anyone."""
    error_id = uuid.uuid4()
    log.error("unhandled", error_id=str(error_id), path=request.url.path, exc_info=error)
    english = speaks_english(request.headers.get("accept-language", ""))
    body = {
        "type": type_of(InternalError),
        "title": InternalError.title() if english else InternalError.zh,
        "status": 500,
        "error_id": error_id,
    }
    return Response(msgspec.json.encode(body), status_code=500, media_type=MEDIA_TYPE)


def problems(*kinds: type[errors.XiaoweiError]) -> dict[int, ResponseSpec]:
    """For `responses=`: the route's own errors as documented answers with real examples."""
    by_status: dict[int, list[type[errors.XiaoweiError]]] = {}
    for kind in kinds:
        by_status.setdefault(status_of(kind), []).append(kind)
    return {status: spec(status, found) for status, found in by_status.items()}


def spec(status: int, kinds: list[type[errors.XiaoweiError]]) -> ResponseSpec:
    """One documented error answer."""
    examples = [
        Example(
            id=kind.__name__,
            summary=kind.title(),
            value={"type": type_of(kind), "title": kind.zh, "status": status},
        )
        for kind in kinds
    ]
    return ResponseSpec(
        data_container=Problem,
        description="; ".join(kind.title() for kind in kinds),
        media_type=MEDIA_TYPE,
        generate_examples=False,
        examples=examples,
    )
