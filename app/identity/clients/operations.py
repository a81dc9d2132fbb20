"""Operations of API clients: tokens for assertions, signed requests, registration."""

from __future__ import annotations

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
    KeySet,
    NewClient,
    RegisteredClient,
    SignatureRefused,
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


async def register(
    work: Work, *, client_id: UUID, name: str, jwks: dict[str, Any], scopes: tuple[str, ...]
) -> bool:
    """Register a program with its public keys; False if it is registered already."""
    added = await work.run(
        sql.add_client, client_id=client_id, name=name, jwks=jwks, scopes=list(scopes)
    )
    if added:
        await work.record("client_registered", object_id=client_id)
    return bool(added)


async def add(work: Work, *, new: NewClient) -> RegisteredClient:
    """Register a program under a new id; KeyUnusable."""
    client_id = new_id()
    keys = rules.usable(new.keys)
    await register(
        work, client_id=client_id, name=new.name, jwks={"keys": keys}, scopes=tuple(new.scopes)
    )
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
    """The program that is calling, and the names of its keys."""
    client = await _own(work)
    return ClientMe(
        client_id=client.client_id,
        name=client.name,
        scopes=work.actor.scopes,
        key_ids=[key["kid"] for key in client.jwks["keys"]],
    )


async def replace_keys(work: Work, *, new: KeySet) -> ClientMe:
    """Take the client's new public keys (JR/T 0185-2020: keys are rotated); KeyUnusable."""
    keys = rules.usable(new.keys)
    await work.run(sql.replace_keys, client_id=work.actor.client_id, jwks={"keys": keys})
    await work.record("client_keys_replaced", object_id=work.actor.client_id)
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
