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

from tests.soak.attack import Plan
from tests.soak.kills import say
from tests.soak.report import Report, seed
from tests.soak.standby import Promotions
from tests.soak.system import TREE

LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", "*.pyc", ".*_cache")
LONGEST_SECONDS = 900


class Mutant(msgspec.Struct, frozen=True, kw_only=True):
    """A bug: texts of a file replaced by others, and the proof that must notice.

    A name with a star is every file of that kind that has the text: a function of the database is
    what the last migration says.
    """

    bug: str
    patches: tuple[tuple[str, str, str], ...]
    # What Python is asked to run: it must end with 1.
    proof: tuple[str, ...]


def kills(*points: str, each: int = 0) -> tuple[str, ...]:
    """These points of the kills alone."""
    plan = Plan(only=points, kills=each, seed=seed(), settle_seconds=90)
    return ("-m", "tests.soak.kills", msgspec.json.encode(plan).decode())


def test(path: str) -> tuple[str, ...]:
    """One file of tests."""
    return ("-m", "pytest", "-q", "-x", path)


def drains(rounds: int) -> tuple[str, ...]:
    """Accounts drained by many at once."""
    return ("-m", "tests.soak.drain", str(rounds))


def promotions(each: int, *ways: str) -> tuple[str, ...]:
    """The primary lost in these ways."""
    plan = Promotions(seed=seed(), each=each, only=ways)
    return ("-m", "tests.soak.standby", msgspec.json.encode(plan).decode())


def copies(keys: int, each: int) -> tuple[str, ...]:
    """Copies of a payment at two doors."""
    return ("-m", "tests.soak.duplicates", str(keys), str(each))


def plant(mutant: Mutant, tree: Path) -> None:
    """Patch the copy; AssertionError when the code has moved on and the bug fits no more."""
    for name, old, new in mutant.patches:
        found = [path for path in tree.glob(name) if old in path.read_text(encoding="utf-8")]
        assert found, f"{mutant.bug}: no longer in {name}: {old!r}"
        for path in found:
            text = path.read_text(encoding="utf-8")
            path.write_text(text.replace(old, new), encoding="utf-8")


def caught(mutant: Mutant) -> str:
    """What the proof said about the bug; empty when it noticed nothing.

    A proof that breaks off before it judges has noticed nothing: it prints no word of its own.
    """
    folder = Path(tempfile.mkdtemp(prefix="xw-mutant-"))
    tree = folder / "tree"
    try:
        shutil.copytree(TREE, tree, ignore=LEFT_OUT)
        plant(mutant, tree)
        done = subprocess.run(
            [sys.executable, *mutant.proof], cwd=tree, capture_output=True, text=True, check=False,
            timeout=LONGEST_SECONDS, env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if done.returncode == 0:
        return ""
    if not done.stdout:
        say(done.stderr[-3000:])
    return done.stdout


async def soak(number: int) -> Report:
    """Plant each bug in turn."""
    from tests.soak.bugs import MUTANTS

    report = Report(part="mutants", seed=number, planted=len(MUTANTS))
    for mutant in MUTANTS:
        said = await asyncio.to_thread(caught, mutant)
        report.caught += bool(said)
        report.reached[f"{mutant.bug}: {'caught' if said else 'NOT caught'}"] = 1
        say(f"{mutant.bug}: {said[-700:] if said else 'NOT caught'}")
        if not said:
            report.findings.append(f"not caught: {mutant.bug}")
    return report
