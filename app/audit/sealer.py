"""The sealer: chains every audit row whose transaction has ended, in one order for all."""

from __future__ import annotations

import hashlib

from app.database import Connection

GENESIS = b"\x00" * 32
BATCH = 1000

LAST = "select seq, hash from core.audit_seals order by seq desc limit 1"
# Below xmin every transaction has ended, so no row can appear behind one already sealed.
UNSEALED = """
select a.id, a.body from core.audit a
where a.written_xid < pg_snapshot_xmin(pg_current_snapshot())
  and a.written_xid >= coalesce(
    (select s.written_xid from core.audit s join core.audit_seals l on l.row_id = s.id
     order by l.seq desc limit 1), '0'::xid8)
  and not exists (select from core.audit_seals s where s.row_id = a.id)
order by a.written_xid, a.id limit $1
"""
SEAL = """
insert into core.audit_seals (seq, row_id, previous_hash, hash)
select * from unnest($1::bigint[], $2::uuid[], $3::bytea[], $4::bytea[])
"""
# Saves two sealers from working at once; the primary key of the seals is what keeps them right.
LOCK = "select pg_try_advisory_xact_lock(7301002)"


async def seal(connection: Connection) -> int:
    """Seal one batch inside the caller's transaction; how many rows were sealed."""
    if not await connection.fetchval(LOCK):
        return 0
    last = await connection.fetchrow(LAST)
    seq, previous = (last["seq"], last["hash"]) if last else (0, GENESIS)
    rows = await connection.fetch(UNSEALED, BATCH)
    links: list[tuple[int, object, bytes, bytes]] = []
    for row in rows:
        seq += 1
        hashed = hashlib.sha256(previous + row["body"]).digest()
        links.append((seq, row["id"], previous, hashed))
        previous = hashed
    if links:
        await connection.execute(SEAL, *(list(column) for column in zip(*links, strict=True)))
    return len(links)
