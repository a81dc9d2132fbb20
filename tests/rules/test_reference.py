"""Identifiers, words of amounts, the calendar: the samples of the standards, and properties."""

import csv
import json
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import cn2an
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reference import load, rules, tables

DATA = Path(__file__).with_name("data")
USCC = json.loads((DATA / "uscc_samples.json").read_text())
RESIDENTS = json.loads((DATA / "resident_id_samples.json").read_text())
CARDS = json.loads((DATA / "bank_card_samples.json").read_text())
UPPERCASE = json.loads((DATA / "rmb_uppercase_cases.json").read_text())["cases"]
SPECIAL = {date.fromisoformat(r["date"]): r["kind"] for r in tables.rows("holidays_2022_2026.csv")}


def fen(yuan: str) -> int:
    """Yuan as text to fen."""
    whole, _, cents = yuan.partition(".")
    sign = -1 if yuan.startswith("-") else 1
    return sign * (abs(int(whole)) * 100 + int(cents.ljust(2, "0") or 0))


@pytest.mark.parametrize(
    "code", [r["code"] for r in USCC["valid_public"]] + USCC["synthetic_valid"]
)
def test_real_credit_codes_are_valid(code):
    assert rules.uscc(code).valid, rules.uscc(code)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("91330100799655058C", "check"),
        ("91330100799655058b", "character"),
        ("91330100799655O58B", "character"),
        ("9133010079965505B", "length"),
        ("91330100799655059B", "organisation_check"),
        ("91440300SYNTH00001", "character"),
        ("000000000000000000", "authority"),
        ("98330100799655058B", "category"),
        ("91990100799655058B", "area"),
        ("", "length"),
        ("９1330100799655058B", "character"),
    ],
)
def test_the_first_broken_rule_of_a_credit_code_is_named(code, reason):
    answer = rules.uscc(code)
    assert (answer.valid, answer.reason) == (False, reason)


def test_the_parts_of_a_credit_code_are_read():
    parts = rules.uscc("91330100799655058B").parts
    assert parts["category"] == "企业" and parts["area_code"] == "330100"
    assert parts["organisation"] == "799655058"


@given(st.integers(0, 17), st.sampled_from(rules.USCC_ALPHABET))
def test_one_wrong_character_of_a_credit_code_is_noticed(place, other):
    code = "91330100799655058B"
    if code[place] != other:
        assert not rules.uscc(code[:place] + other + code[place + 1 :]).valid


@pytest.mark.parametrize("row", RESIDENTS["valid_synthetic"])
def test_resident_ids_are_read(row):
    answer = rules.resident_id(row["id"], today=date(2025, 9, 1))
    assert answer.valid
    assert answer.parts["sex"] == row["sex"]
    assert answer.parts["birth_date"].replace("-", "") == row["birth"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        ("110105194912310021", "check"),
        ("11010519490231002X", "birth_date"),
        ("99010519491231002X", "area"),
        ("11010519491231002", "length"),
        ("110105491231002", "first_generation"),
        ("11010519491231002x", "character"),
        ("110105２9491231002X", "character"),
        ("110101209003071230", "birth_date_in_future"),
    ],
)
def test_the_first_broken_rule_of_a_resident_id_is_named(number, reason):
    assert rules.resident_id(number, today=date(2025, 9, 1)).reason == reason


def test_permits_and_foreign_cards_share_the_check():
    permit = "810000199408230021"
    permit = permit[:17] + rules.resident_check(permit[:17])
    assert rules.resident_id(permit).parts["area"] == "香港特别行政区"
    foreign = "931840198501010039"
    foreign = foreign[:17] + rules.resident_check(foreign[:17])
    assert rules.resident_id(foreign).valid


def test_every_public_bank_code_holds():
    codes = [r["cnaps"] for r in tables.rows("cnaps_head_offices.csv")]
    with (DATA / "cnaps_icbc_branch_samples.csv").open() as file:
        codes += [r["cnaps"] for r in csv.DictReader(file)]
    assert len(codes) >= 45
    assert [rules.bank_code(c).reason for c in codes if not rules.bank_code(c).valid] == []


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("10210009999", "length"),
        ("10210009999X", "character"),
        ("102000099996", "area"),
        ("102100099997", "check"),
    ],
)
def test_the_first_broken_rule_of_a_bank_code_is_named(code, reason):
    assert rules.bank_code(code).reason == reason


def test_cards_follow_luhn():
    assert all(rules.bank_card(n).valid for n in CARDS["synthetic_valid"])
    assert {rules.bank_card(n).reason for n in CARDS["synthetic_invalid"]} == {"check"}
    assert rules.bank_card("622202").reason == "length"


@pytest.mark.parametrize(("yuan", "words"), UPPERCASE.items())
def test_amounts_in_words(yuan, words):
    assert rules.uppercase(fen(yuan)) == words


@given(st.integers(-(10**15), 10**15))
def test_amounts_in_words_can_be_read_back(amount):
    words = rules.uppercase(amount)
    assert "零零" not in words and "零元" not in words.replace("零元整", "", amount == 0)
    assert words.startswith("负") == (amount < 0)
    assert words.endswith(("分", "整"))
    yuan, _, cents = words.removeprefix("负").removesuffix("整").partition("元")
    if not words.removeprefix("负").count("元"):
        yuan, cents = "零", words.removeprefix("负").removesuffix("整")
    tail = cents.removeprefix("零").replace("角", "角,").replace("分", "分,")
    read = cn2an.cn2an(yuan, "normal") * 100
    for part in [p for p in tail.split(",") if p]:
        read += "零壹贰叁肆伍陆柒捌玖".index(part[0]) * (10 if part[1] == "角" else 1)
    assert read == abs(amount)


def test_the_rule_gives_all_published_deadlines():
    published = [
        date.fromisoformat(r["deadline"]) for r in tables.rows("filing_deadlines_2026.csv")
    ]
    assert len(published) == 12
    for day in published:
        assert rules.filing_deadline(day.replace(day=1), SPECIAL, {}) == day


def test_a_published_deadline_goes_before_the_rule():
    month = date(2027, 3, 1)
    assert rules.filing_deadline(month, SPECIAL, {month: date(2027, 3, 20)}) == date(2027, 3, 20)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2025, 9, 28), True),  # Sunday, made up for National Day
        (date(2025, 10, 1), False),
        (date(2025, 10, 11), True),  # Saturday, made up
        (date(2025, 10, 12), False),
        (date(2025, 9, 1), True),
    ],
)
def test_working_days_follow_the_notice(day, worked):
    assert rules.is_working_day(day, SPECIAL) is worked


def test_the_next_working_day_skips_the_closure():
    assert rules.next_working_day(date(2025, 10, 1), SPECIAL) == date(2025, 10, 9)
    assert rules.next_working_day(date(2025, 9, 30), SPECIAL) == date(2025, 9, 30)


def test_statutory_rows_never_overlap_and_name_their_source():
    by_kind: dict[tuple[str, str], list] = {}
    for row in load.statutory_values():
        assert row.source and row.confidence
        by_kind.setdefault((row.kind, row.region), []).append(row)
    for rows in by_kind.values():
        rows.sort(key=lambda r: r.from_on)
        for before, after in pairwise(rows):
            assert before.until is not None and before.until <= after.from_on


@pytest.mark.parametrize("region", ["310000", "110000"])
def test_social_insurance_covers_the_known_months(region):
    rows = [r for r in load.statutory_values() if r.kind == "social_insurance"]
    day = date(2025, 9, 1)
    while day <= date(2026, 12, 31):
        covering = [
            r
            for r in rows
            if r.region == region and r.from_on <= day and (r.until is None or day < r.until)
        ]
        assert len(covering) == 1, day
        day += timedelta(days=1)
