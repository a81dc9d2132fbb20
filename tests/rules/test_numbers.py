"""The account number scheme: check digits catch typing errors, offers fit the wish."""

from datetime import UTC, date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from accounts.numbers import rules
from accounts.numbers.model import Branch, Hold, Scheme

SCHEME = Scheme(region="1001", branch="0021")
SEQUENCE = st.integers(0, rules.SEQUENCES - 1)


def test_check_digits_agree_with_the_standards_own_way_of_checking():
    assert rules.check_digits("794") == "44"  # ISO 7064 MOD 97-10, worked example 79444
    number = rules.compose(SCHEME, 1234567)
    assert int(number) % 97 == 1
    assert number.startswith("1001002109") and len(number) == 19


@given(SEQUENCE, st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_is_always_caught(sequence, place, off):
    number = rules.compose(SCHEME, sequence)
    wrong = str((int(number[place]) + off) % 10)
    assert not rules.is_valid(number[:place] + wrong + number[place + 1 :])


@given(SEQUENCE, st.integers(0, 17))
def test_two_neighbours_swapped_are_always_caught(sequence, place):
    number = rules.compose(SCHEME, sequence)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or not rules.is_valid(swapped)


def test_other_digits_lengths_and_banks_are_refused():
    assert not rules.is_valid("１" * 19)
    assert not rules.is_valid(rules.compose(SCHEME, 1)[:-1])
    assert not rules.belongs(rules.compose(Scheme(region="0200", branch="0021"), 1), scheme=SCHEME)
    assert rules.belongs(rules.compose(SCHEME, 1), scheme=SCHEME)


@given(st.integers(0, 9_999_999).map(str), SEQUENCE)
def test_what_is_offered_is_valid_fits_and_is_offered_once(pattern, start):
    offers = rules.candidates(SCHEME, pattern, start=start, most=12)
    assert 0 < len(offers) <= 12
    assert len({offer.number for offer in offers}) == len(offers)
    for offer in offers:
        assert rules.belongs(offer.number, scheme=SCHEME)
        assert pattern in offer.number[-9:]
        assert rules.fit(offer.number, pattern) == offer.why


def test_endings_come_first_when_the_check_digits_allow_them():
    assert all(
        offer.why == "ending" and offer.number.endswith("888")
        for offer in rules.candidates(SCHEME, "888", start=77, most=8)
    )
    # 00, 01 and 99 are never check digits, so the wish can only be met inside.
    assert {offer.why for offer in rules.candidates(SCHEME, "99", start=0, most=8)} == {"inside"}


def test_word_patterns():
    for word in rules.WORDS:
        offers = rules.candidates(SCHEME, word, start=3_141_592, most=10)
        assert len(offers) == 10 and {offer.why for offer in offers} == {word}
    assert rules.fit("1001002109" + "123456789", "rising") == "rising"
    assert rules.fit("1001002109" + "121212121", "rising") is None


def test_each_word_means_what_people_mean_by_it():
    said = {
        "repeated": ("000888000", "112233445"),
        "falling": ("009876000", "908070605"),
        "eights": ("818283848", "888123456"),
        "pairs": ("006688000", "111111111"),
        "mirror": ("123432155", "123456755"),
        "no4": ("123567890", "123456789"),
    }
    for word, (fits, not_so) in said.items():
        assert rules.fit("1001002109" + fits, word) == word
        assert rules.fit("1001002109" + not_so, word) is None, word


@given(st.dates(date(1930, 1, 1), date(2010, 12, 31)), SEQUENCE)
def test_a_birthday_is_found_whole_before_its_day_alone(born, start):
    pattern = f"birthday:{born:%Y%m%d}"
    offers = rules.candidates(SCHEME, pattern, start=start, most=10)
    assert len(offers) == 10
    whole = [f"{born:%y%m%d}" in offer.number[-9:] for offer in offers]
    assert whole == sorted(whole, reverse=True) and whole[0]
    assert all(f"{born:%m%d}" in offer.number[-9:] for offer in offers)


def test_every_class_has_digits_of_its_own():
    branch = Branch(
        code="0001", name="", address="", area_code="310115", bank_code="102290000017",
        region="1001", number_code="0021", windows=1, opens_at=time(9), closes_at=time(17),
        visit_minutes=30,
    )  # fmt: skip
    heads = {rules.scheme(branch, one).head for one in rules.CLASS_DIGITS}
    assert len(heads) == 4
    for one in rules.CLASS_DIGITS:
        number = rules.compose(rules.scheme(branch, one), 7)
        assert rules.is_ours(number, branch=branch)
    foreign = rules.compose(Scheme(region="1001", branch="0021", class_digits="49"), 7)
    assert not rules.is_ours(foreign, branch=branch)


def test_people_are_shown_different_numbers():
    first = {o.number for o in rules.candidates(SCHEME, "8", start=1_000, most=10)}
    other = {o.number for o in rules.candidates(SCHEME, "8", start=5_000_000, most=10)}
    assert not first & other


def test_a_hold_keeps_others_away_until_its_moment():
    now = datetime(2025, 9, 1, tzinfo=UTC)
    held = Hold(
        number=rules.compose(SCHEME, 1),
        state="held",
        held_until=now + timedelta(minutes=30),
        application_id=None,
    )
    assert rules.is_live(held, now=now)
    assert not rules.is_live(held, now=now + timedelta(minutes=30))
