"""Tests: rules without I/O, flows through HTTP, the building inspector, soak and bench.

A process told so reads every query without its tenant condition (tests/flows/test_isolation.py).
"""

import os
import re
from pathlib import Path

from app import queries

_GLOBAL = re.compile(r"core\.(?:directory|local)_table\('([a-z_.]+)'")


def directories() -> re.Pattern[str]:
    """Tables that are keyed by what is unique in the whole bank: no firm's policy guards them."""
    folder = Path(queries.__file__).with_name("migrations")
    names = [n for file in folder.glob("*.sql") for n in _GLOBAL.findall(file.read_text("utf-8"))]
    return re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")


if "XIAOWEI_WITHOUT_TENANT" in os.environ:
    queries.drop_tenant_conditions(directories())
