"""Bugs planted into a copy of the tree: each must make the proofs fail, or they prove nothing."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import msgspec

from tests.soak.kills import Plan, say
from tests.soak.report import Report
from tests.soak.system import TREE

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "*.pyc", ".*_cache")
LONGEST_SECONDS = 900


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A bug: texts of a file replaced by others, and the proof that must notice."""

    bug: str
    patches: tuple[tuple[str, str, str], ...]
    # Points of the kills (and how many random kills), or a test file.
    points: tuple[str, ...] = ()
    kills: int = 0
    test: str = ""


def plant(mutant: Mutant, tree: Path) -> None:
    """Patch the copy; AssertionError when the code has moved on and the bug fits no more."""
    for name, old, new in mutant.patches:
        path = tree / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{mutant.bug}: no longer in {name}: {old!r}"
        path.write_text(text.replace(old, new), encoding="utf-8")


def proof(mutant: Mutant, seed: int) -> list[str]:
    """The command that must fail."""
    if mutant.test:
        return [sys.executable, "-m", "pytest", "-q", "-x", mutant.test]
    plan = Plan(only=mutant.points, kills=mutant.kills, seed=seed)
    return [sys.executable, "-m", "tests.soak.kills", msgspec.json.encode(plan).decode()]


def caught(mutant: Mutant, seed: int) -> str:
    """What the proof said about the bug; empty when it noticed nothing."""
    folder = Path(tempfile.mkdtemp(prefix="xw-mutant-"))
    tree = folder / "tree"
    try:
        shutil.copytree(TREE, tree, ignore=LEFT_OUT)
        plant(mutant, tree)
        done = subprocess.run(
            proof(mutant, seed), cwd=tree, capture_output=True, text=True, check=False,
            timeout=LONGEST_SECONDS, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode == 0:
        return ""
    assert done.returncode == 1, f"{mutant.bug}: {done.stdout[-2000:]}{done.stderr[-4000:]}"
    return done.stdout


async def soak(seed: int) -> Report:
    """Plant each bug in turn."""
    from tests.soak.bugs import MUTANTS

    report = Report(part="mutants", seed=seed, planted=len(MUTANTS))
    for mutant in MUTANTS:
        said = await asyncio.to_thread(caught, mutant, seed)
        report.caught += bool(said)
        report.reached[f"{mutant.bug}: {'caught' if said else 'NOT caught'}"] = 1
        say(f"{mutant.bug}: {said[-700:] if said else 'NOT caught'}")
        if not said:
            report.findings.append(f"not caught: {mutant.bug}")
    return report
