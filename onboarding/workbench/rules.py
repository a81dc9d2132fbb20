"""A case's clock in words, and its colour."""

from __future__ import annotations

from onboarding.reviews.model import ReviewRow
from onboarding.workbench.model import Tone


def in_words(minutes: int) -> str:
    """Working minutes as people say them: 3小时20分."""
    hours, rest = divmod(abs(minutes), 60)
    if hours == 0:
        return f"{rest}分"
    return f"{hours}小时{rest}分" if rest else f"{hours}小时"


def left(row: ReviewRow, minutes: int) -> str:
    """What is left of a case's time, in words."""
    if row.waiting_since is not None:
        return "等待补件"
    return f"超时{in_words(minutes)}" if minutes < 0 else f"剩{in_words(minutes)}"


def tone(row: ReviewRow, minutes: int, *, soon: int) -> Tone:
    """How urgent it looks."""
    if row.waiting_since is not None:
        return "waiting"
    if minutes < 0:
        return "late"
    return "soon" if minutes < soon else "calm"
