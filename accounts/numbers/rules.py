"""The number scheme: check digits, what makes a number a favourite, and the numbers to offer.

A number is region (4), branch (4), account class (2), sequence (7) and two check digits by
ISO 7064 MOD 97-10. No national format exists for corporate account numbers and the check digits of
other banks are not public, so this scheme is our own: class digits 09 basic, 19 general, 29
special, 39 temporary. A pair of check digits is 02 to 98, so no number ends in 00, 01 or 99.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import datetime

from accounts.numbers.model import AccountClass, Branch, Hold, Offer, Scheme

CLASS_DIGITS: dict[AccountClass, str] = {
    "basic": "09",
    "general": "19",
    "special": "29",
    "temporary": "39",
}

LENGTH = 19
SEQUENCE_DIGITS = 7
SEQUENCES = 10**SEQUENCE_DIGITS
STRIDE = 104_729  # a prime far from a power of ten: neighbours on a list do not look alike
BIRTHDAY = "birthday:"
SHOWN = 9  # the sequence and the check digits: what people look at


def check_digits(body: str) -> str:
    """The two check digits of a body of digits (ISO 7064 MOD 97-10)."""
    return f"{98 - int(body) * 100 % 97:02d}"


def is_valid(number: str) -> bool:
    """Whether the number has our length and its check digits hold."""
    digits = number.isascii() and number.isdigit()
    return digits and len(number) == LENGTH and check_digits(number[:-2]) == number[-2:]


def belongs(number: str, *, scheme: Scheme) -> bool:
    """Whether the number is a valid one under this head."""
    return is_valid(number) and number.startswith(scheme.head)


def scheme(branch: Branch, account_class: AccountClass) -> Scheme:
    """The head of a branch's numbers for a class of account."""
    digits = CLASS_DIGITS[account_class]
    return Scheme(region=branch.region, branch=branch.number_code, class_digits=digits)


def is_ours(number: str, *, branch: Branch) -> bool:
    """Whether the number is a valid one of this branch, of any class."""
    return any(belongs(number, scheme=scheme(branch, one)) for one in CLASS_DIGITS)


def compose(scheme: Scheme, sequence: int) -> str:
    """The whole number of a sequence."""
    assert 0 <= sequence < SEQUENCES
    body = scheme.head + f"{sequence:0{SEQUENCE_DIGITS}d}"
    return body + check_digits(body)


def shown(number: str) -> str:
    """The number in groups of four, as people read it aloud."""
    return " ".join(number[at : at + 4] for at in range(0, len(number), 4))


def _longest_run(digits: str, step: int) -> int:
    best = run = 1
    for left, right in itertools.pairwise(digits):
        run = run + 1 if int(right) - int(left) == step else 1
        best = max(best, run)
    return best


def _pairs(tail: str) -> bool:
    """Two pairs (6688) or a pair said twice (6868), of two different digits."""
    fours = (tail[at : at + 4] for at in range(len(tail) - 3))
    return any(
        len(set(four)) == 2 and (four[:2] == four[2:] or four == 2 * four[0] + 2 * four[2])
        for four in fours
    )


def _mirror(tail: str) -> bool:
    """Whether the sequence reads the same from behind, and is more than one digit."""
    sequence = tail[:SEQUENCE_DIGITS]
    return sequence == sequence[::-1] and len(set(sequence)) > 1


def _birthday(tail: str, born: str) -> bool:
    """Year, month and day, or month and day, of YYYYMMDD."""
    return born[4:] in tail


# What each word asks of the last nine digits.
WORDS: dict[str, Callable[[str], bool]] = {
    "repeated": lambda tail: _longest_run(tail, 0) >= 3,
    "rising": lambda tail: _longest_run(tail, 1) >= 4,
    "falling": lambda tail: _longest_run(tail, -1) >= 4,
    "eights": lambda tail: tail.count("8") >= 4,
    "pairs": _pairs,
    "mirror": _mirror,
    "no4": lambda tail: "4" not in tail,
}


def fit(number: str, pattern: str) -> str | None:
    """Why the last nine digits of the number fit the pattern, or nothing when they do not."""
    tail = number[-SHOWN:]
    if pattern in WORDS:
        return pattern if WORDS[pattern](tail) else None
    if pattern.startswith(BIRTHDAY):
        return "birthday" if _birthday(tail, pattern.removeprefix(BIRTHDAY)) else None
    if tail.endswith(pattern):
        return "ending"
    return "inside" if pattern in tail else None


def _from(start: int, count: int, step: int = 1) -> Iterator[int]:
    return ((start + index * step) % SEQUENCES for index in range(count))


def _endings(scheme: Scheme, pattern: str, start: int) -> Iterator[int]:
    """Sequences whose number ends with the pattern; the check digits are part of the ending.

    A check digit pair is 02 to 98, so some endings (00, 01, 99) do not exist.
    """
    fixed = pattern[:-2]
    step = 10 ** len(fixed)
    low = int(fixed) if fixed else 0
    for index in _from(start, 2_000):
        sequence = (index * step + low) % SEQUENCES
        if compose(scheme, sequence).endswith(pattern):
            yield sequence


def _insides(pattern: str, start: int) -> Iterator[int]:
    """Sequences that carry the pattern, at its last place first."""
    room = SEQUENCE_DIGITS - len(pattern)
    for place in range(room + 1):
        scale = 10**place
        span = 10 ** (room - place)
        for index in range(min(span, 200)):
            high = (start + index) % span
            low = start % scale
            yield high * scale * 10 ** len(pattern) + int(pattern) * scale + low


def _mirrors(start: int) -> Iterator[int]:
    """Sequences that read the same from behind."""
    for index in range(2_000):
        half = f"{(start + index * 7_919) % 10**4:04d}"
        yield int(half + half[2::-1])


def _inside_each(parts: list[str], start: int) -> Iterator[int]:
    """Sequences that carry one of these parts, each in its turn."""
    sources = [itertools.islice(_insides(part, start), 60) for part in parts]
    for together in itertools.zip_longest(*sources):
        yield from (sequence for sequence in together if sequence is not None)


def _runs(step: int, length: int) -> list[str]:
    """All runs of digits of a length: 888, or 5678, or 8765; the lucky ones first."""
    firsts = [
        first for first in (8, 6, 9, 5, 1, 2, 3, 7, 0, 4) if 0 <= first + step * (length - 1) <= 9
    ]
    return ["".join(str(first + step * at) for at in range(length)) for first in firsts]


def _doubles(start: int) -> list[str]:
    """Pairs of two digits without a four, from a place that differs from person to person."""
    twos = list(itertools.permutations("8695123", 2))
    turned = twos[start % len(twos) :] + twos[: start % len(twos)]
    return [form for one, two in turned for form in (one * 2 + two * 2, (one + two) * 2)]


def _sources(scheme: Scheme, pattern: str, start: int) -> list[Iterator[int]]:
    """Where numbers that fit are looked for, the best places first."""
    if pattern.isdigit():
        return [_endings(scheme, pattern, start), _insides(pattern, start)]
    if pattern.startswith(BIRTHDAY):
        born = pattern.removeprefix(BIRTHDAY)
        parts = (born[2:], born[4:])
        ends = [_endings(scheme, part, start) for part in parts]
        return ends + [_insides(part, start) for part in parts]
    if pattern == "mirror":
        return [_mirrors(start)]
    parts_of = {
        "repeated": _runs(0, 4) + _runs(0, 3),
        "rising": _runs(1, 5) + _runs(1, 4),
        "falling": _runs(-1, 5) + _runs(-1, 4),
        "eights": ["88888", "8888"],
        "pairs": _doubles(start),
    }
    if pattern in parts_of:
        return [_inside_each(parts_of[pattern], start), _from(start, 5_000, STRIDE)]
    return [_from(start, 5_000, STRIDE)]


def candidates(scheme: Scheme, pattern: str, *, start: int, most: int) -> list[Offer]:
    """Numbers that fit the pattern, the best first, without a word about who holds them.

    `start` is where in the sequence to begin, so that two people are not shown the same numbers.
    """
    assert most > 0
    found: dict[str, Offer] = {}
    for source in _sources(scheme, pattern, start):
        kept = 0
        for sequence in source:
            number = compose(scheme, sequence)
            why = fit(number, pattern)
            if why is None or number in found:
                continue
            found[number] = Offer(number=number, shown=shown(number), why=why)
            kept += 1
            if kept >= most:
                break
    return sorted(found.values(), key=lambda offer: _rank(offer, pattern))[:most]


def _strength(tail: str, pattern: str) -> int:
    """How much of what was wished for is there: length of the run, eights, digits of the day."""
    if pattern in ("repeated", "rising", "falling"):
        return _longest_run(tail, {"repeated": 0, "rising": 1, "falling": -1}[pattern])
    if pattern == "eights":
        return tail.count("8")
    if pattern.startswith(BIRTHDAY):
        born = pattern.removeprefix(BIRTHDAY)
        return 2 * (born[2:] in tail) + tail.endswith(born[4:])
    return 0


def _rank(offer: Offer, pattern: str) -> tuple[int, int, int, str]:
    """Endings before insides, then the stronger, fewer fours first, then as they come."""
    tail = offer.number[-SHOWN:]
    return (offer.why == "inside", -_strength(tail, pattern), tail.count("4"), offer.number)


def is_live(hold: Hold, *, now: datetime) -> bool:
    """Whether a hold still keeps others away at this moment."""
    if hold.state in ("reserved", "taken"):
        return True
    return hold.state == "held" and hold.held_until is not None and hold.held_until > now
