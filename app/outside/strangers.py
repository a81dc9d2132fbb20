"""HTTP to addresses that strangers gave us: public ones only, looked at again as we connect."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from functools import cache
from typing import Any, Literal, NamedTuple

import httpcore
import httpx

LONGEST_URL = 500
# Outside development a stranger's server stands where servers stand.
PORTS = frozenset({443, 8443})
CONNECT_SECONDS = 5.0
MOST_ADDRESSES = 3
IPv6 = ipaddress.IPv6Network("2000::/3")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], Awaitable[list[str]]]


class AddressRefused(Exception):
    """The address is not one that we call: `reason` says why, without what it resolved to."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Unanswered(Exception):
    """No whole answer came in time; whether the request arrived is not known."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Answer(NamedTuple):
    """What a stranger answered, and how long it took; `cut` when the body was longer than asked."""

    status: int
    body: bytes
    cut: bool
    ms: int


def allowed(text: str, *, development: bool) -> bool:
    """Whether an IP address belongs to the public internet: no private, loopback, link-local,
    multicast or reserved one, and none of these inside an IPv6 address. In development the
    machine itself may be called too, for there a portal's server stands."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            address = address.ipv4_mapped
        elif address not in IPv6 or address.sixtofour is not None or address.teredo is not None:
            return development and address.is_loopback
    if development and address.is_loopback:
        return True
    return address.is_global and not address.is_multicast and not address.is_reserved


def parse(url: str, *, development: bool) -> httpx.URL:
    """A stranger's address if its form is right; AddressRefused. Names are not yet resolved."""
    try:
        found = httpx.URL(url)
        host = found.host
    except (httpx.InvalidURL, ValueError, UnicodeError) as error:
        raise AddressRefused("not_a_url") from error
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable():
        raise AddressRefused("not_a_url")
    if found.scheme != "https" and not (development and found.scheme == "http"):
        raise AddressRefused("https_only")
    if not host or found.userinfo or found.fragment:
        raise AddressRefused("host_and_path_only")
    if found.port is not None and found.port not in PORTS and not development:
        raise AddressRefused("port")
    return found


class Strangers:
    """Calls strangers' servers: no redirect, no proxy, no cookie, each call its own connection,
    to an address that was resolved and looked at for this very call."""

    def __init__(self, *, development: bool, resolve: Resolve | None = None) -> None:
        self._development = development
        self._resolve = resolve or _resolve

    async def look(self, url: str) -> None:
        """Whether this address would be called now; AddressRefused, also when no name is found."""
        found = parse(url, development=self._development)
        await self._addresses(found.host, found.port or _port(found.scheme))

    async def call(
        self,
        method: Literal["GET", "POST"],
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        most: int,
        seconds: float,
    ) -> Answer:
        """One call that ends in time and keeps at most so many bytes of the answer.

        AddressRefused: nothing was sent. Unanswered: it may have been.
        """
        found = parse(url, development=self._development)
        begun = time.monotonic()
        try:
            async with asyncio.timeout(seconds):
                return await self._call(method, found, headers, body, most, begun)
        except TimeoutError as error:
            raise Unanswered("timeout") from error
        except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
            raise Unanswered("no_connection") from error
        except ssl.SSLError as error:
            raise Unanswered("tls") from error
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException) as error:
            raise Unanswered("broken_answer") from error

    async def _call(
        self,
        method: str,
        url: httpx.URL,
        headers: Mapping[str, str],
        body: bytes,
        most: int,
        begun: float,
    ) -> Answer:
        said = {"Host": url.netloc.decode("ascii"), "Accept-Encoding": "identity", **headers}
        if body:
            said["Content-Length"] = str(len(body))
        context = _context() if url.scheme == "https" else None
        backend = _Backend(self._addresses)
        async with (
            httpcore.AsyncConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(
                method,
                httpcore.URL(str(url)),
                headers=list(said.items()),
                content=body or None,
                extensions={"timeout": {"connect": CONNECT_SECONDS}},
            ) as answer,
        ):
            content = bytearray()
            async with aclosing(answer.aiter_stream()) as parts:  # type: ignore[type-var]
                async for part in parts:
                    content += part
                    if len(content) > most:
                        break
            ms = int((time.monotonic() - begun) * 1000)
            return Answer(answer.status, bytes(content[:most]), len(content) > most, ms)

    async def _addresses(self, host: str, port: int) -> list[str]:
        """Where a name leads, if every address is allowed: one that is not taints them all."""
        try:
            found = await self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise AddressRefused("unknown_name") from error
        if not found:
            raise AddressRefused("unknown_name")
        if not all(allowed(address, development=self._development) for address in found):
            raise AddressRefused("private_address")
        return found


class _Backend(httpcore.AsyncNetworkBackend):
    """Connects to what was just looked at, never to a name that might lead elsewhere by now; TLS
    still asks for the name's own certificate."""

    def __init__(self, addresses: Resolve) -> None:
        self._addresses = addresses
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """The first address that answers."""
        failed: Exception = httpcore.ConnectError("no address")
        for address in (await self._addresses(host, port))[:MOST_ADDRESSES]:
            try:
                return await self._inner.connect_tcp(
                    address, port, timeout=timeout, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failed = error
        raise failed


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


@cache
def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
