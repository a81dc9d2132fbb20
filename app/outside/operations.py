"""Receives call-backs: each is kept once and becomes one event."""

from __future__ import annotations

from datetime import timedelta

from app import clock
from app.outside.model import Answered, Callback, Received
from app.queries import load
from app.work import Work

sql = load(__name__)

KEPT = timedelta(days=30)


async def receive(work: Work, *, callback: Callback) -> Received:
    """Keep it and tell the jobs; a call-back already kept changes nothing.

    Nothing it says is believed: the jobs ask the system about the reference.
    """
    kept = await work.run(
        sql.keep_callback,
        system=callback.system,
        callback_id=callback.callback_id,
        reference=callback.reference,
        event=callback.event,
        said_at=callback.at,
        received_at=clock.now(),
    )
    if kept:
        await work.emit(Answered(system=callback.system, reference=callback.reference))
    return Received(callback_id=callback.callback_id, first=bool(kept))


async def forget(work: Work) -> int:
    """Drop call-backs whose repeats can no longer be taken for new; how many."""
    return await work.run(sql.forget_callbacks, before=clock.now() - KEPT)
