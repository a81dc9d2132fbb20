"""Strict request bodies: decoded once, from the raw bytes, by the handler's own annotation."""

from __future__ import annotations

import json
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec
import msgspec.inspect
from litestar import Request

from app.errors import Malformed, WrongMediaType
from app.names import forbidden_character

MAX_BODY = 256 * 1024
MAX_DEPTH = 32
FIRST_YEAR, LAST_YEAR = 1900, 2200
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)


class BadBody(Malformed):
    """The body is not the JSON that is described."""

    zh = "请求体不符合接口描述"


class BodyMustBeJson(WrongMediaType):
    """Send the body as application/json."""

    zh = "请以 application/json 发送请求体"


class StrictRequest(Request[Any, Any, Any]):
    """A request whose JSON body knows no coercion: `"5"` is no number, unknown fields no joke."""

    async def json(self) -> Any:
        """The body as the handler's `data` annotation; BadBody names the first thing wrong."""
        media_type = self.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type != "application/json":
            raise BodyMustBeJson()
        field = self.route_handler.parsed_data_field
        assert field is not None, "a body is read only where one is described"
        return decode(await self.body(), field.annotation)


@lru_cache(maxsize=512)
def _decoder(shape: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(shape, strict=True)


def decode(raw: bytes, shape: Any) -> Any:
    """Bytes to `shape`: UTF-8, bounded depth, no key twice, no forbidden character, strict."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadBody(problem="not UTF-8") from error
    if _depth(raw) > MAX_DEPTH:
        raise BadBody(problem=f"nested deeper than {MAX_DEPTH}")
    try:
        _check_text(json.loads(text, object_pairs_hook=_unique))
        found = _decoder(shape).decode(raw)
        if _has_days(shape):
            _check_days(found)
        return found
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise BadBody(problem=str(error)) from error


@lru_cache(maxsize=512)
def _has_days(shape: Any) -> bool:
    described = repr(msgspec.inspect.type_info(shape))
    return "DateType(" in described or "DateTimeType(" in described


def _check_days(value: Any) -> None:
    """Days and moments of people now living, moments with their offset; ValueError."""
    if isinstance(value, date):
        if not FIRST_YEAR <= value.year <= LAST_YEAR:
            raise ValueError(f"the year {value.year} is not within {FIRST_YEAR} to {LAST_YEAR}")
        if isinstance(value, datetime) and value.tzinfo is None:
            raise ValueError("a moment needs its offset")
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            _check_days(getattr(value, name))
    elif isinstance(value, list | tuple):
        for item in value:
            _check_days(item)


def _depth(raw: bytes) -> int:
    if raw.count(b"[") + raw.count(b"{") <= MAX_DEPTH:
        return 0  # as good as any: it cannot be too deep
    deepest = depth = 0
    for byte in _STRINGS.sub(b"", raw):
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    return found


def _check_text(value: Any) -> None:
    if isinstance(value, str):
        if bad := forbidden_character(value):
            raise ValueError(f"character {bad} is not allowed")
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check_text(item)
    elif isinstance(value, list):
        for item in value:
            _check_text(item)
