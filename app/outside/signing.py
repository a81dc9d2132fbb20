"""HTTP message signatures (RFC 9421, Ed25519, Content-Digest) between the bank and the outside."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    MappingKeyResolver,
    algorithms,
)

from app.settings import Settings

Side = Literal["bank", "outside"]

MAX_AGE = timedelta(minutes=5)
TAG = "xiaowei-outside"
# Host and scheme are left out: a proxy in front of either side may rewrite them, and each key
# belongs to one pair of partners, so a signature means nothing elsewhere.
COMPONENTS = ("@method", "@path", "@query")
COMPONENTS_WITH_BODY = (*COMPONENTS, "content-digest")


class BadSignature(Exception):
    """The message is not signed by the partner, was changed on its way, or is too old."""


def keys_folder(settings: Settings) -> Path:
    """Where this installation keeps its keys for the outside."""
    return settings.var_path / "secrets" / "outside"


def target(scope: Mapping[str, Any]) -> str:
    """The address that a received request was signed for: raw path and query, any host."""
    path = bytes(scope["raw_path"]).partition(b"?")[0].decode("ascii", "replace")
    query = bytes(scope["query_string"]).decode("ascii", "replace")
    return f"http://signed{path}" + (f"?{query}" if query else "")


class Message:
    """The least that the signature library reads of an HTTP request."""

    def __init__(self, method: str, url: str, headers: Mapping[str, str]) -> None:
        self.method = method
        self.url = url
        self.headers = dict(headers)


class Keys:
    """One side's private key and the other's public one."""

    def __init__(self, side: Side, private: Ed25519PrivateKey, partner: Ed25519PublicKey) -> None:
        other: Side = "outside" if side == "bank" else "bank"
        resolver = MappingKeyResolver(public_keys={other: partner}, private_keys={side: private})
        self._side = side
        self._signer = HTTPMessageSigner(
            signature_algorithm=algorithms.ED25519, key_resolver=resolver
        )
        self._verifier = HTTPMessageVerifier(
            signature_algorithm=algorithms.ED25519, key_resolver=resolver
        )

    def sign(self, method: str, url: str, body: bytes) -> dict[str, str]:
        """The headers to add to a request: digest of the body, signature and its parameters."""
        message = Message(method, url, {})
        self._signer.sign(
            message,
            key_id=self._side,
            nonce=secrets.token_urlsafe(12),
            tag=TAG,
            covered_component_ids=COMPONENTS,
            body=body or None,
        )
        return message.headers

    def verify(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raise BadSignature unless the partner signed exactly this request lately."""
        try:
            self._verifier.verify(
                Message(method, url, headers),
                max_age=MAX_AGE,
                expect_tag=TAG,
                require_components=COMPONENTS_WITH_BODY if body else COMPONENTS,
                body=body,
            )
        except (HTTPMessageSignaturesException, ValueError) as wrong:
            raise BadSignature(str(wrong)) from wrong


def load_keys(folder: Path, side: Side, *, make: bool = True) -> Keys:
    """Read this side's key pair and the partner's public key; `make` both pairs if absent.

    In production nothing is made (FileNotFoundError): each side's folder is given its own
    private key and the partner's `.pub`, and never the partner's private key.
    """
    other: Side = "outside" if side == "bank" else "bank"
    here = (folder / f"{side}.key").exists() and (folder / f"{other}.pub").exists()
    if make and not here:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in (side, other):
            _make_pair(folder, name)
    private = serialization.load_pem_private_key((folder / f"{side}.key").read_bytes(), None)
    partner = serialization.load_pem_public_key((folder / f"{other}.pub").read_bytes())
    assert isinstance(private, Ed25519PrivateKey) and isinstance(partner, Ed25519PublicKey)
    return Keys(side, private, partner)


def _make_pair(folder: Path, name: str) -> None:
    """Write a pair once, also when two processes start together: the first link wins."""
    key = Ed25519PrivateKey.generate()
    _place(
        folder / f"{name}.key",
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    winner = serialization.load_pem_private_key((folder / f"{name}.key").read_bytes(), None)
    _place(
        folder / f"{name}.pub",
        winner.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
    )


def _place(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(draft, path)
    draft.unlink()
