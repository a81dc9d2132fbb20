"""Keys that programs publish themselves: asked for between transactions, never too often."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import structlog

from app import clock
from app.identity.clients import operations, rules
from app.identity.clients.model import Client, ClientRefused, KeysNotFound, KeyUnusable, PublicKey
from app.outside.strangers import AddressRefused, Strangers, Unanswered
from app.settings import Settings
from app.work import Work

MOST_BYTES = 65_536
SECONDS = 5.0
# A transaction that acts as the program itself, which alone may change its row.
Begin = Callable[[], AbstractAsyncContextManager[Work]]

log = structlog.get_logger("clients")


async def ask(settings: Settings, jwks_uri: str) -> list[dict[str, Any]]:
    """The usable keys at an address; KeysNotFound, KeyUnusable."""
    strangers = Strangers(development=settings.development)
    try:
        answer = await strangers.call(
            "GET", jwks_uri, headers={"Accept": "application/jwk-set+json, application/json"},
            most=MOST_BYTES, seconds=SECONDS,
        )  # fmt: skip
    except (AddressRefused, Unanswered) as error:
        raise KeysNotFound(reason=error.reason) from error
    if answer.status != 200 or answer.cut:
        raise KeysNotFound(reason="too_long" if answer.cut else f"http_{answer.status}")
    return rules.published(answer.body)


async def given_or_published(
    settings: Settings, keys: list[PublicKey] | None, jwks_uri: str | None
) -> list[dict[str, Any]]:
    """The keys that a program names, or those at the address that it names; exactly one of both."""
    if (keys is None) == (jwks_uri is None):
        raise KeyUnusable(reason="keys_or_jwks_uri")
    return rules.usable(keys) if keys is not None else await ask(settings, jwks_uri or "")


async def client(settings: Settings, begin: Begin, *, client_id: UUID, key_id: object) -> Client:
    """The program with the keys that are its own now; ClientRefused if it may not act.

    A key that we do not know may have been published since: then the address is asked, by one
    caller at a time. If it does not answer, what it said last still counts, for a day.
    """
    async with begin() as work:
        found = await operations.find(work, client_id=client_id)
        if found is None:
            raise ClientRefused(error="invalid_client")
        fetch = rules.must_fetch(found, key_id, now=clock.now())
        mine = fetch and await operations.take_fetch(work, client_id=client_id)
    if mine:
        found = await _renewed(settings, begin, found)
    if rules.too_old(found, now=clock.now()):
        raise ClientRefused(error="invalid_client", reason="published_keys_not_seen")
    return found


async def _renewed(settings: Settings, begin: Begin, found: Client) -> Client:
    assert found.jwks_uri is not None
    try:
        keys = await ask(settings, found.jwks_uri)
    except (KeysNotFound, KeyUnusable) as error:
        log.warning(
            "published keys", client_id=str(found.client_id), reason=error.facts.get("reason")
        )
        return found
    async with begin() as work:
        await operations.keep_fetched(
            work, client_id=found.client_id, jwks_uri=found.jwks_uri, keys=keys
        )
        return await operations.find(work, client_id=found.client_id) or found
