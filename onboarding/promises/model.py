"""The nouns of what the bank promises."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Acting = Literal["applicant", "system", "reviewer", "branch"]


class Promises(Struct, frozen=True, kw_only=True):
    """The policy in force: minutes for machines, working days for people, days for applicants."""

    check_minutes: int
    review_working_days: int
    applicant_days: int
