"""Forged and replayed proofs of a portal, generated: assertions, and signatures of requests."""

from __future__ import annotations

import base64
import json
import random
import secrets
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ECDSA_P256_SHA256, ED25519, HMAC_SHA256

from tests.portal_client import PortalClient

BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
THIEF = Ed25519PrivateKey.generate()
CURVE = ec.generate_private_key(ec.SECP256R1())


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


class Assertions:
    """Everything that is not one fresh assertion of the client's own."""

    def __init__(self, client: PortalClient, other: PortalClient, seed: int) -> None:
        self.client, self.other, self.random = client, other, random.Random(seed)
        self.endpoint = f"{client.base_url}/oauth2/token"
        self.key = client.key.private_key

    def claims(self, **changes: Any) -> dict[str, Any]:
        mine = self.client.client_id
        found = {
            "iss": mine, "sub": mine, "aud": self.endpoint, "jti": secrets.token_hex(8),
            "exp": int(time.time()) + 100, "iat": int(time.time()),
        } | changes  # fmt: skip
        return {name: value for name, value in found.items() if value is not ...}

    def made(
        self, *, key: Any = None, alg: str = "EdDSA", header: dict[str, Any] | None = None,
        **changes: Any,
    ) -> str:  # fmt: skip
        headers = {"kid": self.client.kid} | (header or {})
        return jwt.encode(self.claims(**changes), key or self.key, algorithm=alg, headers=headers)

    def raw(self, header: dict[str, Any], claims: dict[str, Any], signature: bytes) -> str:
        parts = [b64(json.dumps(part).encode()) for part in (header, claims)]
        return ".".join([*parts, b64(signature)])

    def kinds(self) -> dict[str, Callable[[], str]]:
        now, pick = int(time.time()), self.random
        public = self.client.key.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        pem = self.client.key.public_key.public_bytes(
            Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
        )
        return {
            "for another audience": lambda: self.made(
                aud=pick.choice(["https://other.example/oauth2/token", f"{self.endpoint}/", "", []])
            ),
            "for nobody": lambda: self.made(aud=...),
            "of another issuer": lambda: self.made(iss=str(uuid4())),
            "about another subject": lambda: self.made(sub=pick.choice([str(uuid4()), "", ...])),
            "without a signature": lambda: self.raw(
                {"alg": pick.choice(["none", "None", "NONE"]), "kid": self.client.kid},
                self.claims(), b"",
            ),
            "signed with the public key": lambda: self._hmac(pick.choice([public, pem])),
            "expired": lambda: self.made(exp=now - pick.randrange(1, 10**6)),
            "far from its end": lambda: self.made(exp=now + pick.randrange(330, 10**7)),
            "without an end": lambda: self.made(exp=pick.choice([..., "soon", None])),
            "without an id": lambda: self.made(jti=pick.choice([..., "", "1234567", 12345678])),
            "by an unknown key": lambda: self.made(header={"kid": f"k{pick.randrange(999)}"}),
            "by a thief under our key's name": lambda: self.made(key=THIEF),
            "by the key of another client": lambda: self.made(
                key=self.other.key.private_key, header={"kid": self.other.kid}
            ),
            "for another client by our key": lambda: self.made(
                iss=self.other.client_id, sub=self.other.client_id
            ),
            "with a key of its own in it": lambda: self.made(
                key=THIEF,
                header={"jwk": jwt.get_algorithm_by_name("EdDSA").to_jwk(
                    THIEF.public_key(), as_dict=True
                )},
            ),
            "on another curve": lambda: self.made(key=CURVE, alg="ES256"),
            "an access token": lambda: self.made(header={"typ": "at+jwt"}),
            "with a critical extension": lambda: self.made(header={"crit": ["x"], "x": 1}),
            "changed after signing": self._changed,
            "with a bit turned": self._turned,
        }  # fmt: skip

    def _hmac(self, secret: bytes) -> str:
        import hashlib
        import hmac

        head = b64(json.dumps({"alg": "HS256", "kid": self.client.kid}).encode())
        signed = f"{head}.{b64(json.dumps(self.claims()).encode())}"
        return f"{signed}.{b64(hmac.digest(secret, signed.encode(), hashlib.sha256))}"

    def _changed(self) -> str:
        head, _, signature = self.made().split(".")
        later = self.claims(exp=int(time.time()) + self.random.randrange(60, 290))
        return f"{head}.{b64(json.dumps(later).encode())}.{signature}"

    def _turned(self) -> str:
        head, claims, signature = self.made().split(".")
        raw = bytearray(base64.urlsafe_b64decode(signature + "=="))
        raw[self.random.randrange(64)] ^= 1 << self.random.randrange(8)
        return f"{head}.{claims}.{b64(bytes(raw))}"

    def all(self, count: int) -> Iterator[tuple[str, dict[str, str]]]:
        """So many forged forms, each kind in its turn."""
        kinds = list(self.kinds().items())
        for at in range(count):
            name, make = kinds[at % len(kinds)]
            form = {
                "grant_type": "client_credentials", "client_assertion_type": BEARER,
                "client_assertion": make(),
            }  # fmt: skip
            yield name, form


class Signing(HTTPSignatureKeyResolver):  # type: ignore[misc]
    """Whatever key one likes."""

    def __init__(self, key: Any) -> None:
        self.key = key

    def resolve_private_key(self, key_id: str) -> Any:
        return self.key

    def resolve_public_key(self, key_id: str) -> Any:
        return self.key


COVERED = ("@method", "@target-uri", "content-digest", "idempotency-key")


class Signatures:
    """Everything that is not one fresh request signed by the client as it is sent."""

    def __init__(
        self, client: PortalClient, other: PortalClient, path: str, body: dict[str, Any], seed: int
    ) -> None:
        self.client, self.other, self.path, self.body = client, other, path, body
        self.random = random.Random(seed)

    def signed(
        self,
        *,
        method: str = "POST",
        path: str | None = None,
        body: dict[str, Any] | None = None,
        token: str | None = None,
        key: Any = None,
        kid: str | None = None,
        algorithm: Any = ED25519,
        covered: tuple[str, ...] = COVERED,
        seconds: float = 0,
        lasts: float = 60,
        nonce: str | None = "",
        digest: bool = True,
    ) -> httpx.Request:
        headers = {
            "Authorization": f"Bearer {self.client.token if token is None else token}",
            "Idempotency-Key": secrets.token_hex(12), "Content-Type": "application/json",
        }  # fmt: skip
        content = json.dumps(body or self.body).encode()
        made = self.client.http.build_request(
            method, path or self.path, headers=headers, content=content
        )
        at = datetime.now(UTC) + timedelta(seconds=seconds)
        HTTPMessageSigner(
            signature_algorithm=algorithm,
            key_resolver=Signing(key or self.client.key.private_key),
        ).sign(
            made, key_id=kid or self.client.kid, created=at, expires=at + timedelta(seconds=lasts),
            nonce=secrets.token_hex(12) if nonce == "" else nonce,
            covered_component_ids=covered, body=content if digest else None,
        )  # fmt: skip
        return made

    def sent(self, made: httpx.Request, **changes: Any) -> httpx.Request:
        """The same headers on another request."""
        url = str(changes.get("url", made.url))
        content = changes.get("content", made.content)
        headers = {name: value for name, value in made.headers.items() if name != "content-length"}
        headers |= changes.get("headers", {})
        headers = {name: value for name, value in headers.items() if value is not None}
        return httpx.Request(
            changes.get("method", made.method), url, headers=headers, content=content
        )

    def kinds(self) -> dict[str, Callable[[], httpx.Request]]:
        pick, sent, signed = self.random, self.sent, self.signed
        changed = json.dumps(self.body | {"purpose": "别的用途"}).encode()
        public = self.client.key.public_key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        here = str(self.client.http.base_url).rstrip("/")
        return {
            "another body": lambda: sent(signed(), content=changed),
            "another body with its digest": lambda: sent(
                signed(), content=changed, headers={"content-digest": digest_of(changed)}
            ),
            "another method": lambda: sent(
                signed(method=pick.choice(["PUT", "PATCH"])), method="POST"
            ),
            "another path": lambda: sent(
                signed(path=f"/portal/v1/{pick.choice(['batches', 'me', 'x'])}"),
                url=here + self.path,
            ),
            "another query": lambda: sent(signed(), url=f"{here}{self.path}?a={pick.random()}"),
            "signed for another host": lambda: sent(
                signed(path=f"https://{pick.randrange(99)}.example{self.path}"),
                url=here + self.path, headers={"host": None},
            ),
            "a component left out": lambda: signed(
                covered=pick.choice([COVERED[1:], COVERED[:1] + COVERED[2:]]),
            ),
            "digest not covered": lambda: signed(
                covered=("@method", "@target-uri", "idempotency-key"), digest=False
            ),
            "key not covered": lambda: signed(covered=COVERED[:3]),
            "another key for once": lambda: sent(
                signed(), headers={"idempotency-key": secrets.token_hex(12)}
            ),
            "too old": lambda: signed(seconds=-pick.randrange(70, 10**6), lasts=10**7),
            "from the future": lambda: signed(seconds=pick.randrange(70, 10**6)),
            "over": lambda: signed(seconds=-50, lasts=-pick.randrange(20, 1000)),
            "no nonce": lambda: signed(nonce=None),
            "a bad nonce": lambda: signed(nonce="n" * pick.choice([1, 15, 129, 500])),
            "a thief's key": lambda: signed(key=THIEF),
            "an unknown key": lambda: signed(kid=f"k{pick.randrange(999)}"),
            "the key of another client": lambda: signed(
                key=self.other.key.private_key, kid=self.other.kid
            ),
            "the token of another client": lambda: signed(token=self.other.token),
            "another curve": lambda: signed(key=CURVE, algorithm=ECDSA_P256_SHA256),
            "the public key as a secret": lambda: signed(key=public, algorithm=HMAC_SHA256),
            "no signature": lambda: sent(signed(), headers={"signature": None}),
            "no input": lambda: sent(signed(), headers={"signature-input": None}),
            "the signature of another request": lambda: sent(
                signed(), headers={"signature": signed().headers["signature"]}
            ),
            "a changed input": lambda: self._moved(signed()),
            "two signatures": lambda: self._twice(signed()),
        }  # fmt: skip

    def _moved(self, made: httpx.Request) -> httpx.Request:
        said = made.headers["signature-input"]
        created = said.partition("created=")[2].partition(";")[0]
        other = str(int(created) + self.random.choice([-3, -2, -1, 1, 2, 3]))
        return self.sent(
            made,
            headers={"signature-input": said.replace(f"created={created}", f"created={other}")},
        )

    def _twice(self, made: httpx.Request) -> httpx.Request:
        more = {
            name: f"{made.headers[name]}, {made.headers[name].replace('pyhms=', 'again=', 1)}"
            for name in ("signature", "signature-input")
        }
        return self.sent(made, headers=more)

    def all(self, count: int) -> Iterator[tuple[str, httpx.Request]]:
        """So many forged requests, each kind in its turn."""
        kinds = list(self.kinds().items())
        for at in range(count):
            name, make = kinds[at % len(kinds)]
            yield name, make()


def digest_of(content: bytes) -> str:
    """A Content-Digest that fits."""
    import hashlib

    return f"sha-256=:{base64.b64encode(hashlib.sha256(content).digest()).decode()}:"
