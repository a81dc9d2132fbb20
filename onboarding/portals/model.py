"""The nouns of the portal's door: an application handed over, and the papers sent ahead of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound, Refusal
from app.names import Text
from onboarding.applications.model import (
    ApplicationState,
    BranchCode,
    ClientReference,
    DocumentKind,
    LicenceFacts,
    NonNegativeFen,
    Representative,
)
from onboarding.classes.model import Opening

MOST_PAPERS = 12
PAPER_DAYS = 7

PaperId = Annotated[UUID, Meta(examples=["01990000-0000-7000-8000-000000000001"])]


class HandedPaper(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A paper that was sent ahead, as one of the application's documents."""

    kind: Annotated[DocumentKind, Meta(examples=["licence"])]
    document_id: PaperId


Papers = Annotated[list[HandedPaper], Meta(max_length=MOST_PAPERS)]


class Handover(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm's application for its basic account, as a portal hands it over. `client_reference` is
    the portal's own and stands for this application for ever."""

    client_reference: ClientReference
    licence: LicenceFacts
    legal_representative: Representative
    purpose: Text
    branch: BranchCode = "0001"
    opening: Opening = "full"
    expected_monthly_fen: NonNegativeFen = 0
    documents: Papers = []


class Correction(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A returned application again, and the version that was corrected."""

    version: Annotated[int, Meta(ge=1, le=2**31 - 1, examples=[1])]
    licence: LicenceFacts
    legal_representative: Representative
    purpose: Text
    branch: BranchCode = "0001"
    opening: Opening = "full"
    expected_monthly_fen: NonNegativeFen = 0


class HandedRow(Struct, frozen=True, kw_only=True):
    """One line of the portal's list."""

    id: UUID
    client_reference: str
    state: ApplicationState
    version: int
    account_name: str
    decision_codes: list[str]
    due_at: datetime | None
    handed_at: datetime


class HandoverRow(Struct, frozen=True, kw_only=True):
    """What stands under a reference."""

    application_id: UUID | None
    business_id: UUID | None


class PortalPaper(Struct, frozen=True, kw_only=True):
    """A paper that was sent ahead; `expires_at` is when it is destroyed if nothing took it over."""

    id: UUID
    media_type: str
    size_bytes: int
    sha256: str
    sent_at: datetime
    expires_at: datetime


class PaperRow(Struct, frozen=True, kw_only=True):
    """A paper as stored."""

    id: UUID
    file_id: UUID
    media_type: str
    size_bytes: int
    sha256: bytes
    sent_at: datetime
    expires_at: datetime
    shredded_at: datetime | None


class ReferenceTaken(Conflict):
    """This client_reference stands for an application already: read that one."""

    zh = "该业务流水号已对应一笔开户申请，请查询该申请"


class PaperNotFound(NotFound):
    """There is no such document of this portal, or its term is over; send it again."""

    zh = "文件不存在或已过期，请重新上传"


class PaperTwice(Refusal):
    """Two documents of one kind."""

    zh = "同一类材料重复"
