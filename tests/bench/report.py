"""Figures side by side: printed as a table, kept as JSON and as a page of the docs."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests import published

ROOT = Path(__file__).resolve().parents[2]
HEAD = """# Bench

`make bench`, each part when it last ran (`PART=name` runs one). Ratios of interleaved rounds,
medians; load generator, PostgreSQL and Python share the cores. Figures without an aim are there to
be beaten; under the tables of a part stands why an aim was missed.
"""


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One goal: `value` is the median over `rounds` of value ÷ yardstick, unless `what` says."""

    goal: str
    what: str
    value: float
    aim: float | None = None
    met: bool | None = None
    rounds: Sequence[float] = ()
    yardstick: str = ""


def ratio(
    goal: str,
    what: str,
    ours: Sequence[float],
    yardstick: Sequence[float],
    *,
    against: str,
    aim: float | None = None,
    at_most: bool = False,
) -> Figure:
    """The median of the rounds' own ratios; the aim is a floor unless `at_most`."""
    rounds = [round(a / b, 3) for a, b in zip(ours, yardstick, strict=True) if b]
    value = round(statistics.median(rounds), 3)
    met = None if aim is None else (value <= aim if at_most else value >= aim)
    return Figure(
        goal=goal, what=what, value=value, aim=aim, met=met, rounds=rounds, yardstick=against
    )


def publish(part: str, figures: list[Figure], var: Path) -> None:
    """Table to the terminal, `var/bench/<part>.json`, and the part's section of `docs/bench.md`."""
    folder = var / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{part}.json").write_bytes(msgspec.json.format(msgspec.json.encode(figures)))
    lines = [
        f"{published.today()}, {published.machine()}",
        "",
        "| goal | what | value | aim | met | rounds | yardstick |",
        "|---|---|---|---|---|---|---|",
    ]
    for f in figures:
        met = {None: "", True: "yes", False: "**no**"}[f.met]
        rounds = " ".join(f"{r:g}" for r in f.rounds)
        lines.append(
            f"| {f.goal} | {f.what} | {f.value:g} | {'' if f.aim is None else f.aim} |"
            f" {met} | {rounds} | {f.yardstick} |"
        )
        print(
            f"{f.goal:10} {f.what:58} {f.value:8g}  aim {f.aim if f.aim is not None else '-'}"
            f"  {'' if f.met is None else 'met' if f.met else 'MISSED'}"
        )
    published.put("bench.md", HEAD, part, lines)
