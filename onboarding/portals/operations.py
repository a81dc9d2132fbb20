"""Hand over an application with its papers, follow, correct, send it again, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from app.files import operations as files
from app.files.cleaning import Paper as CleanPaper
from app.files.model import File
from app.ids import new_id
from app.pages import Page, page
from app.queries import load
from app.work import Work
from onboarding.applications import operations as applications
from onboarding.applications.model import (
    AttachedDocument,
    DocumentKind,
    EditedApplication,
    HandedInApplication,
    NewApplication,
)
from onboarding.portals.model import (
    PAPER_DAYS,
    Correction,
    HandedPaper,
    HandedRow,
    Handover,
    HandoverRow,
    PaperNotFound,
    PaperRow,
    PaperTwice,
    PortalPaper,
    ReferenceTaken,
)

sql = load(__name__)


class Opened(NamedTuple):
    """A paper out of the portal's drawer."""

    kind: DocumentKind
    file: File


async def act_for(work: Work, *, client_id: UUID) -> None:
    """From here on a job acts for this portal: its rows, its name on what it does."""
    await work.one(str, sql.act_for, client_id=client_id)
    work.actor = msgspec.structs.replace(work.actor, kind="client", client_id=client_id)


def client_of(work: Work) -> UUID:
    """The portal that is calling, or that a job acts for."""
    assert work.actor.client_id is not None
    return work.actor.client_id


async def hand_over(work: Work, *, new: Handover) -> HandedInApplication:
    """Take an application, attach its papers, send it; ReferenceTaken names the one that stands
    under the reference already, whoever was first."""
    client_id, reference = client_of(work), new.client_reference
    if not await work.run(sql.claim_reference, client_id=client_id, client_reference=reference):
        found = await work.one(
            HandoverRow, sql.handover, client_id=client_id, client_reference=reference
        )
        raise ReferenceTaken(client_reference=reference, application_id=found.application_id)
    papers = await _open(work, new.documents)
    application_id = await applications.hand_in(
        work,
        client_reference=reference,
        new=NewApplication(
            branch=new.branch,
            opening=new.opening,
            purpose=new.purpose,
            expected_monthly_fen=new.expected_monthly_fen,
            licence=new.licence,
            legal_representative=new.legal_representative,
        ),
    )
    await _attach(work, application_id, papers)
    await applications.submit(work, application_id=application_id)
    await work.run(
        sql.set_handover, client_id=client_id, client_reference=reference,
        business_id=work.business_id, application_id=application_id,
    )  # fmt: skip
    return await applications.handed_in(work, application_id=application_id)


async def _open(work: Work, papers: Sequence[HandedPaper]) -> list[Opened]:
    """The papers out of the drawer; PaperNotFound, PaperTwice."""
    if len({paper.kind for paper in papers}) != len(papers):
        raise PaperTwice()
    opened = []
    for paper in papers:
        row = await _paper(work, paper.document_id)
        await work.set_business(client_of(work))
        file = await files.fetch(work, file_id=row.file_id)
        opened.append(Opened(paper.kind, file))
    return opened


async def _attach(work: Work, application_id: UUID, papers: Sequence[Opened]) -> None:
    for kind, file in papers:
        file_id = await files.store(
            work, kind="document", name=file.name, content=file.content,
            media_type=file.media_type,
        )  # fmt: skip
        document = AttachedDocument(kind=kind, file_id=file_id)
        await applications.attach(work, application_id=application_id, document=document)


async def attach(work: Work, *, application_id: UUID, paper: HandedPaper) -> HandedInApplication:
    """A paper for an application that was returned; the same kind again replaces it."""
    papers = await _open(work, [paper])
    await applications.enter(work, application_id=application_id)
    await _attach(work, application_id, papers)
    return await applications.handed_in(work, application_id=application_id)


async def correct(work: Work, *, application_id: UUID, new: Correction) -> HandedInApplication:
    """What a returned application says from now on."""
    await applications.enter(work, application_id=application_id)
    edited = EditedApplication(
        version=new.version,
        application=NewApplication(
            branch=new.branch,
            opening=new.opening,
            purpose=new.purpose,
            expected_monthly_fen=new.expected_monthly_fen,
            licence=new.licence,
            legal_representative=new.legal_representative,
        ),
    )
    await applications.edit(work, application_id=application_id, edited=edited)
    return await applications.handed_in(work, application_id=application_id)


async def send_again(work: Work, *, application_id: UUID) -> HandedInApplication:
    """A returned application goes to the bank once more."""
    await applications.enter(work, application_id=application_id)
    await applications.submit(work, application_id=application_id)
    return await applications.handed_in(work, application_id=application_id)


async def take_back(work: Work, *, application_id: UUID) -> HandedInApplication:
    """The firm gives it up, as long as the account is not open."""
    await applications.enter(work, application_id=application_id)
    await applications.cancel(work, application_id=application_id)
    return await applications.handed_in(work, application_id=application_id)


async def handed_over(
    work: Work, *, state: str, client_reference: str, before: UUID, limit: int
) -> Page[HandedRow]:
    """The portal's applications, newest first."""
    rows = await work.all(
        HandedRow, sql.handed_over, client_id=client_of(work), state=state,
        client_reference=client_reference, before=before, most=limit + 1,
    )  # fmt: skip
    return page(rows, limit, lambda row: (row.id,))


async def keep_paper(
    work: Work, *, name: str, paper: CleanPaper, received_sha256: bytes
) -> PortalPaper:
    """Keep what is harmless of a paper in the portal's drawer, until an application takes it."""
    client_id, paper_id = client_of(work), new_id()
    await work.set_business(client_id)
    stored = await files.keep(
        work, kind="document", name=name, paper=paper, received_sha256=received_sha256
    )
    await work.run(
        sql.add_paper, client_id=client_id, id=paper_id, file_id=stored.id,
        media_type=stored.media_type, size_bytes=stored.size_bytes, sha256=received_sha256,
        expires_at=work.now + timedelta(days=PAPER_DAYS),
    )  # fmt: skip
    return await paper_sent(work, paper_id=paper_id)


async def paper_sent(work: Work, *, paper_id: UUID) -> PortalPaper:
    """A paper that was sent ahead; PaperNotFound."""
    row = await _paper(work, paper_id)
    return PortalPaper(
        id=row.id, media_type=row.media_type, size_bytes=row.size_bytes, sha256=row.sha256.hex(),
        sent_at=row.sent_at, expires_at=row.expires_at,
    )  # fmt: skip


async def _paper(work: Work, paper_id: UUID) -> PaperRow:
    row = await work.maybe(PaperRow, sql.paper, client_id=client_of(work), id=paper_id)
    if row is None or row.shredded_at is not None or row.expires_at <= work.now:
        raise PaperNotFound(document_id=paper_id)
    return row
