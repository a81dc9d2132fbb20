"""Measured results as sections of a page of the docs: each part replaces its own and no other."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"


def machine() -> str:
    """What it ran on, without its name."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return f"{cores} cores, {platform.machine()}, Python {platform.python_version()}"


def today() -> str:
    """The day of a measurement."""
    return f"{datetime.now(UTC):%Y-%m-%d}"


def put(page: str, head: str, part: str, lines: list[str]) -> str:
    """Write the part's section into `docs/<page>`; the section as text."""
    path = DOCS / page
    section = "\n".join([f"\n## {part}", *lines]) + "\n"
    text = path.read_text(encoding="utf-8") if path.exists() else head
    found = re.compile(rf"\n## {re.escape(part)}\n.*?(?=\n## |\Z)", re.DOTALL)
    path.write_text(found.sub("", text).rstrip("\n") + "\n" + section, encoding="utf-8")
    return section
