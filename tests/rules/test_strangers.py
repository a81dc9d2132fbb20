"""Addresses that strangers gave us: inside ones are refused by form, by name and as we connect."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address, ip_network
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.outside.strangers import AddressRefused, Strangers, Unanswered, allowed, parse
from tests.portal_client import free_port, serving

INSIDE = [
    ip_network(text)
    for text in (
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
        "172.16.0.0/12", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4",
        "240.0.0.0/4", "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "64:ff9b::/96",
        "2002::/16", "2001::/32", "2001:db8::/32",
    )
]  # fmt: skip


@given(st.sampled_from(INSIDE), st.integers(min_value=0))
def test_no_address_inside_is_called(network: Any, offset: int):
    address = network[offset % network.num_addresses]
    assert not allowed(str(address), development=False)
    assert not allowed(f"::ffff:{address}", development=False)


def test_public_addresses_are_called_and_this_machine_only_in_development():
    for text in ("8.8.8.8", "114.114.114.114", "2400:3200::1"):
        assert allowed(text, development=False)
    for text in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        assert allowed(text, development=True) and not allowed(text, development=False)
    assert not allowed("10.0.0.1", development=True)
    assert not allowed("not an address", development=True)
    assert ip_address("8.8.8.8")


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://portal.example/x", "https_only"),
        ("gopher://portal.example/x", "https_only"),
        ("https:///x", "host_and_path_only"),
        ("https://a:b@portal.example/x", "host_and_path_only"),
        ("https://portal.example/x#y", "host_and_path_only"),
        ("https://portal.example:22/x", "port"),
        ("https://portal.example/" + "x" * 500, "not_a_url"),
        ("https://portal.example/\u00e9", "not_a_url"),
        ("https://[::1/x", "not_a_url"),
    ],
)
def test_the_form_is_looked_at_first(url: str, reason: str):
    with pytest.raises(AddressRefused) as refused:
        parse(url, development=False)
    assert refused.value.reason == reason
    assert parse("https://portal.example:8443/x?y=1", development=False).port == 8443


async def test_a_name_that_leads_inside_later_is_refused_as_we_connect():
    """Public when it was registered (DNS rebinding); one private address taints them all."""
    answers = iter([["8.8.8.8"], ["10.0.0.1"], ["8.8.8.8", "192.168.0.1"], []])

    async def resolve(host: str, port: int) -> list[str]:
        assert host == "portal.example" and port == 443
        return next(answers)

    strangers = Strangers(development=False, resolve=resolve)
    await strangers.look("https://portal.example/x")
    for reason in ("private_address", "private_address", "unknown_name"):
        with pytest.raises(AddressRefused) as refused:
            await strangers.call("POST", "https://portal.example/x", headers={}, most=9, seconds=5)
        assert refused.value.reason == reason


async def test_slow_endless_and_moved_answers_are_cut():
    async def app(scope: Any, receive: Any, send: Any) -> None:
        path = scope["path"]
        if path == "/slow":
            await asyncio.sleep(5)
        status = 302 if path == "/moved" else 200
        headers = [(b"location", b"http://127.0.0.1/elsewhere")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        for _ in range(2000 if path == "/endless" else 1):
            await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    port, strangers = free_port(), Strangers(development=True)
    here = f"http://127.0.0.1:{port}"
    async with serving(app, port):
        long = await strangers.call("GET", f"{here}/endless", headers={}, most=5000, seconds=5)
        assert (len(long.body), long.cut) == (5000, True)
        moved = await strangers.call("GET", f"{here}/moved", headers={}, most=5000, seconds=5)
        assert (moved.status, moved.cut) == (302, False)
        with pytest.raises(Unanswered) as unanswered:
            await strangers.call("GET", f"{here}/slow", headers={}, most=9, seconds=0.3)
        assert unanswered.value.reason == "timeout"
    with pytest.raises(Unanswered) as unanswered:
        await strangers.call("GET", here, headers={}, most=9, seconds=3)
    assert unanswered.value.reason == "no_connection"
