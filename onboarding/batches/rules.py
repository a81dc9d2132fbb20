"""Which rows of a batch go again, and under which reference a row is shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from onboarding.batches.model import RowAgain, RowNotRefused, RowTwice


def reference_of(row: Mapping[str, Any]) -> str:
    """The portal's own reference in a row, to show it beside its result; '' if there is none."""
    found = row.get("client_reference")
    return found if isinstance(found, str) and 1 <= len(found) <= 64 and found.isprintable() else ""


def chosen(
    asked: Sequence[RowAgain], refused: Mapping[int, UUID]
) -> list[tuple[int, dict[str, Any] | None]]:
    """Which refused rows go again, and what each says now (None: what it said); RowTwice,
    RowNotRefused."""
    if not asked:
        return [(row_no, None) for row_no in refused]
    if len({row.row_no for row in asked}) != len(asked):
        raise RowTwice()
    for row in asked:
        if row.row_no not in refused:
            raise RowNotRefused(row_no=row.row_no)
    return [(row.row_no, row.application) for row in asked]
