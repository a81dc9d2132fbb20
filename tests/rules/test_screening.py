"""Screening rules: what is near to a listed name, by which letters, and what is not."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.deposits.model import Holder
from accounts.parties import rules as parties
from accounts.parties.model import PartyAccountUnknown, PartyNameMismatch
from accounts.screening import rules
from accounts.screening.model import Candidate, Difference, Subject

LETTERS = st.text(alphabet="甲乙丙丁戊", max_size=9)


def listed(name: str, kind: str = "firm") -> Candidate:
    return Candidate(
        id=UUID(int=1), list="risk", kind=kind, name=name, pinyin=rules.sound(name),
        id_index=None, reason="测试", version=1,
    )  # fmt: skip


def hits(name: str, entry: Candidate):
    subject = Subject(part="payee", kind=entry.kind, name=name)
    return rules.match([subject], [entry], nearly=True)


@pytest.mark.parametrize(
    ("ours", "theirs", "how", "distance"),
    [
        ("江海示例贸易有限公司", "江海示例贸易有限公司", "name", 0),
        ("江海示例贸易有限责任公司", "江海示例贸易有限公司", "name", 0),
        ("江海（示例）贸易有限公司", "江海示例贸易有限公司", "name", 0),
        ("江海示例茂易有限公司", "江海示例贸易有限公司", "pinyin", 0),
        ("江海示例贸昌有限公司", "江海示例贸易有限公司", "near", 1),
        ("江海示例国际贸昌有限公司", "江海示例国际贸易商行", None, 0),
        ("江海示例国际物流有限公司", "江海示例国际贸易有限公司", "near", 2),
        ("江海贸易有限公司", "江海示例贸易有限公司", None, 0),
    ],
)
def test_a_hit_says_how_near_it_is(ours, theirs, how, distance):
    found = hits(ours, listed(theirs))
    assert [(hit.how, hit.distance) for hit in found] == ([(how, distance)] if how else [])


def test_a_hit_says_which_letters_differ():
    [hit] = hits("江海示例贸昌有限公司", listed("江海示例贸易有限公司"))
    assert hit.letters == [Difference(at=6, ours="昌", theirs="易")]
    assert not hit.certain


def test_a_short_name_of_a_person_is_near_to_nobody():
    assert hits("王小明", listed("王小红", "person")) == []


@given(LETTERS, LETTERS)
def test_differences_are_symmetric_in_number_and_turn_one_into_the_other(one, other):
    letters = rules.differences(one, other)
    assert len(letters) == len(rules.differences(other, one))
    assert abs(len(one) - len(other)) <= len(letters) <= max(len(one), len(other))
    assert (letters == []) is (one == other)
    built = list(one)
    for letter in reversed(letters):
        built[letter.at - 1 : letter.at - 1 + len(letter.ours)] = list(letter.theirs)
    assert "".join(built) == other


@given(st.text(max_size=12))
def test_a_name_is_its_own_core_once(name):
    assert rules.near(name, name) == []


def test_a_rare_name_is_not_folded_into_another():
    """U+F9DC and 隆 are one letter to NFKC and two to us."""
    assert not parties.same_name("示例\uf9dc公司", "示例隆公司")


def test_a_name_fits_its_account_or_is_refused():
    holder = Holder(business_id=UUID(int=1), account_id=UUID(int=2), name="示例科技有限公司")
    assert parties.name_check("随便", None, here=False) == "unchecked"
    assert parties.name_check("示例科技有限公司", holder, here=True) == "same"
    assert parties.name_check("示例科技有限责任公司", holder, here=True) == "similar"
    with pytest.raises(PartyNameMismatch) as refused:
        parties.name_check("别家公司", holder, here=True)
    assert refused.value.facts == {}, "the holder's real name is not told"
    with pytest.raises(PartyAccountUnknown):
        parties.name_check("示例", None, here=True)
