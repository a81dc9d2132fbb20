"""The nouns of filing: one message to the account management system, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.errors import Conflict, NotFound
from app.events import Event
from app.names import Text

Bill = Literal["OPEN", "CHANGE", "CLOSE"]
# mended: refused, and asked again by somebody under a new reference
FilingState = Literal["waiting", "done", "refused", "mended"]
OpenState = Annotated[
    Literal["waiting", "refused"], Meta(description="refused ones wait for people")
]


class FilingRow(Struct, frozen=True, kw_only=True):
    """One attempt as stored; its id is the reference towards the system."""

    business_id: UUID
    id: UUID
    application_id: UUID
    bill: Bill
    attempt: int
    state: FilingState
    code: str | None
    reason: str | None
    due_at: datetime
    asked_at: datetime
    answered_at: datetime | None
    asked_by: str


class Filing(Struct, frozen=True, kw_only=True):
    """A filing as the desk sees it: whose account, what the system answered, by when it must be
    there."""

    id: UUID
    business_id: UUID
    application_id: UUID
    account_name: str
    number: str | None
    bill: Bill
    attempt: int
    state: FilingState
    code: str | None
    reason: str | None
    due_at: datetime
    overdue: bool
    asked_at: datetime


class AskedAgain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What was mended outside, so that the system will take it now."""

    mended: Text


class FilingAsked(Event, frozen=True, kw_only=True):
    """A message about an account is to be sent."""

    filing_id: UUID
    application_id: UUID


class FilingNotFound(NotFound):
    """The filing does not exist."""

    zh = "备案记录不存在"


class FilingNotRefused(Conflict):
    """Only a refused filing is asked again."""

    zh = "仅被拒绝的备案可重新报送"
