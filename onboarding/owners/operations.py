"""Keep the beneficial owners of a version with what explains them, and read them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from app.ids import new_id
from app.queries import load
from app.work import Work
from onboarding.owners.model import BeneficialOwner, Kept, KeptRow

sql = load(__name__)

SEALED = "onboarding.beneficial_owners.private"


async def keep(
    work: Work,
    *,
    subject_id: UUID,
    version: int,
    owners: Sequence[BeneficialOwner],
    names: Mapping[str, str],
) -> None:
    """The owners of the firm as its form of this version says, sealed with their paths."""
    ids = [new_id() for _ in owners]
    privates = []
    for row_id, owner in zip(ids, owners, strict=True):
        told = {one: names[one] for way in owner.paths for one in way.ids}
        kept = Kept(
            name=names[owner.holder], id_number=owner.holder, owner=owner,
            names={**told, owner.holder: names[owner.holder]},
        )  # fmt: skip
        privates.append(
            await work.vault.seal_bytes(
                work, msgspec.json.encode(kept), scope=work.business_id, place=SEALED,
                row_id=row_id,
            )
        )  # fmt: skip
    await work.run(
        sql.keep, subject_id=subject_id, version=version, ids=ids,
        relations=[owner.relation for owner in owners],
        shares=[owner.share_ppm for owner in owners], privates=privates,
    )  # fmt: skip


async def kept(work: Work, *, subject_id: UUID) -> list[Kept]:
    """The owners as last kept, in clear, for a check that needs them; none before submission."""
    rows = await work.all(KeptRow, sql.kept, subject_id=subject_id)
    return [
        msgspec.json.decode(
            await work.vault.open_bytes(
                work, row.private, scope=work.business_id, place=SEALED, row_id=row.id
            ),
            type=Kept,
        )
        for row in rows
    ]
