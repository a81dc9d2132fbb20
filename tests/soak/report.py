"""What a part of `make soak` found: `var/soak/PART.json`, and the last results in docs/soak.md."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from tests import published

HEAD = """# Soak

What `make soak` found when each part last ran (`PART=name` runs one). `reached` counts how often a
dangerous state was really there: a zero that was never in danger proves nothing. The judge is what
the clients wrote to disk before they asked and what the outside saw, never our own tables.
"""


class Report(msgspec.Struct, kw_only=True):
    """One part's figures; `findings` are the words behind them, on the terminal only."""

    part: str
    seed: int
    reached: dict[str, int] = {}
    lost: int = 0
    doubled: int = 0
    leaked: int = 0
    errors: int = 0
    planted: int = 0
    caught: int = 0
    findings: list[str] = []
    seconds: int = 0

    @property
    def clean(self) -> bool:
        """Nothing wrong, and every planted bug caught."""
        wrong = self.lost + self.doubled + self.leaked + self.errors
        return not wrong and self.caught == self.planted


def seed() -> int:
    """`SEED=n` replays a run."""
    return int(os.environ.get("SEED") or 1)


def publish(report: Report) -> None:
    """Words to the terminal, figures to var/, the section of the part to the docs."""
    for line in report.findings:
        print(f"{report.part}: {line}")
    figures = msgspec.to_builtins(report)
    for name in ("findings", "seconds"):
        del figures[name]
    folder = Path("var") / "soak"
    folder.mkdir(parents=True, exist_ok=True)
    text = msgspec.json.format(msgspec.json.encode(figures), indent=1)
    (folder / f"{report.part}.json").write_bytes(text + b"\n")
    del figures["part"], figures["reached"]
    verdict = ", ".join(f"{name} {value}" for name, value in figures.items())
    lines = [
        f"{published.today()}, {report.seconds} s on {published.machine()}: **{verdict}**",
        "",
        "| reached | times |",
        "|---|---:|",
        *(f"| {name.replace('_', ' ')} | {times} |" for name, times in report.reached.items()),
    ]
    print(published.put("soak.md", HEAD, report.part, lines))
