"""How the demo shows its progress: a line a step, its figures, and how long it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from app.money import yuan


class Show:
    """Prints steps as they begin and end; `figures` are filled by the step itself."""

    def __init__(self) -> None:
        self.steps = 0
        self.began = time.monotonic()

    @contextmanager
    def step(self, title: str) -> Iterator[list[str]]:
        """One step: its title at once, its figures and seconds when it is done."""
        self.steps += 1
        figures: list[str] = []
        began = time.monotonic()
        if sys.stdout.isatty():
            print(f"  … {title}", end="\r", flush=True)
        try:
            yield figures
        except BaseException:
            print(f"  ✗ {self.steps:2}  {title}", flush=True)
            raise
        seconds = time.monotonic() - began
        print(f"  ✓ {self.steps:2}  {title:<52} {seconds:5.1f} s", flush=True)
        for line in figures:
            print(f"         {line}", flush=True)

    def chapter(self, title: str) -> None:
        """A heading."""
        print(f"\n{title}", flush=True)

    @property
    def seconds(self) -> float:
        """Since the beginning."""
        return time.monotonic() - self.began


def money(fen: int) -> str:
    """Yuan with two places."""
    return f"¥{yuan(fen)}"
