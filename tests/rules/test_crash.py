"""Crash points are inert unless a test asked for them, and always in production."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import crash
from app.settings import load

KEY = {"XIAOWEI_MASTER_KEY": "0" * 64}


@pytest.mark.parametrize(
    "settings",
    [{"XIAOWEI_ENVIRONMENT": "production"}, {"XIAOWEI_CRASH_FOLDER": ""}],
    ids=["production", "no folder"],
)
def test_an_armed_point_does_nothing(tmp_path: Path, settings: dict[str, str]):
    (tmp_path / "here").touch()
    crash.point(load({**KEY, "XIAOWEI_CRASH_FOLDER": str(tmp_path), **settings}), "here")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]


def test_one_armed_point_ends_one_process(tmp_path: Path):
    (tmp_path / "here").touch()
    program = "from app import crash, settings; crash.point(settings.load(), 'here')"
    codes = [
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, **KEY, "XIAOWEI_CRASH_FOLDER": str(tmp_path)},
        ).returncode
        for _ in range(2)
    ]
    assert codes == [crash.DEAD, 0]
    assert [path.name for path in tmp_path.iterdir()] == ["here.hit"]
