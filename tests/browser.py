"""A real Chromium for the pages' tests: the machine's own, never skipped in silence."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, async_playwright

ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> str:
    """The browser of this machine; a test without one fails and says what to type."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    mac = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
    if found is None and mac.exists():
        found = str(mac)
    assert found, "no Chromium here: .venv/bin/python -m app doctor --mend --browser"
    return found


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """One browser, gone at the end."""
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=executable(), args=list(ARGS))
        try:
            yield browser
        finally:
            await browser.close()
