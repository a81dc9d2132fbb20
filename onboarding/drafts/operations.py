"""Save each version of a form, sealed, and read one again."""

from __future__ import annotations

from uuid import UUID

from app.ids import new_id
from app.queries import load
from app.work import Work
from onboarding.drafts.model import Saved, VersionRow

sql = load(__name__)

SEALED = "onboarding.registration_versions.private"


async def save(work: Work, *, registration_id: UUID, version: int, content: bytes) -> None:
    """Keep this version of the form, and who saved it."""
    row_id = new_id()
    sealed = await work.vault.seal_bytes(
        work, content, scope=work.business_id, place=SEALED, row_id=row_id
    )
    await work.run(
        sql.save, id=row_id, registration_id=registration_id, version=version, private=sealed
    )  # fmt: skip


async def saved(work: Work, *, registration_id: UUID, version: int) -> Saved | None:
    """One version as it was saved, or None if it never was."""
    row = await work.maybe(
        VersionRow, sql.saved, registration_id=registration_id, version=version
    )  # fmt: skip
    if row is None:
        return None
    content = await work.vault.open_bytes(
        work, row.private, scope=work.business_id, place=SEALED, row_id=row.id
    )
    return Saved(
        version=row.version, content=content, saved_by=row.saved_by, saved_at=row.saved_at
    )  # fmt: skip
