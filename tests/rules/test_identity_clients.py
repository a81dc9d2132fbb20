"""A program is believed by its own key, for us, once and soon; so is each request it signs."""

import secrets
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from http_message_signatures import HTTPMessageSigner, HTTPSignatureKeyResolver
from http_message_signatures.algorithms import ED25519

from app.identity.clients import rules
from app.identity.clients.model import Client, ClientRefused, ScopeRefused, SignatureRefused

NOW = datetime.now(UTC)
AT = int(NOW.timestamp())
KEY = Ed25519PrivateKey.generate()
CURVE = ec.generate_private_key(ec.SECP256R1())
OTHER = Ed25519PrivateKey.generate()
ID = uuid4()
US = "https://bank.example/oauth2/token"


def jwk(key, kid):
    name = "EdDSA" if isinstance(key, Ed25519PrivateKey) else "ES256"
    algorithm = jwt.get_algorithm_by_name(name)
    return algorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": kid}


CLIENT = Client(
    client_id=ID,
    name="门户",
    scopes=("applications", "slots"),
    jwks={"keys": [jwk(KEY, "k1"), jwk(CURVE, "k2")]},
)


def assertion(*, key=KEY, algorithm="EdDSA", kid="k1", header=None, **changes):
    claims = {
        "iss": str(ID),
        "sub": str(ID),
        "aud": US,
        "exp": AT + 120,
        "jti": secrets.token_hex(8),
    } | changes
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers={"kid": kid} | (header or {}))


def believe(token):
    assert rules.claimed_client(token) == ID
    return rules.believe(token, CLIENT, audiences=(US,), now=NOW)


def test_an_assertion_by_any_of_the_clients_keys_is_believed():
    assert believe(assertion()).sub == ID
    assert believe(assertion(key=CURVE, algorithm="ES256", kid="k2")).sub == ID
    assert believe(assertion(aud=["https://other.example", US])).sub == ID


REFUSED = {
    "another key": lambda: assertion(key=OTHER),
    "a key of another kind under that name": lambda: assertion(
        key=CURVE, algorithm="ES256", kid="k1"
    ),
    "unknown key": lambda: assertion(kid="k9"),
    "alg none": lambda: assertion(key=None, algorithm="none"),
    "HMAC": lambda: assertion(key="x" * 64, algorithm="HS256"),
    "for somebody else": lambda: assertion(aud="https://other.example"),
    "for nobody": lambda: assertion(aud=None),
    "another subject": lambda: assertion(sub=str(uuid4())),
    "expired": lambda: assertion(exp=AT - 1),
    "never ends": lambda: assertion(exp=None),
    "ends in six minutes": lambda: assertion(exp=AT + 360),
    "ends when nobody lives": lambda: assertion(exp=10**400),
    "no jti": lambda: assertion(jti=None),
    "short jti": lambda: assertion(jti="1"),
    "an access token's type": lambda: assertion(header={"typ": "at+jwt"}),
    "crit": lambda: assertion(header={"crit": ["b64"], "b64": True}),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_any_other_assertion_is_refused(make):
    with pytest.raises(ClientRefused):
        believe(make())


def test_an_assertion_of_nobody_is_refused():
    nobody = ["", "a.b.c", "x" * 100, assertion(iss=None), assertion(iss="7"), "é.é.é"]
    for token in nobody:
        with pytest.raises(ClientRefused):
            rules.claimed_client(token)


def test_scopes_are_granted_only_as_registered():
    assert rules.granted(None, CLIENT.scopes) == "applications slots"
    assert rules.granted("slots", CLIENT.scopes) == "slots"
    with pytest.raises(ScopeRefused):
        rules.granted("slots money", CLIENT.scopes)


class Signing(HTTPSignatureKeyResolver):
    def __init__(self, key):
        self.key = key

    def resolve_private_key(self, key_id):
        return self.key

    def resolve_public_key(self, key_id):
        return self.key.public_key()


def request(
    body=b'{"a":1}',
    *,
    key=KEY,
    key_id="k1",
    seconds=0,
    nonce="n" * 16,
    covered=("@method", "@target-uri"),
    digest=True,
):
    made = httpx.Request("POST", "https://bank.example/portal/v1/x?y=1", content=body)
    HTTPMessageSigner(signature_algorithm=ED25519, key_resolver=Signing(key)).sign(
        made,
        key_id=key_id,
        created=datetime.now(UTC) + timedelta(seconds=seconds),
        nonce=nonce,
        covered_component_ids=covered,
        body=body if digest else None,
    )
    return made


def check(made, body=b'{"a":1}', *, method="POST", url=None):
    message = rules.Message(method, url or str(made.url), dict(made.headers))
    return rules.signed_nonce(message, body, CLIENT)


def test_a_signed_request_tells_its_key_and_nonce():
    assert check(request()) == ("k1", "n" * 16)
    assert check(request(seconds=-50)) == check(request(seconds=50)) == ("k1", "n" * 16)
    assert check(request(b""), b"") == ("k1", "n" * 16)


UNSIGNED = {
    "not signed": lambda: (httpx.Request("POST", "https://bank.example/x"), {}),
    "another body": lambda: (request(), {"body": b'{"a":2}'}),
    "another method": lambda: (request(), {"method": "PUT"}),
    "another address": lambda: (request(), {"url": "https://bank.example/portal/v1/x?y=2"}),
    "another host": lambda: (request(), {"url": "https://evil.example/portal/v1/x?y=1"}),
    "another key": lambda: (request(key=OTHER), {}),
    "unknown key": lambda: (request(key_id="k9"), {}),
    "a key for other things": lambda: (request(key_id="k2"), {}),
    "too old": lambda: (request(seconds=-65), {}),
    "from the future": lambda: (request(seconds=65), {}),
    "method not covered": lambda: (request(covered=("@target-uri",)), {}),
    "address not covered": lambda: (request(covered=("@method",)), {}),
    "body not covered": lambda: (request(digest=False), {}),
    "no nonce": lambda: (request(nonce=None), {}),
    "short nonce": lambda: (request(nonce="n"), {}),
    "long nonce": lambda: (request(nonce="n" * 200), {}),
}


@pytest.mark.parametrize("make", UNSIGNED.values(), ids=UNSIGNED.keys())
def test_a_request_signed_otherwise_is_refused(make):
    made, changes = make()
    with pytest.raises((SignatureRefused, ClientRefused)):
        check(made, **changes)
