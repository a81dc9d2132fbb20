"""The number scheme: check digits, what makes a number a favourite, and the numbers to offer.

A number is region (4), branch (4), account class (2), sequence (7) and two check digits by
ISO 7064 MOD 97-10. No national format exists for corporate account numbers and the check digits of
other banks are not public, so this scheme is our own.
"""

import itertools
from collections.abc import Iterator
from datetime import datetime

from accounts.numbers.model import Hold, Offer, Scheme

LENGTH = 19
SEQUENCE_DIGITS = 7
SEQUENCES = 10**SEQUENCE_DIGITS
STRIDE = 104_729  # a prime far from a power of ten: neighbours on a list do not look alike
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


def fit(number: str, pattern: str) -> str | None:
    """Why the last nine digits of the number fit the pattern, or nothing when they do not."""
    tail = number[-SHOWN:]
    if pattern == "repeated":
        return "repeated" if _longest_run(tail, 0) >= 3 else None
    if pattern == "rising":
        return "rising" if _longest_run(tail, 1) >= 4 else None
    if pattern == "no4":
        return "no4" if "4" not in tail else None
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


def candidates(scheme: Scheme, pattern: str, *, start: int, most: int) -> list[Offer]:
    """Numbers that fit the pattern, endings first, without a word about who holds them.

    `start` is where in the sequence to begin, so that two people are not shown the same numbers.
    """
    assert most > 0
    sources: tuple[Iterator[int], ...]
    if pattern.isdigit():
        sources = (_endings(scheme, pattern, start), _insides(pattern, start))
    elif pattern == "rising":
        sources = tuple(
            _insides("".join(str(digit + up) for up in range(4)), start) for digit in range(7)
        )
    else:
        sources = (_from(start, 5_000, STRIDE),)
    found: dict[str, Offer] = {}
    for source in sources:
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
    ranked = sorted(found.values(), key=_rank)
    return ranked[:most]


def _rank(offer: Offer) -> tuple[int, int, str]:
    """Endings before insides, fewer fours first, then as they come."""
    order = {"ending": 0, "repeated": 0, "rising": 0, "no4": 0, "inside": 1}
    return (order[offer.why], offer.number[-SHOWN:].count("4"), offer.number)


def is_live(hold: Hold, *, now: datetime) -> bool:
    """Whether a hold still keeps others away at this moment."""
    if hold.state in ("reserved", "taken"):
        return True
    return hold.state == "held" and hold.held_until is not None and hold.held_until > now
