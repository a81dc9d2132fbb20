"""Papers that no application took over are destroyed when their term is over."""

from __future__ import annotations

from app.files import operations as files
from app.jobs import Ctx
from onboarding.portals.operations import sql

PAGE = 200


async def shred_papers(ctx: Ctx, **_: object) -> None:
    """Remove the content of every paper whose term is over; a repeat finds nothing left."""
    async with ctx.begin() as work:
        now = work.now
    while True:
        async with ctx.nightly() as connection:
            found = await connection.fetch(sql.expired_papers.text, now, PAGE)
        files.shred(ctx.settings, [row["file_id"] for row in found])
        if len(found) < PAGE:
            return
