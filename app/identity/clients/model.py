"""The nouns of API clients."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Forbidden, Malformed, NotFound, NotSignedIn, Refusal, TooMany

Assertion = Annotated[
    str,
    Meta(
        min_length=20,
        max_length=4096,
        pattern=r"^[\w-]+\.[\w-]+\.[\w-]*$",
        examples=["eyJhbGciOiJFZERTQSJ9.eyJpc3MiOiJjbGllbnQifQ.c2lnbmF0dXJl"],
    ),
]


# What a program may do: hand in and follow applications or only follow them, send many in one
# batch, keep call-backs; `slots` is what a partner's calendar may see.
Scope = Literal["applications", "applications.read", "batches", "callbacks", "slots"]


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
    """A registered program and its public keys (a JSON Web Key Set), which it may publish itself
    at `jwks_uri`."""

    client_id: UUID
    name: str
    jwks: dict[str, Any]
    scopes: tuple[str, ...]
    jwks_uri: str | None = None
    jwks_fetched_at: datetime | None = None


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


Keys = Annotated[
    list[PublicKey],
    Meta(
        min_length=1,
        max_length=8,
        examples=[
            [
                {
                    "kty": "OKP",
                    "crv": "Ed25519",
                    "kid": "portal-2",
                    "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                }
            ]
        ],
    ),
]
JwksUri = Annotated[
    str, Meta(min_length=10, max_length=500, examples=["https://portal.example.gov.cn/jwks.json"])
]


class KeySet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The client's public keys from now on, or where it publishes them; keep the old key until the
    new one works."""

    keys: Keys | None = None
    jwks_uri: JwksUri | None = None


class NewClient(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A program of somebody else's, with its public keys or with where it publishes them."""

    name: Annotated[str, Meta(min_length=2, max_length=80, examples=["一网通办门户"])]
    keys: Keys | None = None
    jwks_uri: JwksUri | None = None
    scopes: Annotated[list[Scope], Meta(min_length=1, max_length=10)]


PerMinute = Annotated[int, Meta(ge=1, le=100_000, examples=[600])]
PerDay = Annotated[int, Meta(ge=1, le=100_000_000, examples=[100_000])]


class Quota(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many calls a program may make in a minute and on a day of Asia/Shanghai."""

    per_minute: PerMinute
    per_day: PerDay


class Usage(Struct, frozen=True, kw_only=True):
    """How often a program has called in this minute and on this day, this call included."""

    per_minute: int
    per_day: int
    this_minute: int
    this_day: int


class RegisteredClient(Struct, frozen=True, kw_only=True):
    """A registered program."""

    client_id: UUID
    name: str
    scopes: list[str]
    state: Literal["active", "suspended"]
    jwks_uri: str | None
    per_minute: int
    per_day: int
    made_at: datetime


class ClientMe(Struct, frozen=True, kw_only=True):
    """The program that is calling."""

    client_id: UUID
    name: str
    scopes: tuple[str, ...]
    key_ids: list[str]
    jwks_uri: str | None
    per_minute: int
    per_day: int


class KeyUnusable(Refusal):
    """One of the keys is no public Ed25519 or P-256 key, a name stands twice, or there is none."""

    zh = "公钥无效、密钥标识重复，或未提供公钥"


class KeysNotFound(Refusal):
    """At this address no public keys were found: https, a public address, a JSON Web Key Set."""

    zh = "无法从该地址取得公钥集（须为公网 https 地址上的 JWKS）"


class ScopeRefused(Malformed):
    """This program was not given one of the scopes."""

    zh = "申请的授权范围未登记"


class ScopeMissing(Forbidden):
    """This program's token does not have the scope for that."""

    zh = "该应用未获授权调用此接口"


class QuotaExceeded(TooMany):
    """More calls than this program may make; wait, or ask the bank for a larger quota."""

    zh = "调用次数超出配额，请稍后重试"


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
