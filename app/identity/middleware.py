"""Who is calling: tokens verified once and cached, revocations heard within a second."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import DefineMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from app import clock
from app import work as transactions
from app.actor import ANONYMOUS, Actor
from app.bodies import MAX_BODY
from app.errors import Malformed, TooLarge
from app.http import DOORS, begin, services
from app.identity import cookies, operations
from app.identity.clients import fetching
from app.identity.clients import operations as clients
from app.identity.clients import rules as client_rules
from app.identity.clients.model import QuotaExceeded
from app.identity.model import BusinessNotFound
from app.identity.sessions import operations as sessions
from app.identity.sessions import rules
from app.identity.sessions.model import BadToken, Claims, Door, RefreshRefused, Tokens
from app.identity.staff import operations as staff
from app.vault import Vault

MOST_TOKENS = 50_000
MOST_PLACES = 50_000
# A revocation is heard this soon; when the database has not answered for longer than FRESH, a
# request waits for it rather than believe a token that may be dead.
LISTEN_EVERY = 0.4
FRESH = 1.0
# Reads overlap, because a revocation is stamped before it commits.
OVERLAP = timedelta(seconds=45)
REMEMBER = timedelta(seconds=rules.ACCESS_SECONDS + 60)
# How long a role is believed without asking, if nobody says that it changed.
PLACE_SECONDS = 30.0
Connection = ASGIConnection[Any, Any, Any, Any]


class BadBusinessHeader(Malformed):
    """X-Business-Id is not an id of ours."""

    zh = "X-Business-Id 格式有误"


class _Place(NamedTuple):
    actor: Actor
    until: float


class Gate:
    """One per process: what it believes of the tokens it has seen."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[tuple[Door, str], Claims] = OrderedDict()
        # By person, then by session and the business named: what is known of one goes at once.
        self._places: OrderedDict[UUID, dict[tuple[UUID, str | None], _Place]] = OrderedDict()
        self._revoked: dict[UUID, float] = {}
        self._news: dict[UUID, float] = {}
        self._changes = 0
        self._heard = float("-inf")
        self._listening = asyncio.Lock()

    async def actor(self, connection: Connection, door: Door, header: str) -> Actor:
        """The caller behind an Authorization header; BadToken, BusinessNotFound."""
        claims = self._believe(services(connection.app.state).vault, door, header)
        connection.scope["actor"] = Actor(  # type: ignore[typeddict-unknown-key]
            kind=door,
            session_id=claims.sid,
            person_id=claims.sub if door == "person" else None,
            staff_id=claims.sub if door == "staff" else None,
            client_id=claims.sub if door == "client" else None,
        )
        await self._listen(connection)
        if claims.sid in self._revoked or claims.sub in self._revoked:
            raise BadToken()
        named = connection.headers.get("x-business-id") if door == "person" else None
        key = (claims.sid, named)
        place = self._places.get(claims.sub, {}).get(key)
        if place is not None and place.until > time.monotonic():
            return place.actor
        changes = self._changes
        actor = await _look_up(connection, door, claims, named)
        # What was looked up while something changed may be from before the change.
        if changes == self._changes and (actor.role is not None or door == "client"):
            until = time.monotonic() + PLACE_SECONDS
            self._places.setdefault(claims.sub, {})[key] = _Place(actor, until)
            _bound(self._places, MOST_PLACES)
        return actor

    def _believe(self, vault: Vault, door: Door, header: str) -> Claims:
        now = clock.now()
        claims = self._tokens.get((door, header))
        if claims is None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                raise BadToken()
            keys = rules.keys_of(vault.token_seeds)
            claims = rules.believe(token.strip(), keys, door=door, now=now)
            self._tokens[door, header] = claims
            _bound(self._tokens, MOST_TOKENS)
        elif now.timestamp() >= claims.exp:
            del self._tokens[door, header]
            raise BadToken()
        return claims

    def listen_soon(self) -> None:
        """Something may have been revoked through this process: hear of it at the next request."""
        self._heard = float("-inf")

    async def _listen(self, connection: Connection) -> None:
        age = time.monotonic() - self._heard
        if age < LISTEN_EVERY or (age < FRESH and self._listening.locked()):
            return
        async with self._listening:
            if time.monotonic() - self._heard < LISTEN_EVERY:
                return
            asked = time.monotonic()
            first = self._heard == float("-inf") and not self._revoked
            since = clock.now() - (REMEMBER if first else OVERLAP)
            async with begin(connection) as work:
                news = await sessions.revocations(work, since=since)
            forget_at = asked + REMEMBER.total_seconds()
            for item in news:
                if item.id in self._news:
                    continue
                self._news[item.id] = forget_at
                self._changes += 1
                if item.kind == "person":
                    self._places.pop(item.subject_id, None)
                else:
                    self._revoked[item.subject_id] = forget_at
            self._news = {key: at for key, at in self._news.items() if at > asked}
            self._revoked = {key: at for key, at in self._revoked.items() if at > asked}
            self._heard = asked


def _bound(known: OrderedDict[Any, Any], most: int) -> None:
    while len(known) > most:
        known.popitem(last=False)


async def _look_up(connection: Connection, door: Door, claims: Claims, named: str | None) -> Actor:
    """Role and place of a believed caller, from the tables."""
    if door == "person":
        return await _member(connection, claims, named)
    async with begin(connection) as work:
        if door == "staff":
            found = await staff.place(work, staff_id=claims.sub)
            if found is None:
                raise BadToken()
            return Actor(
                kind="staff",
                staff_id=claims.sub,
                session_id=claims.sid,
                role=found.role,
                branch=found.branch,
            )
        if await clients.find(work, client_id=claims.sub) is None:
            raise BadToken()
    return Actor(
        kind="client",
        client_id=claims.sub,
        session_id=claims.sid,
        scopes=tuple(claims.scope.split()),
    )


async def _member(connection: Connection, claims: Claims, named: str | None) -> Actor:
    """The person in the firm that is named, or in their only one; a firm that is not theirs is
    answered like one that does not exist."""
    if named is None:
        async with begin(connection) as work:
            places = await operations.places(work)
        only = places[0] if len(places) == 1 else None
        return Actor(
            kind="person",
            person_id=claims.sub,
            session_id=claims.sid,
            business_id=only.business_id if only else None,
            role=only.role if only else None,
        )
    try:
        business_id = UUID(named)
    except ValueError as error:
        raise BadBusinessHeader() from error
    if str(business_id) != named:
        raise BadBusinessHeader()
    wanted = Actor(
        kind="person", person_id=claims.sub, session_id=claims.sid, business_id=business_id
    )
    async with begin(connection, wanted) as work:
        role = await operations.role_in_business(work)
    if role is None:
        raise BusinessNotFound(business_id=business_id)
    return Actor(
        kind="person",
        person_id=claims.sub,
        session_id=claims.sid,
        business_id=business_id,
        role=role,
    )


class SignIn:
    """ASGI middleware: puts the `Actor` of the three doors into `scope["actor"]`.

    Without a token the route's own guard answers; a bad token is refused here. Public routes do
    not look at tokens at all.
    """

    def __init__(self, app: ASGIApp, gate: Gate) -> None:
        self.app = app
        self.gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Find out who calls, then go on."""
        door = _door(scope["path"])
        if door is None or scope["type"] != ScopeType.HTTP:
            await self.app(scope, receive, send)
            return
        connection: Connection = ASGIConnection(scope, receive, send)
        if scope["path"].startswith(cookies.PAGES):
            await self._page(connection, scope, receive, send)
            return
        header = connection.headers.get("authorization")
        if header is not None and not connection.route_handler.opt.get("public"):
            actor = await self.gate.actor(connection, door, header)
            scope["actor"] = actor  # type: ignore[typeddict-unknown-key]
            if door == "client":
                await _count(connection, actor)
                receive = await _signed(connection, str(scope["method"]), actor, receive)
        try:
            await self.app(scope, receive, send)
        finally:
            if connection.route_handler.opt.get("revokes"):
                self.gate.listen_soon()

    async def _page(
        self, connection: Connection, scope: Scope, receive: Receive, send: Send
    ) -> None:
        """A page of the desk: the session is in cookies, and renews itself while it lasts."""
        access, renewal = cookies.read(connection)
        renewed: Tokens | None = None
        if access or renewal:
            actor = await self._of_cookie(connection, access)
            if actor is None and renewal:
                renewed = await _renew(connection, renewal)
                if renewed is not None:
                    actor = await self._of_cookie(connection, renewed.access_token)
            if actor is not None:
                scope["actor"] = actor  # type: ignore[typeddict-unknown-key]
        secure = services(connection.app.state).settings.public_url.startswith("https://")

        async def keeping(message: Message) -> None:
            if message["type"] == "http.response.start" and renewed is not None:
                kept = cookies.given(renewed, secure=secure)
                more = [one.to_encoded_header() for one in kept]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        try:
            await self.app(scope, receive, keeping)
        finally:
            if connection.route_handler.opt.get("revokes"):
                self.gate.listen_soon()

    async def _of_cookie(self, connection: Connection, access: str | None) -> Actor | None:
        if not access:
            return None
        try:
            return await self.gate.actor(connection, "staff", f"Bearer {access}")
        except BadToken:
            connection.scope["actor"] = ANONYMOUS  # type: ignore[typeddict-unknown-key]
            return None


async def _renew(connection: Connection, token: str) -> Tokens | None:
    """New tokens for the browser; None when the session is over."""
    found = services(connection.app.state)
    try:
        async with transactions.begin(
            found.pools["desk"], ANONYMOUS, settings=found.settings, vault=found.vault,
            ring=found.doorbell.ring,
        ) as work:  # fmt: skip
            return await sessions.refresh(work, door="staff", token=token)
    except RefreshRefused:
        return None


def _door(path: str) -> Door | None:
    for prefix, kind, _role in DOORS:
        if path.startswith(prefix):
            return kind  # type: ignore[return-value]
    return None


async def _count(connection: Connection, actor: Actor) -> None:
    """One call more of the program's quota, refused or not; QuotaExceeded."""
    assert actor.client_id is not None
    async with begin(connection, actor) as work:
        usage = await clients.take_call(work, client_id=actor.client_id)
    left = client_rules.left(clock.now())
    connection.scope["answer_headers"] = client_rules.remaining(  # type: ignore[typeddict-unknown-key]
        usage, left
    )
    if (wait := client_rules.wait(usage, left)) is not None:
        raise QuotaExceeded(retry_after=wait)


async def _signed(connection: Connection, method: str, actor: Actor, receive: Receive) -> Receive:
    """Check the signature over the raw body; what reads the body afterwards reads the same.

    Reads are signed too: a token that was stolen shows nothing by itself.
    """
    most = connection.route_handler.opt.get("largest_body", MAX_BODY)
    body = await _whole_body(receive, most)
    raw_path = connection.scope["raw_path"].decode("latin-1")
    query = connection.scope["query_string"].decode("latin-1")
    host = connection.headers.get("host", "")
    message = client_rules.Message(
        method=method,
        url=f"{connection.scope['scheme']}://{host}{raw_path}" + (f"?{query}" if query else ""),
        headers={name: ", ".join(connection.headers.getall(name)) for name in connection.headers},
    )
    assert actor.client_id is not None
    client = await fetching.client(
        services(connection.app.state).settings,
        lambda: begin(connection, actor),
        client_id=actor.client_id,
        key_id=client_rules.signature_key(message.headers.get("signature-input", "")),
    )
    key_id, nonce = client_rules.signed_nonce(message, body, client)
    async with begin(connection, actor) as work:
        await clients.use_nonce(work, client_id=client.client_id, key_id=key_id, nonce=nonce)
    done = False

    async def again() -> Any:
        nonlocal done
        if done:
            return await receive()
        done = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _whole_body(receive: Receive, most: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise Malformed()
        parts.append(message["body"])
        size += len(parts[-1])
        if size > most:
            raise TooLarge()
        if not message["more_body"]:
            return b"".join(parts)


def middleware() -> DefineMiddleware:
    """The sign-in middleware with one gate for the whole process."""
    return DefineMiddleware(SignIn, gate=Gate())
