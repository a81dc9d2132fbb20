"""Keyset pages: `?after=<cursor>&limit=50`, `{items, next}`; no offsets, no totals."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from litestar.params import QueryParameter

from app.errors import Malformed

T = TypeVar("T")

MAX_LIMIT = 200
# Litestar enforces its own bounds on query parameters, not those of msgspec's Meta.
Limit = Annotated[
    int, QueryParameter(ge=1, le=MAX_LIMIT, description="how many at most, 200 at the most")
]
Cursor = Annotated[str, msgspec.Meta(min_length=1, max_length=400, examples=["WyIwMTkiXQ"])]


class BadCursor(Malformed):
    """The cursor is not one of ours; start again without `after`."""

    zh = "分页游标无效，请从头查询"


class Page(msgspec.Struct, Generic[T], frozen=True):
    """One page; `next` is the cursor of the following page or null."""

    items: list[T]
    next: str | None = None


def encode_cursor(*keys: object) -> str:
    """The keys of the last row as an opaque cursor."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(keys))).decode().rstrip("=")


def decode_cursor(cursor: str, *types: type) -> list[Any]:
    """The keys back from a cursor, each checked against its type; BadCursor otherwise."""
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        values = msgspec.json.decode(raw, type=list)
        if len(values) != len(types):
            raise BadCursor()
        return [msgspec.convert(v, t, strict=False) for v, t in zip(values, types, strict=True)]
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadCursor() from error


def page(rows: list[T], limit: int, key: Callable[[T], tuple[object, ...]]) -> Page[T]:
    """A page from up to `limit + 1` rows: the extra row only tells that there are more."""
    items = rows[:limit]
    more = len(rows) > limit
    return Page(items=items, next=encode_cursor(*key(items[-1])) if more else None)
