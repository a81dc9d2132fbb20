"""Append an audit row in the transaction of the act itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app.ids import new_id

if TYPE_CHECKING:
    from app.work import Work

INSERT = (
    "insert into core.audit (id, business_id, actor, action, object_id, at, body)"
    " values ($1, $2, $3, $4, $5, $6, $7)"
)


async def write(work: Work, action: str, *, object_id: UUID | None, facts: dict[str, Any]) -> None:
    """The row's columns for look-ups, and the same facts as canonical bytes for the chain."""
    row_id = new_id()
    body = canonical(row_id, work.tenant, work.actor.principal, action, object_id, work.now, facts)
    await work.connection.execute(
        INSERT, row_id, work.tenant, work.actor.principal, action, object_id, work.now, body
    )


def canonical(
    row_id: UUID,
    business_id: UUID | None,
    actor: str,
    action: str,
    object_id: UUID | None,
    at: object,
    facts: dict[str, Any],
) -> bytes:
    """Canonical bytes: JSON with sorted keys, so that the same row always hashes the same."""
    return msgspec.json.encode(
        {
            "id": row_id,
            "business_id": business_id,
            "actor": actor,
            "action": action,
            "object_id": object_id,
            "at": at,
            "facts": facts,
        },
        order="deterministic",
    )
