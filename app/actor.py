"""Who acts: the verified caller of a request, or the system itself in a job."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec

Role = Literal["owner", "finance", "maker", "checker", "accountant", "employee"]
StaffRole = Literal["reviewer", "teller", "operator", "supervisor"]
Kind = Literal["person", "staff", "client", "system", "anonymous"]


class Actor(msgspec.Struct, frozen=True, kw_only=True):
    """One caller. `business_id` is the firm it acts for, if any; `role` its role there."""

    kind: Kind
    person_id: UUID | None = None
    staff_id: UUID | None = None
    client_id: UUID | None = None
    business_id: UUID | None = None
    role: Role | StaffRole | None = None
    branch: str | None = None
    session_id: UUID | None = None
    scopes: tuple[str, ...] = ()

    @property
    def principal(self) -> str:
        """The one who acts, as text: part of idempotency keys and audit rows."""
        ident = self.person_id or self.staff_id or self.client_id
        return f"{self.kind}:{ident}" if ident else self.kind


ANONYMOUS = Actor(kind="anonymous")
SYSTEM = Actor(kind="system")
