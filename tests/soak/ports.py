"""Two free ports beside each other: the API's and the sandbox's."""

from __future__ import annotations

import contextlib
import socket


def neighbours() -> int:
    """The first of two free ports."""
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError):
                second.bind(("127.0.0.1", port + 1))
                return port
    raise AssertionError("no two free ports beside each other")
