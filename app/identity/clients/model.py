"""The nouns of API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import NotFound, NotSignedIn, Refusal

Assertion = Annotated[
    str,
    Meta(
        min_length=20,
        max_length=4096,
        pattern=r"^[\w-]+\.[\w-]+\.[\w-]+$",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJjbGllbnQifQ.c2lnbmF0dXJl"],
    ),
]


Scope = Literal["applications", "slots"]


class ClientTokenRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Client credentials with a signed assertion (RFC 6749 4.4, RFC 7523 2.2)."""

    grant_type: Literal["client_credentials"]
    client_assertion_type: Literal["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"]
    client_assertion: Assertion
    client_id: Annotated[str, Meta(max_length=40)] | None = None
    scope: Annotated[str, Meta(max_length=200, pattern=r"^[\x21-\x7e ]*$")] | None = None


class ClientToken(Struct, frozen=True, kw_only=True):
    """An access token for a program (RFC 6749 5.1)."""

    access_token: str
    token_type: Literal["Bearer"]
    expires_in: int
    scope: str


class Client(Struct, frozen=True, kw_only=True):
    """A registered program and its public keys (a JSON Web Key Set)."""

    client_id: UUID
    name: str
    jwks: dict[str, Any]
    scopes: tuple[str, ...]


KeyPart = Annotated[
    str,
    Meta(pattern=r"^[A-Za-z0-9_-]{43}$", examples=["11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"]),
]


class PublicKey(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A public key (RFC 7517): Ed25519, or P-256 for assertions only."""

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    kid: Annotated[str, Meta(pattern=r"^[\w.-]{1,40}$", examples=["portal-2"])]
    x: KeyPart
    y: KeyPart | None = None


class KeySet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The client's public keys from now on; keep the old one until the new one works."""

    keys: Annotated[list[PublicKey], Meta(min_length=1, max_length=8)]


class NewClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program of somebody else's, to be registered with its public keys."""

    name: Annotated[str, Meta(min_length=2, max_length=80, examples=["一网通办门户"])]
    keys: Annotated[list[PublicKey], Meta(min_length=1, max_length=8)]
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=10)]


class RegisteredClient(Struct, frozen=True, kw_only=True):
    """A registered program."""

    client_id: UUID
    name: str
    scopes: list[str]
    state: Literal["active", "suspended"]
    made_at: datetime


class ClientMe(Struct, frozen=True, kw_only=True):
    """The program that is calling."""

    client_id: UUID
    name: str
    scopes: tuple[str, ...]
    key_ids: list[str]


class KeyUnusable(Refusal):
    """One of the keys is no Ed25519 or P-256 key, or a name stands twice."""

    zh = "公钥无效，或密钥标识重复"


class ClientNotFound(NotFound):
    """There is no such client, or it is suspended."""

    zh = "客户端不存在或已停用"


class Asserted(Struct, frozen=True, kw_only=True):
    """What an assertion claims; other claims are of no interest."""

    iss: UUID
    sub: UUID
    jti: Annotated[str, Meta(min_length=8, max_length=200)]
    exp: Annotated[int, Meta(ge=0, le=10**11)]


class ClientRefused(NotSignedIn):
    """The client, its assertion or its key is not accepted."""

    zh = "客户端凭证无效"


class SignatureRefused(NotSignedIn):
    """The request is not signed as RFC 9421 and this interface ask."""

    zh = "请求签名无效"
