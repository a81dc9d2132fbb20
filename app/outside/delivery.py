"""Ask first, send only what never arrived: how a message outside happens once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from app.outside.model import Outcome, OutcomeUnknown, OutsideRefused

T = TypeVar("T")


class Message(Protocol):
    """What goes out under our own reference, word for word the same each time."""

    @property
    def reference(self) -> str:
        """Our own id of it, the same for ever."""


M = TypeVar("M", bound=Message)


async def deliver(
    message: M,
    *,
    ask: Callable[[str], Awaitable[Outcome[T] | None]],
    send: Callable[[M], Awaitable[Outcome[T]]],
) -> Outcome[T]:
    """What became of a message that may have been sent before; `unknown` while nobody can say.

    A message that is not taken proves nothing about an earlier copy, so that is asked too.
    """
    reference = message.reference
    known = await ask(reference)
    if known is not None:
        return known
    try:
        return await send(message)
    except OutcomeUnknown:
        return Outcome(reference=reference, state="unknown")
    except OutsideRefused as refused:
        known = await ask(reference)
        return known or Outcome(
            reference=reference, state="refused", code=refused.code, reason=refused.reason
        )
