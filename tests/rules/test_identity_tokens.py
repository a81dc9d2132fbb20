"""An access token is believed only if it is ours in every respect, and a refresh token once."""

import base64
import json
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.identity.sessions import rules
from app.identity.sessions.model import BadToken, RefreshRefused, Session

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
SEED = b"s" * 32
KEYS = rules.keys_of((SEED,))
SIGNING = Ed25519PrivateKey.from_private_bytes(SEED)
OTHER = Ed25519PrivateKey.from_private_bytes(b"o" * 32)
AT = int(NOW.timestamp())


def good(**changes):
    claims = {
        "iss": "xiaowei",
        "aud": "person",
        "sub": str(uuid4()),
        "sid": str(uuid4()),
        "jti": "j1",
        "iat": AT,
        "exp": AT + 600,
    } | changes
    return {name: value for name, value in claims.items() if value is not None}


def signed(claims, *, key=SIGNING, algorithm="EdDSA", **header):
    headers = {"kid": KEYS.kid, "typ": "at+jwt"} | header
    headers = {name: value for name, value in headers.items() if value is not None}
    return jwt.encode(claims, key, algorithm=algorithm, headers=headers)


def raw(header: bytes, claims: bytes, key=SIGNING) -> str:
    """A token of exactly these bytes, properly signed."""
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (header, claims)]
    signature = key.sign(b".".join(parts))
    return b".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def believe(token, *, door="person", now=NOW, keys=KEYS):
    return rules.believe(token, keys, door=door, now=now)


def test_our_own_token_is_believed_until_it_ends():
    holder, session = uuid4(), uuid4()
    token = rules.access_token(
        KEYS, door="person", holder_id=holder, session_id=session, jti=uuid4(), now=NOW
    )
    claims = believe(token)
    assert (claims.sub, claims.sid) == (holder, session)
    assert believe(token, now=NOW + timedelta(seconds=599)) == claims
    with pytest.raises(BadToken):
        believe(token, now=NOW + timedelta(seconds=600))


HEADER = json.dumps({"alg": "EdDSA", "kid": KEYS.kid, "typ": "at+jwt"}).encode()
PUBLIC_PEM = SIGNING.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
BODY = json.dumps(good()).encode()
REFUSED = {
    "alg none": lambda: jwt.encode(
        good(), None, algorithm="none", headers={"kid": KEYS.kid, "typ": "at+jwt"}
    ),
    "alg None with our signature": lambda: raw(HEADER.replace(b"EdDSA", b"none"), BODY),
    "HMAC under a key of the attacker": lambda: signed(good(), key="k" * 64, algorithm="HS256"),
    "no typ": lambda: raw(json.dumps({"alg": "EdDSA", "kid": KEYS.kid}).encode(), BODY),
    "typ JWT": lambda: signed(good(), typ="JWT"),
    "typ of a refresh token": lambda: signed(good(), typ="rt+jwt"),
    "no kid": lambda: signed(good(), kid=None),
    "unknown kid": lambda: signed(good(), kid="0" * 16),
    "kid that is a path": lambda: signed(good(), kid="../../etc/passwd"),
    "another key under our kid": lambda: signed(good(), key=OTHER),
    "extra header": lambda: signed(good(), jku="https://example.com/keys"),
    "crit": lambda: signed(good(), crit=["x"], x=1),
    "no exp": lambda: signed(good(exp=None)),
    "no iat": lambda: signed(good(iat=None)),
    "no iss": lambda: signed(good(iss=None)),
    "no aud": lambda: signed(good(aud=None)),
    "no sub": lambda: signed(good(sub=None)),
    "no sid": lambda: signed(good(sid=None)),
    "no jti": lambda: signed(good(jti=None)),
    "expired": lambda: signed(good(iat=AT - 601, exp=AT - 1)),
    "far exp": lambda: signed(good(exp=AT + 3600)),
    "exp in a thousand years": lambda: signed(good(exp=AT + 10**10)),
    "exp 1e308": lambda: raw(HEADER, BODY.replace(f'"exp": {AT + 600}'.encode(), b'"exp": 1e308')),
    "exp 10^400": lambda: raw(
        HEADER, BODY.replace(f'"exp": {AT + 600}'.encode(), b'"exp": 1' + b"0" * 400)
    ),
    "exp NaN": lambda: raw(HEADER, BODY.replace(f'"exp": {AT + 600}'.encode(), b'"exp": NaN')),
    "exp as text": lambda: raw(HEADER, json.dumps(good(exp=str(AT + 600))).encode()),
    "exp as a fraction": lambda: raw(HEADER, json.dumps(good(exp=AT + 599.5)).encode()),
    "issued in the future": lambda: signed(good(iat=AT + 60, exp=AT + 600)),
    "another issuer": lambda: signed(good(iss="somebody")),
    "another door": lambda: signed(good(aud="staff")),
    "two doors": lambda: raw(HEADER, json.dumps(good(aud=["person", "staff"])).encode()),
    "sub that is no id": lambda: signed(good(sub="1 or 1=1")),
    "sub that is a number": lambda: raw(HEADER, json.dumps(good(sub=7)).encode()),
    "a claim more": lambda: signed(good(role="owner")),
    "claims that are a list": lambda: raw(HEADER, b"[1]"),
    "claims that are no JSON": lambda: raw(HEADER, b"{"),
    "claims not in UTF-8": lambda: raw(HEADER, b'{"sub": "\xff"}'),
    "nothing": lambda: "",
    "three dots": lambda: "...",
    "two parts": lambda: ".".join(signed(good()).split(".")[:2]),
    "no signature": lambda: signed(good()).rpartition(".")[0] + ".",
    "very long": lambda: signed(good(jti="j" * 4000)),
}


@pytest.mark.parametrize("make", REFUSED.values(), ids=REFUSED.keys())
def test_a_token_that_is_not_ours_in_every_respect_is_refused(make):
    with pytest.raises(BadToken):
        believe(make())


def test_the_same_claims_properly_made_are_believed():
    assert believe(signed(good())).iss == "xiaowei"  # so that the list above proves something
    assert believe(raw(HEADER, BODY)).jti == "j1"


def test_every_flipped_byte_of_the_content_breaks_the_token():
    token = signed(good())
    for at in range(0, len(token), 3):
        flipped = "A" if token[at] != "A" else "B"
        changed = token[:at] + flipped + token[at + 1 :]
        last_of_signature = at == len(token) - 1  # its spare bits carry nothing
        if not last_of_signature:
            with pytest.raises(BadToken):
                believe(changed)


def test_after_a_rotation_the_old_key_is_believed_and_the_new_one_signs():
    rotated = rules.keys_of((b"n" * 32, SEED))
    assert believe(signed(good()), keys=rotated).iss == "xiaowei"
    token = rules.access_token(
        rotated,
        door="client",
        holder_id=uuid4(),
        session_id=uuid4(),
        jti=uuid4(),
        now=NOW,
        scope="applications",
    )
    assert believe(token, keys=rotated, door="client").scope == "applications"
    with pytest.raises(BadToken):
        believe(token, door="client")


@given(
    holder=st.uuids(),
    session=st.uuids(),
    generation=st.integers(0, 2**32 - 1),
    proof=st.binary(min_size=32, max_size=32),
)
def test_a_refresh_token_reads_back_in_one_form_only(holder, session, generation, proof):
    token = rules.refresh_token(
        holder_id=holder, session_id=session, generation=generation, proof=proof
    )
    parts = rules.read_refresh_token(token)
    assert (parts.holder_id, parts.session_id) == (holder, session)
    assert (parts.generation, parts.proof) == (generation, proof)
    for other in (token + "=", token[:-1], token + "A", " " + token, token + "\n"):
        with pytest.raises(RefreshRefused):
            rules.read_refresh_token(other)
    with pytest.raises(RefreshRefused):
        rules.read_refresh_token("é" * 91)


def session(generation, *, state="active", rotated=NOW, ends=NOW + timedelta(days=30)):
    return Session(
        id=uuid4(),
        generation=generation,
        state=state,
        salt=os.urandom(16),
        rotated_at=rotated,
        ends_at=ends,
    )


@pytest.mark.parametrize(
    ("seen", "current", "seconds", "what"),
    [
        (1, 1, 0, "rotate"),
        (5, 5, 86_400, "rotate"),
        (4, 5, 0, "repeat"),
        (4, 5, 20, "repeat"),
        (4, 5, 21, "reuse"),
        (3, 5, 0, "reuse"),
        (1, 9, 5, "reuse"),
        (6, 5, 0, "reuse"),
    ],
)
def test_a_refresh_token_rotates_repeats_or_ends_the_session(seen, current, seconds, what):
    later = NOW + timedelta(seconds=seconds)
    assert rules.turn(session(current), seen, now=later) == what


def test_an_ended_or_old_session_does_not_come_back():
    assert rules.turn(session(1, state="ended"), 1, now=NOW) == "over"
    assert rules.turn(session(1, ends=NOW), 1, now=NOW) == "over"


def test_a_phone_may_ask_for_fewer_codes_in_earnest_than_in_development():
    earnest, _ = rules.code_windows(development=False)
    playing, _ = rules.code_windows(development=True)
    assert earnest.limit == 5 < playing.limit
