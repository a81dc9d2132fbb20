"""How a confirmation is bound to what it confirms, and when a signature is a device's own."""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

from app.identity.sessions.model import Window
from app.identity.stepups.model import (
    Algorithm,
    Confirmation,
    Facts,
    KeyUnreadable,
    StepUpRefused,
    StepUpRow,
)

LIFE = timedelta(minutes=5)
NONCE_BYTES = 16
TRIES = Window(kind="step-up tries", limit=5, seconds=900)
SIGNED = b"xiaowei step-up 1"


def asked_window(*, development: bool) -> Window:
    """How many confirmations one person may ask for; a developer's machine asks for many."""
    return Window(kind="step-ups asked", limit=20_000 if development else 20, seconds=600)


def content(action: str, facts: Facts, *, business_id: UUID | None, channel: UUID | None) -> bytes:
    """What is bound beside the nonce: the act, the firm, the sign-in it comes through, and every
    detail, in one canonical form."""
    return msgspec.json.encode(
        [action, str(business_id), str(channel), dict(sorted(facts.items()))],
        order="deterministic",
    )


def bound(nonce: bytes, content: bytes) -> bytes:
    """SHA-256 over the nonce and what is confirmed."""
    return hashlib.sha256(nonce + content).digest()


def to_sign(step_up_id: UUID, bound: bytes) -> bytes:
    """The bytes a device signs: this confirmation of this content, and nothing else."""
    return SIGNED + step_up_id.bytes + bound


def state(row: StepUpRow, *, at: datetime) -> Literal["asked", "confirmed", "used", "expired"]:
    """How far a confirmation has come."""
    if row.used_at is not None:
        return "used"
    if row.expires_at <= at:
        return "expired"
    return "confirmed" if row.confirmed_at is not None else "asked"


def factor(given: Confirmation) -> Literal["code", "key"]:
    """Which factor is given; StepUpRefused unless it is exactly one, and whole."""
    by_key = (given.key_id is not None, given.signature is not None)
    if given.code is not None and by_key == (False, False):
        return "code"
    if given.code is None and by_key == (True, True):
        return "key"
    raise StepUpRefused()


def message(text: str, code: str) -> str:
    """The text message: the code, and what it is for."""
    return f"【小微】验证码{code}，用于{text}。5分钟内有效，如与您的操作不符请勿使用。"


def unpadded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def raw(text: str) -> bytes:
    """The bytes of base64url without padding, in its one canonical form; ValueError otherwise."""
    found = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    if unpadded(found) != text:
        raise ValueError("not canonical")
    return found


def read_key(public_key: str) -> tuple[Algorithm, bytes]:
    """The kind of a public key and its bytes (DER); KeyUnreadable for any other kind."""
    try:
        der = raw(public_key)
        key = load_der_public_key(der)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise KeyUnreadable() from error
    if isinstance(key, Ed25519PublicKey):
        return "ed25519", der
    if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        return "p256", der
    raise KeyUnreadable()


def signed_by(public_key: bytes, signature: str, message: bytes) -> bool:
    """Whether the holder of this key (DER) signed these bytes."""
    try:
        key, made = load_der_public_key(public_key), raw(signature)
        if isinstance(key, Ed25519PublicKey):
            key.verify(made, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            halves = (int.from_bytes(made[:32], "big"), int.from_bytes(made[32:], "big"))
            key.verify(encode_dss_signature(*halves), message, ec.ECDSA(SHA256()))
        else:
            return False
    except (InvalidSignature, ValueError):
        return False
    return True
