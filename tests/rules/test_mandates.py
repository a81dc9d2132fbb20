"""Mandate rules: when another person must agree to a payment."""

from __future__ import annotations

from uuid import UUID

import pytest
from msgspec.structs import replace

from accounts.mandates import rules
from accounts.mandates.model import (
    Line,
    Look,
    MandateCannotBeMet,
    NewSecondPersonRule,
    Paying,
    SecondPersonRule,
)


@pytest.mark.parametrize(
    ("outside", "in_bank", "watched", "amount_fen", "goes_out", "levels"),
    [
        (0, None, False, 1, True, 1),
        (100, None, False, 100, True, 0),
        (100, None, False, 101, True, 1),
        (None, None, False, 10**12, True, 0),
        (100, None, True, 1, True, 1),
        (0, None, False, 1, False, 0),
        (0, 0, False, 1, False, 1),
    ],
)
def test_who_must_agree(outside, in_bank, watched, amount_fen, goes_out, levels):
    rule = SecondPersonRule(outside_above_fen=outside, in_bank_above_fen=in_bank, version=1)
    needed = rules.levels_needed(
        amount_fen=amount_fen, in_bank=not goes_out, watched=watched, rule=rule
    )
    assert needed == levels


def paying(**changes) -> Paying:
    usual = Paying(
        amount_fen=1_000, in_bank=False, maker="maker", payee="known", party_id=None,
        purpose="goods", day_sum_fen=1_000, day_count=1,
    )  # fmt: skip
    return replace(usual, **changes)


@pytest.mark.parametrize(
    ("line", "fitting", "other"),
    [
        (Line(above_fen=1_000), paying(amount_fen=1_001), paying()),
        (Line(day_sum_above_fen=1_000), paying(day_sum_fen=1_001), paying()),
        (Line(day_count_above=1), paying(day_count=2), paying()),
        (Line(in_bank=True), paying(in_bank=True), paying()),
        (Line(makers=["owner"]), paying(maker="owner"), paying()),
        (Line(payees=["new"]), paying(payee="new"), paying()),
        (Line(party_ids=[UUID(int=3)]), paying(party_id=UUID(int=3)), paying()),
        (Line(purposes=["rent", "tax"]), paying(purpose="rent"), paying()),
    ],
)
def test_a_line_fits_where_all_it_says_is_so(line, fitting, other):
    assert rules.fits(line, fitting)
    assert not rules.fits(line, other)
    assert rules.fits(Line(), other), "what is left out fits every payment"


def look(*lines: Line, above: int | None = None) -> Look:
    usual = SecondPersonRule(outside_above_fen=above, in_bank_above_fen=above, version=0)
    return Look(
        own=None, usual=usual, mandate_version=4, lines=list(lines), role="maker", day=None,
        examined_from_fen=10**6,
    )  # fmt: skip


def test_the_first_line_decides_and_none_leaves_it_to_the_second_person_rule():
    first = Line(above_fen=500, agree=[["owner"]], step_up=True)
    need = rules.needed(look(first, Line()), paying())
    assert (need.line, need.places.steps, need.places.step_up) == (1, [["owner"]], True)
    need = rules.needed(look(first, Line()), paying(amount_fen=1))
    assert (need.line, need.places.steps) == (2, [])
    need = rules.needed(look(first, above=0), paying(amount_fen=1))
    assert (need.line, need.places) == (0, rules.SECOND_PERSON)


def test_a_mandate_that_nobody_could_meet_is_refused():
    rules.can_be_met([Line(agree=[["owner"]])], ["owner", "maker"])
    rules.can_be_met([Line(agree=[["owner"], ["owner", "finance"]])], ["owner", "finance"])
    for agree, roles in (
        ([["checker"]], ["owner", "finance"]),
        ([["owner"], ["owner"]], ["owner", "maker"]),
    ):
        with pytest.raises(MandateCannotBeMet):
            rules.can_be_met([Line(agree=agree)], roles)


@pytest.mark.parametrize(
    ("old", "new", "looser"),
    [(0, 0, False), (0, 1, True), (0, None, True), (None, 5, False), (5, 4, False)],
)
def test_a_rule_is_loosened_where_somebody_would_not_be_asked_any_more(old, new, looser):
    stands = SecondPersonRule(outside_above_fen=old, in_bank_above_fen=None, version=1)
    wanted = NewSecondPersonRule(outside_above_fen=new, in_bank_above_fen=None, version=1)
    assert rules.loosens(wanted, stands) is looser
