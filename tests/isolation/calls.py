"""One rightful call of every operation: real objects, fresh where a call uses its object up.

A new route needs one in calls_*.py, or the suite fails: `reads("GET /v1/…")` where the ids of the
firm fill the path, a builder under `@for_operation` where something fresh or a body is needed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.isolation.callers import Call, Caller
from tests.isolation.lived import Lived

Builder = Callable[[Lived], Awaitable[Call]]
# Operation ("GET /v1/accounts/{account_id}") -> how to call it rightly.
CALLS: dict[str, Builder] = {}


def for_operation(operation: str) -> Callable[[Builder], Builder]:
    """The builder of an operation's call."""

    def keep(builder: Builder) -> Builder:
        assert operation not in CALLS, operation
        CALLS[operation] = builder
        return builder

    return keep


def call(operation: str, who: Caller, ids: dict[str, str], **more: Any) -> Call:
    """A call whose path is filled from ids by name."""
    method, _, template = operation.partition(" ")
    names = [part.partition("}")[0] for part in template.split("{")[1:]]
    return Call(method=method, template=template, who=who, path={n: ids[n] for n in names}, **more)


def reads(*operations: str, **query: Any) -> None:
    """Calls of the owner that only look: the ids of the firm fill the path."""
    for operation in operations:

        async def build(firm: Lived, operation: str = operation) -> Call:
            return call(operation, firm.caller, firm.ids, query=dict(query))

        for_operation(operation)(build)


def asks(operation: str, body: Any) -> None:
    """A call without sign-in whose body is always the same."""

    async def build(firm: Lived) -> Call:
        return call(operation, firm.town.nobody, firm.ids, body=body)

    for_operation(operation)(build)
