"""Rules of programs' proofs: assertions (RFC 7523) and signed requests (RFC 9421)."""

from __future__ import annotations

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

from app.identity.clients.model import (
    Asserted,
    Client,
    ClientRefused,
    KeyUnusable,
    PublicKey,
    SignatureRefused,
)

# An assertion may live five minutes; clocks may differ by a few seconds.
LONGEST_ASSERTION = timedelta(minutes=5)
CLOCK_SKEW = timedelta(seconds=10)
SIGNATURE_WINDOW = timedelta(seconds=60)
ALGORITHMS = {"OKP": "EdDSA", "EC": "ES256"}
COVERED = ("@method", "@target-uri", "content-digest")
NONCE_LENGTH = range(16, 129)


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
            key,
            algorithms=[key.algorithm_name],
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


def granted(asked: str | None, scopes: Sequence[str]) -> str:
    """The scopes of a token: those asked for, all of them registered; all when none is named."""
    wanted = asked.split() if asked else list(scopes)
    if not set(wanted) <= set(scopes):
        raise ClientRefused(error="invalid_scope")
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
    address and body and is at most a minute away from now; SignatureRefused otherwise."""
    verifier = _Verifier(signature_algorithm=ED25519, key_resolver=_Keys(client))
    try:
        results = verifier.verify(
            message, max_age=timedelta(0), require_components=COVERED, body=body
        )
    except (HTTPMessageSignaturesException, ValueError, TypeError, KeyError) as error:
        raise SignatureRefused() from error
    parameters: Mapping[str, Any] = results[0].parameters
    nonce = str(parameters.get("nonce") or "")
    if len(results) != 1 or len(nonce) not in NONCE_LENGTH:
        raise SignatureRefused(reason="nonce")
    return str(parameters["keyid"]), nonce
