"""A transfer whose two legs are two transactions survives kill -9 between them."""

from __future__ import annotations

import subprocess
import sys

import msgspec

from tests.soak.report import Report
from tests.soak.system import TREE


def test_kills_between_the_legs_leave_nothing_half_done_and_nothing_double():
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak.legs", "25"],
        cwd=TREE, capture_output=True, text=True, check=False, timeout=150,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    report = msgspec.json.decode(done.stdout.splitlines()[-1], type=Report)
    assert report.reached["kills_between_the_legs"] >= 1
    assert report.reached["looks_meanwhile"] >= 10
