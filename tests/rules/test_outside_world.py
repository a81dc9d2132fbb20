"""Identifiers and people of the outside world: valid by the bank's own rules, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import rules
from app.sandbox import identifiers
from app.sandbox.registry import core_of
from app.sandbox.world import World

COUNT = 3_000


@pytest.mark.parametrize("seed", [1, 2, 99])
def test_no_firm_or_person_exists_twice(seed):
    world = World(seed)
    firms = [world.firm(n) for n in range(COUNT)]
    people = [world.person(n) for n in range(COUNT)]
    for key in ("name", "uscc", "account_number"):
        assert len({getattr(firm, key) for firm in firms}) == COUNT, key
    for key in ("id_number", "phone", "card_number"):
        assert len({getattr(person, key) for person in people}) == COUNT, key


def test_the_same_seed_is_the_same_world_and_another_is_not():
    assert World(7).firm(11) == World(7).firm(11)
    assert World(7).firm(11).name != World(8).firm(11).name
    assert World(7).person(11).id_number != World(8).person(11).id_number


@given(seed=st.integers(1, 10_000), number=st.integers(0, 50_000))
def test_identifiers_are_valid_by_the_banks_own_rules(seed, number):
    firm, person = World(seed).firm(number), World(seed).person(number)
    assert rules.uscc(firm.uscc).valid, firm.uscc
    assert rules.bank_code(firm.bank_code).valid, firm.bank_code
    assert rules.bank_code(person.bank_code).valid, person.bank_code
    assert rules.resident_id(person.id_number).valid, person.id_number
    assert len(person.phone) == 11


@given(number=st.integers(0, 31**6 - 1))
def test_new_organisation_codes_are_valid(number):
    code = identifiers.make_uscc(
        category="91", area_code="310115", first8=identifiers.new_organisation(number)
    )
    assert rules.uscc(code).valid
    assert identifiers.is_uscc(code)
    assert not identifiers.is_uscc(code[:-1] + ("0" if code[-1] != "0" else "1"))


def test_new_organisation_codes_never_repeat():
    assert len({identifiers.new_organisation(n) for n in range(100_000)}) == 100_000


def test_a_card_passes_luhn():
    assert identifiers.make_card("7992739871") == "79927398713"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("上海市示例科技有限公司", "示例（上海）科技有限公司"),
        ("上海市浦东新区示例科技有限公司", "上海市示例科技有限责任公司"),
    ],
)
def test_names_that_differ_only_in_place_are_the_same(one, other):
    assert core_of(one, "310115") == core_of(other, "310115") == "示例科技"
