"""When a call-back is tried again and given up; which rows of a batch go again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.batches import rules as batches
from onboarding.batches.model import RowAgain, RowNotRefused, RowTwice
from onboarding.callbacks import rules

NOW = datetime(2025, 9, 1, tzinfo=UTC)


def test_three_days_of_attempts_then_a_dead_letter():
    waits = [rules.next_wait(tries) or 0 for tries in range(1, 16)]
    assert waits[-1] == 0 and 0 not in waits[:-1]
    assert sum(waits) == 3 * 86_400
    assert waits[:-2] == sorted(waits[:-2])


@given(st.integers(min_value=0, max_value=10**6))
def test_an_endpoint_that_fails_is_left_in_peace_never_for_long(failures: int):
    until = rules.quiet_until(failures, NOW)
    if failures < rules.PATIENCE:
        assert until is None
    else:
        assert timedelta(seconds=30) <= until - NOW <= timedelta(hours=1)


def test_an_endpoint_is_told_what_it_wants():
    assert rules.wanted([], "active", "application.active")
    assert rules.wanted(["application.active"], "active", "application.active")
    assert not rules.wanted(["application.active"], "active", "application.refused")
    assert not rules.wanted([], "disabled", "application.active")
    assert rules.kind_of("draft") is None and rules.kind_of("active") == "application.active"
    assert [rules.taken(status) for status in (199, 200, 204, 299, 302, 410)] == [
        False, True, True, True, False, False,
    ]  # fmt: skip
    assert rules.shown_answer(b"") is None
    assert rules.shown_answer(b"a\x00\xffb" + b"c" * 900) == "a \ufffdb" + "c" * 496


def test_only_refused_rows_go_again():
    refused = {2: uuid4(), 5: uuid4()}
    assert batches.chosen([], refused) == [(2, None), (5, None)]
    again = RowAgain(row_no=5, application={"a": 1})
    assert batches.chosen([again], refused) == [(5, {"a": 1})]
    with pytest.raises(RowTwice):
        batches.chosen([again, again], refused)
    with pytest.raises(RowNotRefused):
        batches.chosen([RowAgain(row_no=1)], refused)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), max_size=3))
def test_a_rows_reference_is_shown_only_if_it_is_one(row: dict):
    assert len(batches.reference_of(row | {"client_reference": row.get("x")})) <= 64
