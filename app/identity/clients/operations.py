"""Operations of API clients: tokens for assertions, signed requests, registration."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from app import clock
from app.identity.clients import rules
from app.identity.clients.model import (
    Client,
    ClientMe,
    ClientNotFound,
    ClientRefused,
    ClientToken,
    ClientTokenRequest,
    NewClient,
    Quota,
    RegisteredClient,
    SignatureRefused,
    Usage,
)
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import TooManyTries
from app.identity.sessions.rules import ACCESS_SECONDS, CLIENT_TRIES, access_token, keys_of
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)


async def find(work: Work, *, client_id: UUID) -> Client | None:
    """A client that may act."""
    return await work.maybe(Client, sql.client, client_id=client_id)


async def give_token(work: Work, *, asked: ClientTokenRequest) -> ClientToken:
    """An access token for a signed assertion, which counts once (RFC 7523)."""
    client_id = rules.claimed_client(asked.client_assertion)
    if asked.client_id is not None and asked.client_id != str(client_id):
        raise ClientRefused(error="invalid_client")
    client = await find(work, client_id=client_id)
    if client is None:
        raise ClientRefused(error="invalid_client")
    public_url = work.settings.public_url
    claims = rules.believe(
        asked.client_assertion,
        client,
        now=clock.now(),
        audiences=(f"{public_url}/oauth2/token", public_url),
    )
    wait = await sessions.take_attempt(work, window=CLIENT_TRIES, subject=client_id.bytes)
    if wait is not None:
        raise TooManyTries(retry_after=wait)
    scope = rules.granted(asked.scope, client.scopes)
    if not await sessions.first_use(
        work,
        kind="assertion",
        subject_id=client_id,
        value=claims.jti,
        expires_at=datetime.fromtimestamp(claims.exp, UTC) + rules.CLOCK_SKEW,
    ):
        raise ClientRefused(error="invalid_client")
    token_id = new_id()
    await work.record("client_signed_in", object_id=client_id, token_id=token_id)
    return ClientToken(
        access_token=access_token(
            keys_of(work.vault.token_seeds),
            door="client",
            holder_id=client_id,
            session_id=token_id,
            jti=token_id,
            now=clock.now(),
            scope=scope,
        ),
        token_type="Bearer",  # noqa: S106
        expires_in=ACCESS_SECONDS,
        scope=scope,
    )


async def use_nonce(work: Work, *, client_id: UUID, key_id: str, nonce: str) -> None:
    """A signed request counts once; SignatureRefused for a replay."""
    if not await sessions.first_use(
        work,
        kind="nonce",
        subject_id=client_id,
        value=f"{key_id}:{nonce}",
        expires_at=clock.now() + 2 * rules.SIGNATURE_WINDOW + rules.CLOCK_SKEW,
    ):
        raise SignatureRefused(reason="replayed")


async def take_call(work: Work, *, client_id: UUID) -> Usage:
    """Count a call of the program before it is looked at; whoever counts commits this first."""
    at = clock.now()
    return await work.one(
        Usage, sql.take_call, client_id=client_id, minute=at.replace(second=0, microsecond=0),
        day=clock.start_of_day(clock.business_date(at)),
    )  # fmt: skip


async def take_fetch(work: Work, *, client_id: UUID) -> bool:
    """Whether it is this caller's turn to ask the program's address for its keys."""
    at = clock.now()
    return bool(
        await work.run(sql.take_fetch, client_id=client_id, at=at, not_since=at - rules.KEYS_PAUSE)
    )


async def keep_fetched(
    work: Work, *, client_id: UUID, jwks_uri: str, keys: list[dict[str, Any]]
) -> None:
    """Believe the keys that stand at the program's address now, and no others."""
    await work.run(
        sql.keep_fetched, client_id=client_id, jwks_uri=jwks_uri, jwks={"keys": keys},
        at=clock.now(),
    )  # fmt: skip


async def register(
    work: Work,
    *,
    client_id: UUID,
    name: str,
    jwks: Mapping[str, Any],
    scopes: tuple[str, ...],
    jwks_uri: str | None = None,
) -> bool:
    """Register a program with its public keys; False if it is registered already."""
    added = await work.run(
        sql.add_client, client_id=client_id, name=name, jwks=dict(jwks), scopes=list(scopes),
        jwks_uri=jwks_uri, fetched_at=_fetched_at(jwks_uri),
    )  # fmt: skip
    if added:
        await work.record("client_registered", object_id=client_id)
    return bool(added)


async def set_scopes(work: Work, *, client_id: UUID, scopes: tuple[str, ...]) -> None:
    """What a program may do from its next token on."""
    if await work.run(sql.set_scopes, client_id=client_id, scopes=list(scopes)):
        await work.record("client_scopes_set", object_id=client_id)


def _fetched_at(jwks_uri: str | None) -> datetime | None:
    return None if jwks_uri is None else clock.now()


async def add(work: Work, *, new: NewClient, keys: list[dict[str, Any]]) -> RegisteredClient:
    """Register a program under a new id, with the keys that it gave or that it publishes."""
    client_id = new_id()
    await register(
        work, client_id=client_id, name=new.name, jwks={"keys": keys}, scopes=tuple(new.scopes),
        jwks_uri=new.jwks_uri,
    )  # fmt: skip
    return await work.one(RegisteredClient, sql.registered, client_id=client_id)


async def set_quota(work: Work, *, client_id: UUID, quota: Quota) -> RegisteredClient:
    """How often a program may call from now on; ClientNotFound."""
    changed = await work.run(
        sql.set_quota, client_id=client_id, per_minute=quota.per_minute, per_day=quota.per_day
    )
    if not changed:
        raise ClientNotFound(client_id=client_id)
    await work.record("client_quota_set", object_id=client_id, per_minute=quota.per_minute,
                      per_day=quota.per_day)  # fmt: skip
    return await work.one(RegisteredClient, sql.registered, client_id=client_id)


async def registered(work: Work) -> list[RegisteredClient]:
    """The registered programs, oldest first."""
    return await work.all(RegisteredClient, sql.clients)


async def stop(work: Work, *, client_id: UUID) -> RegisteredClient:
    """Suspend a program; ClientNotFound if there is none in force."""
    if not await suspend(work, client_id=client_id):
        raise ClientNotFound(client_id=client_id)
    return await work.one(RegisteredClient, sql.registered, client_id=client_id)


async def me(work: Work) -> ClientMe:
    """The program that is calling, the names of its keys and how often it may call."""
    client = await _own(work)
    quota = await work.one(Quota, sql.quota, client_id=client.client_id)
    return ClientMe(
        client_id=client.client_id,
        name=client.name,
        scopes=work.actor.scopes,
        key_ids=[key["kid"] for key in client.jwks["keys"]],
        jwks_uri=client.jwks_uri,
        per_minute=quota.per_minute,
        per_day=quota.per_day,
    )


async def replace_keys(work: Work, *, keys: list[dict[str, Any]], jwks_uri: str | None) -> ClientMe:
    """Take the client's new public keys (JR/T 0185-2020: keys are rotated), or those that were
    found where it publishes them from now on."""
    await work.run(
        sql.replace_keys, client_id=work.actor.client_id, jwks={"keys": keys}, jwks_uri=jwks_uri,
        fetched_at=_fetched_at(jwks_uri),
    )  # fmt: skip
    await work.record(
        "client_keys_replaced", object_id=work.actor.client_id, published=jwks_uri is not None
    )
    return await me(work)


async def _own(work: Work) -> Client:
    assert work.actor.client_id is not None
    client = await find(work, client_id=work.actor.client_id)
    if client is None:
        raise ClientRefused(error="invalid_client")
    return client


async def suspend(work: Work, *, client_id: UUID) -> bool:
    """Stop a program within a second; False if it was not active."""
    suspended = await work.run(sql.suspend_client, client_id=client_id)
    if suspended:
        await sessions.revoke(work, kind="client", subject_id=client_id)
        await work.record("client_suspended", object_id=client_id)
    return bool(suspended)
