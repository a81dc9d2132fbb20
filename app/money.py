"""Money arithmetic: integer fen, and every division of the system with its rounding stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from msgspec import Meta

MAX_FEN = 10**15

Fen = Annotated[int, Meta(ge=-MAX_FEN, le=MAX_FEN, examples=[123456])]
PositiveFen = Annotated[int, Meta(gt=0, le=MAX_FEN, examples=[1280000])]
NonNegativeFen = Annotated[int, Meta(ge=0, le=MAX_FEN, examples=[300000])]


def divide_half_up(numerator: int, denominator: int) -> int:
    """n/d to the nearest integer, halves away from zero (四舍五入, also for negatives)."""
    assert denominator > 0
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def divide_half_even(numerator: int, denominator: int) -> int:
    """n/d to the nearest integer, halves to the even neighbour (banker's rounding)."""
    assert denominator > 0
    quotient, remainder = divmod(numerator, denominator)
    twice = 2 * remainder
    if twice > denominator or (twice == denominator and quotient % 2 == 1):
        return quotient + 1
    return quotient


def divide_down(numerator: int, denominator: int) -> int:
    """n/d toward zero."""
    assert denominator > 0
    sign = -1 if numerator < 0 else 1
    return sign * (abs(numerator) // denominator)


def mul_ratio(amount: int, numerator: int, denominator: int) -> int:
    """amount × n/d, half-up: one multiplication, one rounding."""
    return divide_half_up(amount * numerator, denominator)


def mul_ppm(amount: int, rate_ppm: int) -> int:
    """amount × rate (parts per million), half-up."""
    return divide_half_up(amount * rate_ppm, 1_000_000)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Share a total by weights so that the parts add up exactly (largest remainder, ties first)."""
    assert weights and all(w >= 0 for w in weights) and sum(weights) > 0
    whole, sign = sum(weights), (-1 if total < 0 else 1)
    shares = [divmod(abs(total) * w, whole) for w in weights]
    parts = [quotient for quotient, _ in shares]
    order = sorted(range(len(weights)), key=lambda i: -shares[i][1])
    for i in order[: abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * p for p in parts]


def yuan(fen: int) -> str:
    """Fen as people read it: `1,234.56`."""
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{whole // 100:,}.{whole % 100:02d}"
