"""Rules of tokens and tries: what a token must be to be believed, when a session goes on."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Literal
from uuid import UUID

import jwt
import msgspec
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.identity.sessions.model import (
    BadToken,
    Claims,
    Door,
    RefreshParts,
    RefreshRefused,
    Session,
    Window,
)

ISSUER = "xiaowei"
ACCESS_SECONDS = 600
REFRESH_DAYS: Mapping[str, int] = {"person": 30, "staff": 1}
# A client that lost the answer of its refresh may ask again for so long.
GRACE = timedelta(seconds=20)
CLOCK_SKEW_SECONDS = 10
LONGEST_TOKEN = 2048
CODE_LIFE = timedelta(minutes=5)
HEADER = {"alg": "EdDSA", "typ": "at+jwt"}
REQUIRED = ["exp", "iat", "iss", "aud", "sub", "jti"]
REFRESH_BYTES = 16 + 16 + 4 + 32

CODE_TRIES = Window(kind="code tries", limit=5, seconds=900)
STAFF_TRIES = Window(kind="staff tries", limit=5, seconds=900)
CLIENT_TRIES = Window(kind="client tries", limit=120, seconds=60)


def code_windows(*, development: bool) -> tuple[Window, Window]:
    """How many codes one phone and one network address may ask for. A developer's machine plays
    many people from one address, and the same one many times."""
    return (
        Window(kind="codes by phone", limit=30 if development else 5, seconds=600),
        Window(kind="codes by address", limit=100_000 if development else 60, seconds=600),
    )


class Keys(msgspec.Struct, frozen=True):
    """The keys of access tokens: the newest signs, all are believed."""

    kid: str
    signing: Ed25519PrivateKey
    public: Mapping[str, Ed25519PublicKey]


@cache
def keys_of(seeds: tuple[bytes, ...]) -> Keys:
    """Keys from their 32-byte seeds, newest first; a key's name is the hash of its public half."""
    private = [Ed25519PrivateKey.from_private_bytes(seed) for seed in seeds]
    named = {_kid(key.public_key()): key.public_key() for key in private}
    return Keys(next(iter(named)), private[0], named)


def _kid(key: Ed25519PublicKey) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    return digest.finalize().hex()[:16]


def access_token(
    keys: Keys,
    *,
    door: Door,
    holder_id: UUID,
    session_id: UUID,
    jti: UUID,
    now: datetime,
    scope: str = "",
) -> str:
    """A signed access token (RFC 9068) of ten minutes."""
    issued = int(now.timestamp())
    claims: dict[str, Any] = {"scope": scope} if scope else {}
    claims |= {
        "iss": ISSUER,
        "aud": door,
        "sub": str(holder_id),
        "sid": str(session_id),
        "jti": str(jti),
        "iat": issued,
        "exp": issued + ACCESS_SECONDS,
    }
    return jwt.encode(
        claims, keys.signing, algorithm="EdDSA", headers={"kid": keys.kid, "typ": "at+jwt"}
    )


def believe(token: str, keys: Keys, *, door: Door, now: datetime) -> Claims:
    """The claims of a token that is ours, for this door, and in force; BadToken otherwise."""
    if len(token) > LONGEST_TOKEN:
        raise BadToken()
    try:
        header = jwt.get_unverified_header(token)
        key = keys.public.get(header.pop("kid", None))
        if key is None or header != HEADER:
            raise BadToken()
        content: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=["EdDSA"],
            audience=door,
            issuer=ISSUER,
            options={"require": REQUIRED, "verify_exp": False, "verify_iat": False},
        )
        claims = msgspec.convert(content, Claims, strict=True)
    except (jwt.PyJWTError, msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
        raise BadToken() from error
    moment = now.timestamp()
    in_force = claims.iat <= moment + CLOCK_SKEW_SECONDS and moment < claims.exp
    if not in_force or claims.exp - claims.iat > ACCESS_SECONDS:
        raise BadToken()
    return claims


def refresh_token(*, holder_id: UUID, session_id: UUID, generation: int, proof: bytes) -> str:
    """Who, which session, which turn, and the keyed hash that proves we made it."""
    raw = holder_id.bytes + session_id.bytes + generation.to_bytes(4, "big") + proof
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def read_refresh_token(token: str) -> RefreshParts:
    """The parts of a refresh token in its one canonical form; RefreshRefused otherwise."""
    try:
        raw = base64.b64decode(token + "=" * (-len(token) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise RefreshRefused() from error
    if len(raw) != REFRESH_BYTES:
        raise RefreshRefused()
    parts = RefreshParts(
        holder_id=UUID(bytes=raw[:16]),
        session_id=UUID(bytes=raw[16:32]),
        generation=int.from_bytes(raw[32:36], "big"),
        proof=raw[36:],
    )
    again = refresh_token(
        holder_id=parts.holder_id,
        session_id=parts.session_id,
        generation=parts.generation,
        proof=parts.proof,
    )
    if again != token:
        raise RefreshRefused()
    return parts


def same(a: bytes, b: bytes) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(a, b)


def turn(
    session: Session, generation: int, *, now: datetime
) -> Literal["rotate", "repeat", "reuse", "over"]:
    """What a proven refresh token of a session leads to.

    The current one rotates; the one before it, within GRACE, gets the same successor again (the
    answer was lost); any older use means that two hold the token, and the session must end.
    """
    if session.state == "ended" or now >= session.ends_at:
        return "over"
    if generation == session.generation:
        return "rotate"
    if generation == session.generation - 1 and now - session.rotated_at <= GRACE:
        return "repeat"
    return "reuse"
