"""Identifiers agree with the public samples and with python-stdnum, except where that is wrong."""

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn
from stdnum.cn import ric
from stdnum.cn import uscc as stdnum_uscc

from app.reference import rules, tables
from app.sandbox import identifiers as witness
from onboarding.names import rules as names

DATA = Path(__file__).parent / "data"
USCC = json.loads((DATA / "uscc_samples.json").read_text())
RESIDENTS = json.loads((DATA / "resident_id_samples.json").read_text())
CARDS = json.loads((DATA / "bank_card_samples.json").read_text())
TODAY = date(2025, 9, 1)


def code(first_8: str, organisation: str = "MA1FL0AA") -> str:
    """A code with both check characters right."""
    first_17 = first_8 + organisation + rules.organisation_check(organisation)
    return first_17 + rules.uscc_check(first_17)


def resident(first_17: str) -> str:
    return first_17 + rules.resident_check(first_17)


# --- unified social credit codes ------------------------------------------------------------------


@pytest.mark.parametrize("row", USCC["valid_public"], ids=lambda row: row["code"])
def test_public_codes_are_right_for_all_three(row):
    assert rules.uscc(row["code"]).valid
    assert stdnum_uscc.is_valid(row["code"])
    assert witness.is_uscc(row["code"])


@pytest.mark.parametrize("row", USCC["invalid"], ids=lambda row: row["code"])
def test_public_wrong_codes_are_wrong(row):
    assert not rules.uscc(row["code"]).valid


PAIRS = [
    (authority, category)
    for authority, row in tables.authorities().items()
    for category in row.categories
]
AREAS = sorted(area for area in tables.areas() if area.isdigit())
NOBODY = next(digit for digit in "0123456789" if digit not in tables.authorities())
organisations = st.text(alphabet=rules.USCC_ALPHABET, min_size=8, max_size=8)


@given(st.sampled_from(PAIRS), st.sampled_from(AREAS), organisations)
def test_every_code_we_take_stdnum_takes_unless_its_authority_is_a_letter(pair, area, organisation):
    """python-stdnum wants a digit at the first eight places; GB 32100-2015 gives letters to
    authorities (A, N, Y) and to no area: there it is wrong."""
    made = code(pair[0] + pair[1] + area, organisation)
    assert rules.uscc(made).valid, rules.uscc(made)
    assert witness.is_uscc(made)
    assert stdnum_uscc.is_valid(made) is (pair[0].isdigit() and pair[1].isdigit())


@given(st.sampled_from(PAIRS), st.sampled_from(AREAS), organisations, st.integers(0, 17),
       st.sampled_from(rules.USCC_ALPHABET))  # fmt: skip
def test_a_wrong_character_is_found_by_both(pair, area, organisation, place, other):
    made = code(pair[0] + pair[1] + area, organisation)
    wrong = made[:place] + other + made[place + 1 :]
    if wrong != made:
        assert not rules.uscc(wrong).valid
        assert not stdnum_uscc.is_valid(wrong)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("0" * 18, "authority"),
        (code(f"{NOBODY}1310115"), "authority"),
        (code("98310115"), "category"),
        (code("91990115"), "area"),
    ],
)
def test_stdnum_takes_what_no_authority_gave(wrong, reason):
    """It tests the modulus alone: neither who registers what, nor where."""
    assert stdnum_uscc.is_valid(wrong)
    assert rules.uscc(wrong).reason == reason


def test_stdnum_does_not_know_the_second_check():
    """Characters 9 to 17 are an organisation code with a check of its own (GB 11714)."""
    right = code("91310115")
    broken = right[:16] + ("1" if right[16] != "1" else "2")
    broken += rules.uscc_check(broken)
    assert stdnum_uscc.is_valid(broken)
    assert rules.uscc(broken).reason == "organisation_check"
    assert not witness.is_uscc(broken)


def test_stdnum_mends_what_was_typed_and_we_do_not():
    """A code is kept as the licence prints it; the form says so instead of guessing."""
    assert stdnum_uscc.is_valid(" 91330100 799655058b")
    assert rules.uscc("91330100799655058b").reason == "character"


# --- resident identity numbers --------------------------------------------------------------------


@pytest.mark.parametrize("row", RESIDENTS["valid_synthetic"], ids=lambda row: row["id"])
def test_samples_of_numbers_are_right(row):
    assert rules.resident_id(row["id"], today=TODAY).valid
    assert witness.is_resident_id(row["id"])
    assert ric.calc_check_digit(row["id"]) == row["id"][17]


born = st.dates(date(1930, 1, 1), TODAY)


@given(st.sampled_from(AREAS), born, st.integers(0, 999))
def test_every_area_of_today_is_taken_and_the_check_is_the_same(area, day, sequence):
    number = resident(f"{area}{day:%Y%m%d}{sequence:03d}")
    assert ric.calc_check_digit(number) == number[17]
    assert rules.resident_id(number, today=TODAY).valid


def test_stdnum_falls_over_an_area_without_a_county():
    """Such as a development zone: it raises KeyError instead of answering."""
    number = resident("13027120000101000")
    with pytest.raises(KeyError):
        ric.is_valid(number)
    assert rules.resident_id(number, today=TODAY).valid


@given(st.sampled_from(AREAS), born, st.integers(0, 999), st.integers(0, 17),
       st.sampled_from("0123456789X"))  # fmt: skip
def test_a_wrong_digit_is_found_by_both(area, day, sequence, place, other):
    number = resident(f"{area}{day:%Y%m%d}{sequence:03d}")
    wrong = number[:place] + other + number[place + 1 :]
    if wrong != number and not (place < 17 and other == "X"):
        assert not rules.resident_id(wrong, today=TODAY).valid
        assert wrong[17] != ric.calc_check_digit(wrong)


@pytest.mark.parametrize(
    ("number", "why"),
    [
        (resident("31011519700101001"), "Pudong began in 1992; numbers follow the registration"),
        (resident("81000019900307001"), "the residence permit of somebody from Hong Kong"),
        (resident("82000019900307001"), "the residence permit of somebody from Macao"),
    ],
    ids=lambda text: text[:30],
)
def test_stdnum_refuses_good_numbers(number, why):
    """It wants the county to have existed at birth, and knows neither permits nor foreigners."""
    assert not ric.is_valid(number), why
    assert rules.resident_id(number, today=TODAY).valid, why


def test_stdnum_takes_somebody_born_tomorrow():
    number = resident("31011520260101001")
    assert ric.is_valid(number)
    assert rules.resident_id(number, today=TODAY).reason == "birth_date_in_future"


# --- cards and bank codes -------------------------------------------------------------------------


@given(st.text("0123456789", min_size=12, max_size=18))
def test_cards_are_luhn(first):
    number = first + luhn.calc_check_digit(first)
    assert rules.bank_card(number).valid
    wrong = first + str((int(number[-1]) + 1) % 10)
    assert not rules.bank_card(wrong).valid and not luhn.is_valid(wrong)


@pytest.mark.parametrize("head", tables.rows("cnaps_head_offices.csv"), ids=lambda row: str(row))
def test_head_offices_have_the_check_digit_of_two_independent_hands(head):
    """python-stdnum knows no bank codes: the sandbox's own arithmetic is the second witness."""
    number = next(value for value in head.values() if value.isdigit() and len(value) == 12)
    assert rules.bank_code(number).valid and witness.is_bank_code(number)


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "entity_type", "good"),
    [
        ("北京示例科技有限公司", "limited_company", True),
        ("示例（北京）科技有限公司", "limited_company", True),
        ("中国示例科技有限公司", "limited_company", False),
        ("北京A科技有限公司", "limited_company", False),
        ("北京示例", "limited_company", False),
        ("北京市朝阳区示例餐饮店", "individual_household", True),
        ("北京市朝阳区示例餐饮有限公司", "individual_household", False),
    ],
)
def test_the_published_names(name, entity_type, good):
    found = names.check_name(name, entity_type=entity_type, divisions=("北京市", "朝阳区"))
    assert (not names.refused(found)) is good, found
