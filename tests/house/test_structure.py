"""Sizes, rooms and documents: what keeps the house readable."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from litestar.utils.sync import AsyncCallable

import workers.reactions as reactions
from app.events import Event
from app.main import create_app
from app.settings import Settings, load

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "accounts", "onboarding", "invoicing", "bookkeeping", "lending", "workers")
TOP_LEVEL = {*PACKAGES, "tests", "docs"}
PYTHON = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
SIZED = PYTHON + sorted(path for name in PACKAGES for path in (ROOT / name).rglob("queries.sql"))
ROOMS = {
    "__init__",
    "model",
    "rules",
    "operations",
    "routes",
    "portal",
    "desk",
    "jobs",
}


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_no_other_top_level_package():
    found = {p.name for p in ROOT.iterdir() if p.is_dir() and not p.name.startswith(".")}
    assert found - {"var"} <= TOP_LEVEL


@pytest.mark.parametrize("path", SIZED, ids=name)
def test_a_file_has_at_most_400_lines(path: Path):
    assert len(path.read_text().splitlines()) <= 400


@pytest.mark.parametrize("path", PYTHON, ids=name)
def test_functions_have_at_most_50_lines_and_modules_say_what_they_are_for(path: Path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), "one sentence: what is this room for?"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or 0) - node.lineno + 1
            assert length <= 50, f"{node.name} has {length} lines"


@pytest.mark.parametrize("path", [p for p in PYTHON if p.name == "rules.py"], ids=name)
def test_rules_neither_wait_nor_divide(path: Path):
    for node in ast.walk(ast.parse(path.read_text())):
        assert not isinstance(node, ast.Await | ast.AsyncFunctionDef), "rules never wait"
        divides = isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div)
        assert not divides, f"line {node.lineno}: divisions live in app/money.py"  # type: ignore[attr-defined]
        assert not (isinstance(node, ast.Name) and node.id == "float"), "no float in rules"


SUBJECT_ROOMS = [
    p
    for p in PYTHON
    if name(p).split("/")[0] not in ("app", "workers") and len(p.relative_to(ROOT).parts) == 3
]


@pytest.mark.parametrize("path", SUBJECT_ROOMS, ids=name)
def test_a_subject_has_only_the_known_rooms(path: Path):
    assert path.stem in ROOMS


def events() -> list[type[Event]]:
    found, waiting = [], [Event]
    while waiting:
        children = waiting.pop().__subclasses__()
        found += children
        waiting += children
    return [event for event in found if not event.__module__.startswith("tests")]


@pytest.mark.parametrize("event", events(), ids=lambda event: event.__name__)
def test_every_event_is_explained(event: type[Event]):
    assert event.__doc__ and not event.__doc__.startswith(event.__name__ + "(")


@pytest.mark.parametrize("job", sorted(reactions.JOBS))
def test_every_job_is_explained(job: str):
    assert reactions.JOBS[job].__doc__


def test_every_setting_is_documented():
    text = (ROOT / "docs/operations.md").read_text()
    missing = [f for f in Settings.__struct_fields__ if f"`{f}`" not in text]
    assert missing == []


def test_no_machine_is_named():
    forbidden = re.compile(r"(?<![\w.])/(?:work|farm)/|pythonhosted|pypi\.org")
    for path in [*PYTHON, *(ROOT / "tests").rglob("*.py"), *(ROOT / "docs").rglob("*.md")]:
        if path != Path(__file__):
            assert not forbidden.search(path.read_text()), name(path)


def test_decisions_have_numbers_of_their_own_and_are_listed():
    pages = sorted(path.name for path in (ROOT / "docs/decisions").glob("[0-9]*.md"))
    numbers = [page.split("-")[0] for page in pages]
    assert len(set(numbers)) == len(numbers)
    listed = (ROOT / "docs/decisions/README.md").read_text()
    assert [page for page in pages if f"({page})" not in listed] == []


def test_no_guard_is_carried_to_a_thread():
    for route in create_app(load({})).routes:
        for handler in getattr(route, "route_handlers", ()):
            for guard in handler.resolve_guards():
                assert not isinstance(guard, AsyncCallable), f"{route.path}: {guard}"
