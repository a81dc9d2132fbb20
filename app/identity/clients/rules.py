"""Rules of programs' proofs: assertions (RFC 7523) and signed requests (RFC 9421)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
)
from http_message_signatures.algorithms import ED25519
from jwt.algorithms import OKPAlgorithm

from app.clock import SHANGHAI
from app.identity.clients.model import (
    Asserted,
    Client,
    ClientRefused,
    KeyUnusable,
    PublicKey,
    ScopeRefused,
    SignatureRefused,
    Usage,
)

# An assertion may live five minutes; clocks may differ by a few seconds.
LONGEST_ASSERTION = timedelta(minutes=5)
CLOCK_SKEW = timedelta(seconds=10)
SIGNATURE_WINDOW = timedelta(seconds=60)
ALGORITHMS = {"OKP": "EdDSA", "EC": "ES256"}
# The same signature under its older and its fully specified name (RFC 8037, RFC 9864).
NAMES = {"EdDSA": ["EdDSA", "Ed25519"], "ES256": ["ES256"]}
jwt.register_algorithm("Ed25519", OKPAlgorithm())
COVERED = ("@method", "@target-uri")
COVERED_WITH_BODY = (*COVERED, "content-digest")
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
NONCE_LENGTH = range(16, 129)
# Published keys are asked for again when they are older than this, or when an unknown key is
# named; never more often than KEYS_PAUSE. While the address does not answer, what was found there
# last is believed for a day.
KEYS_FRESH = timedelta(minutes=10)
KEYS_PAUSE = timedelta(seconds=20)
KEYS_BELIEVED = timedelta(hours=24)
MOST_KEYS = 8


def claimed_client(assertion: str) -> UUID:
    """Who the assertion says it is from, before it is believed."""
    try:
        content = jwt.decode(assertion, options={"verify_signature": False})
        return msgspec.convert(content.get("iss"), UUID)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, RecursionError) as error:
        raise ClientRefused(error="invalid_client") from error


def believe(assertion: str, client: Client, *, audiences: Sequence[str], now: datetime) -> Asserted:
    """The claims of an assertion signed by one of the client's own keys, for us, still short."""
    try:
        header = jwt.get_unverified_header(assertion)
        key = _key(client, header.get("kid"))
        if "crit" in header or header.get("typ", "JWT") not in ("JWT", "client-authentication+jwt"):
            raise ClientRefused(error="invalid_client")
        content = jwt.decode(
            assertion,
            key.key,
            algorithms=NAMES[key.algorithm_name],
            audience=list(audiences),
            options={
                "require": ["iss", "sub", "aud", "exp", "jti"],
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
        claims = msgspec.convert(content, Asserted, strict=True)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
        raise ClientRefused(error="invalid_client") from error
    expires = now.timestamp() + (LONGEST_ASSERTION + CLOCK_SKEW).total_seconds()
    own = claims.iss == claims.sub == client.client_id
    if not own or not now.timestamp() < claims.exp <= expires:
        raise ClientRefused(error="invalid_client")
    return claims


def _key(client: Client, kid: object) -> jwt.PyJWK:
    for jwk in client.jwks["keys"]:
        if jwk.get("kid") == kid and jwk.get("kty") in ALGORITHMS:
            return jwt.PyJWK(jwk, ALGORITHMS[jwk["kty"]])
    raise ClientRefused(error="invalid_client")


def usable(keys: Sequence[PublicKey]) -> list[dict[str, Any]]:
    """The keys as a client may register them; KeyUnusable for one that is none or named twice."""
    found = [msgspec.to_builtins(key) for key in keys]
    try:
        for jwk in found:
            jwt.PyJWK(jwk, ALGORITHMS[jwk["kty"]])
    except (jwt.PyJWTError, ValueError, TypeError) as error:
        raise KeyUnusable() from error
    if len({key.kid for key in keys}) != len(keys):
        raise KeyUnusable()
    return found


def published(content: bytes) -> list[dict[str, Any]]:
    """The keys of a published JSON Web Key Set that we can use, others left aside; KeyUnusable
    when there is none, when a name stands twice, or when a private key lies there open."""
    try:
        keys = msgspec.json.decode(content, type=Published).keys
        if any("d" in key for key in keys):
            raise KeyUnusable(reason="private_key_published")
        wanted = [
            {name: key[name] for name in PublicKey.__struct_fields__ if name in key}
            for key in keys
            if key.get("crv") in ("Ed25519", "P-256") and key.get("use", "sig") == "sig"
        ]
        found = msgspec.convert(wanted[: MOST_KEYS + 1], list[PublicKey])
    except (msgspec.MsgspecError, RecursionError) as error:
        raise KeyUnusable(reason="not_a_key_set") from error
    if not 1 <= len(found) <= MOST_KEYS:
        raise KeyUnusable(reason="no_usable_key" if not found else "too_many_keys")
    return usable(found)


class Published(msgspec.Struct, frozen=True):
    """A JSON Web Key Set as somebody publishes it."""

    keys: list[dict[str, Any]]


def must_fetch(client: Client, key_id: object, *, now: datetime) -> bool:
    """Whether the client's published keys are to be asked for before this key is looked up."""
    if client.jwks_uri is None or client.jwks_fetched_at is None:
        return False
    known = any(key.get("kid") == key_id for key in client.jwks["keys"])
    return not known or client.jwks_fetched_at <= now - KEYS_FRESH


def too_old(client: Client, *, now: datetime) -> bool:
    """Whether published keys have not been seen for so long that they are believed no more."""
    return client.jwks_fetched_at is not None and client.jwks_fetched_at <= now - KEYS_BELIEVED


def assertion_key(assertion: str) -> object:
    """The key that an assertion names, before it is believed."""
    try:
        return jwt.get_unverified_header(assertion).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError) as error:
        raise ClientRefused(error="invalid_client") from error


KEY_ID = re.compile(r';\s*keyid="([\w.-]{1,40})"')


def signature_key(header: str) -> str | None:
    """The key that a Signature-Input names, before it is verified; None if it cannot be told."""
    found = KEY_ID.findall(header)
    return found[0] if len(found) == 1 else None


class Left(msgspec.Struct, frozen=True):
    """Seconds until the present minute and the present day of Asia/Shanghai are over."""

    minute: int
    day: int


def left(at: datetime) -> Left:
    """How long this minute and this day still last."""
    local = at.astimezone(SHANGHAI)
    gone = local.hour * 3600 + local.minute * 60 + local.second
    return Left(60 - local.second, 86_400 - gone)


def remaining(usage: Usage, left: Left) -> list[tuple[bytes, bytes]]:
    """The RateLimit fields of an answer (draft-ietf-httpapi-ratelimit-headers-10)."""
    minute = max(usage.per_minute - usage.this_minute, 0)
    day = max(usage.per_day - usage.this_day, 0)
    limits = f'"minute";r={minute};t={left.minute}, "day";r={day};t={left.day}'
    policy = f'"minute";q={usage.per_minute};w=60, "day";q={usage.per_day};w=86400'
    return [(b"ratelimit", limits.encode()), (b"ratelimit-policy", policy.encode())]


def wait(usage: Usage, left: Left) -> int | None:
    """The seconds until the program may call again; None when it may now."""
    if usage.this_day > usage.per_day:
        return left.day
    return left.minute if usage.this_minute > usage.per_minute else None


def granted(asked: str | None, scopes: Sequence[str]) -> str:
    """The scopes of a token: those asked for, all of them registered; all when none is named."""
    wanted = asked.split() if asked else list(scopes)
    if not set(wanted) <= set(scopes):
        raise ScopeRefused(error="invalid_scope")
    return " ".join(wanted)


class Message(msgspec.Struct, frozen=True):
    """A request as its signature sees it."""

    method: str
    url: str
    headers: dict[str, str]


class _Keys(HTTPSignatureKeyResolver):
    def __init__(self, client: Client) -> None:
        self.client = client

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey:
        key = _key(self.client, key_id).key
        if not isinstance(key, Ed25519PublicKey):
            raise ClientRefused(error="invalid_client")
        return key

    def resolve_private_key(self, key_id: str) -> Any:
        raise NotImplementedError("we verify only")


class _Verifier(HTTPMessageVerifier):
    max_clock_skew = SIGNATURE_WINDOW


def signed_nonce(message: Message, body: bytes, client: Client) -> tuple[str, str]:
    """Key id and nonce of a request whose one signature, by a key of the client, covers method,
    address, body and idempotency key, and is at most a minute away from now; SignatureRefused
    otherwise. `expires`, where it is given, is kept too."""
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=_Keys(client))
    digested = body or "content-digest" in message.headers or message.method not in SAFE
    needed = COVERED_WITH_BODY if digested else COVERED
    if "idempotency-key" in message.headers:
        # Whoever could change it could turn the client's own repeat into a second effect.
        needed = (*needed, "idempotency-key")
    try:
        results = verifier.verify(
            message, max_age=timedelta(0), require_components=needed, body=body
        )
    except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError) as error:
        raise SignatureRefused() from error
    parameters: Mapping[str, Any] = results[0].parameters
    nonce = str(parameters.get("nonce") or "")
    if len(results) != 1 or len(nonce) not in NONCE_LENGTH:
        raise SignatureRefused(reason="nonce")
    return str(parameters["keyid"]), nonce
