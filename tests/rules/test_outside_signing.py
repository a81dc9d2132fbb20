"""Requests between the bank and the outside: only what the partner signed lately is taken."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from app.outside import signing
from app.outside.signing import BadSignature, Keys, load_keys

URL = "http://signed/tax/invoices?month=2025-09"
BODY = b'{"reference":"r-0000001"}'


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Keys, Keys]:
    return load_keys(tmp_path, "bank"), load_keys(tmp_path, "outside")


def test_what_the_partner_signed_is_taken(pair):
    bank, outside = pair
    outside.verify("POST", URL, bank.sign("POST", URL, BODY), BODY)
    bank.verify("GET", URL, outside.sign("GET", URL, b""), b"")


def test_a_signature_holds_behind_another_host(pair):
    bank, outside = pair
    headers = bank.sign("POST", "http://127.0.0.1:8001/tax/invoices?month=2025-09", BODY)
    outside.verify("POST", URL, headers, BODY)


@pytest.mark.parametrize(
    ("method", "url", "body"),
    [
        ("GET", URL, BODY),
        ("POST", URL.replace("invoices", "returns"), BODY),
        ("POST", URL.replace("09", "10"), BODY),
        ("POST", URL, BODY.replace(b"1", b"2")),
        ("POST", URL, b""),
    ],
)
def test_any_change_breaks_it(pair, method, url, body):
    bank, outside = pair
    headers = bank.sign("POST", URL, BODY)
    with pytest.raises(BadSignature):
        outside.verify(method, url, headers, body)


def test_unsigned_own_and_strangers_signatures_are_refused(pair, tmp_path):
    bank, outside = pair
    stranger = load_keys(tmp_path / "elsewhere", "bank")
    with pytest.raises(BadSignature):
        outside.verify("POST", URL, {}, BODY)
    with pytest.raises(BadSignature):
        bank.verify("POST", URL, bank.sign("POST", URL, BODY), BODY)
    with pytest.raises(BadSignature):
        outside.verify("POST", URL, stranger.sign("POST", URL, BODY), BODY)


def test_a_body_needs_its_digest_under_the_signature(pair):
    bank, outside = pair
    headers = bank.sign("POST", URL, b"")
    with pytest.raises(BadSignature):
        outside.verify("POST", URL, headers, BODY)


def test_an_old_signature_is_refused(pair, monkeypatch):
    bank, outside = pair
    headers = bank.sign("POST", URL, BODY)
    monkeypatch.setattr(signing, "MAX_AGE", -signing.MAX_AGE)
    with pytest.raises(BadSignature, match="age"):
        outside.verify("POST", URL, headers, BODY)


def test_two_processes_that_start_together_make_one_pair(tmp_path):
    made: list[Keys] = []
    threads = [
        threading.Thread(target=lambda s=side: made.append(load_keys(tmp_path, s)))
        for side in ("bank", "outside") * 8
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 16
    bank, outside = load_keys(tmp_path, "bank"), load_keys(tmp_path, "outside")
    outside.verify("POST", URL, bank.sign("POST", URL, BODY), BODY)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "bank.key",
        "bank.pub",
        "outside.key",
        "outside.pub",
    ]
