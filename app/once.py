"""Idempotency: a call under a key has one effect, and a repeat gets the first answer."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, UUID, uuid5

import msgspec
from litestar import Response

from app import problems
from app.errors import Conflict, Malformed, Refusal
from app.queries import Query
from app.work import Work

NO_BUSINESS = UUID(int=0)
PLACE = "core.idempotency.body"
Handler = TypeVar("Handler", bound=Callable[..., Awaitable[Any]])


class KeyMissing(Malformed):
    """Send an Idempotency-Key of 8 to 80 visible ASCII characters."""

    zh = "请提供 Idempotency-Key（8–80 个可见 ASCII 字符）"


class StillRunning(Conflict):
    """The first call under this key is still running; come back shortly."""

    zh = "同一幂等键的首次请求仍在处理，请稍后重试"


class KeyReused(Refusal):
    """This key was used for another request; take a new key."""

    zh = "该幂等键已用于另一请求，请更换新的键"


class Kept(msgspec.Struct, frozen=True):
    """A first answer as stored: sealed, because answers carry names and addresses."""

    business_id: UUID
    fingerprint: bytes
    status: int
    body: bytes
    media_type: str


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """What idempotency must know of the request."""

    route: str
    path: str
    key: str | None
    status: int
    english: bool


def checked_key(key: str | None) -> str:
    """The key, or KeyMissing."""
    if key is None or not 8 <= len(key) <= 80 or not all("!" <= c <= "~" for c in key):
        raise KeyMissing()
    return key


def fingerprint(call: Call, work: Work, data: Any) -> bytes:
    """Same meaning, same bytes: handler, path, person and the decoded body."""
    meant = [call.route, call.path, work.actor.principal, msgspec.to_builtins(data, str_keys=True)]
    return hashlib.sha256(msgspec.json.encode(meant, order="deterministic")).digest()


LOCK = Query(
    "lock_key",
    "Never waits: a second copy is told to come back.",
    "select pg_try_advisory_xact_lock(hashtextextended($1, 0))",
    ("name",),
)
FIND = Query(
    "find_key",
    "The first answer under a key; whoever founded a firm with it repeats the call as its member.",
    "select business_id, fingerprint, status, body, media_type from core.idempotency"
    " where business_id in ($1, '00000000-0000-0000-0000-000000000000')"
    " and principal = $2 and route = $3 and key = $4",
    ("business", "principal", "route", "key"),
)
KEEP = Query(
    "keep_answer",
    "In the transaction of the effect itself.",
    "insert into core.idempotency"
    " (business_id, principal, route, key, fingerprint, status, body, media_type)"
    " values ($1, $2, $3, $4, $5, $6, $7, $8)",
    ("business", "principal", "route", "key", "fingerprint", "status", "body", "media"),
)


def once(handler: Handler) -> Handler:
    """Under the route decorator of every POST that makes or moves."""

    @functools.wraps(handler)
    async def call(*args: Any, **kwargs: Any) -> Response[bytes]:
        work: Work = kwargs["work"]
        request = work.call
        assert request is not None
        scope = {
            "business": work.tenant or NO_BUSINESS,
            "principal": work.actor.principal,
            "route": request.route,
            "key": checked_key(request.key),
        }
        mark = fingerprint(request, work, kwargs.get("data"))
        if not await work.one(bool, LOCK, name=_name(scope)):
            raise StillRunning(retry_after=1)
        if kept := await work.maybe(Kept, FIND, **scope):
            return await _replay(work, kept, mark, scope)
        status, body, media = await _run(handler, args, kwargs, work)
        await work.run(
            KEEP,
            **scope,
            fingerprint=mark,
            status=status,
            body=await work.vault.seal_bytes(work, body, **_place(scope)),
            media=media,
        )
        return Response(body, status_code=status, media_type=media)

    call.idempotent = True  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]


def _name(scope: dict[str, Any]) -> str:
    """One call under one key, in one text."""
    return "|".join(str(part) for part in scope.values())


def _place(scope: dict[str, Any]) -> dict[str, Any]:
    """Where an answer is sealed to: under the firm's key (the house's where there is no firm yet),
    bound to its own row."""
    row_id = uuid5(NAMESPACE_OID, _name(scope))
    return {"scope": scope["business"], "place": PLACE, "row_id": row_id}


async def _replay(work: Work, kept: Kept, mark: bytes, scope: dict[str, Any]) -> Response[bytes]:
    if kept.fingerprint != mark:
        raise KeyReused()
    # A repeat acknowledges like the first answer.
    await work.vouch()
    place = _place(scope | {"business": kept.business_id})
    return Response(
        await work.vault.open_bytes(work, kept.body, **place),
        status_code=kept.status,
        media_type=kept.media_type,
        headers={"Idempotency-Replayed": "true"},
    )


async def _run(
    handler: Callable[..., Awaitable[Any]],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    work: Work,
) -> tuple[int, bytes, str]:
    """The effect in a savepoint: a business refusal undoes it and is kept like a success."""
    assert work.call is not None
    try:
        async with work.savepoint():
            result = await handler(*args, **kwargs)
    except Exception as error:
        ours = problems.as_ours(error)
        if ours is None or (status := problems.status_of(type(ours))) in (401, 429, 503):
            raise
        status, body = problems.document(ours, english=work.call.english)
        return status, body, problems.MEDIA_TYPE
    return work.call.status, msgspec.json.encode(result), "application/json"
