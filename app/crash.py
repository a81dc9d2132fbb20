"""Crash points: named places where a test lets this process die at the worst moment."""

from __future__ import annotations

import os
from pathlib import Path

from app.settings import Settings

DEAD = 9


def point(settings: Settings, name: str) -> None:
    """Die here and now, as by kill -9, if the test has armed this point.

    Armed by a file `<crash_folder>/<name>`; who dies takes it away by renaming it to
    `<name>.hit`, so that one armed point kills one process, and the test can tell that the
    moment was really reached. Without the setting, and always in production, it does nothing.
    """
    if not settings.crash_folder or not settings.development:
        return
    armed = Path(settings.crash_folder) / name
    try:
        armed.rename(f"{armed}.hit")
    except FileNotFoundError:
        return
    os._exit(DEAD)
