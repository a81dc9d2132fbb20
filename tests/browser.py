"""A real Chromium for the pages' tests: the machine's own, never skipped in silence."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator

from playwright.async_api import Browser, async_playwright

from app import doctor

ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run", "--disable-dev-shm-usage",
)  # fmt: skip


@contextlib.asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """One browser, gone at the end; without one the test fails and says what to type."""
    found = doctor.browser()
    assert found, "no Chromium here: .venv/bin/python -m app doctor --mend --browser"
    async with async_playwright() as driver:
        browser = await driver.chromium.launch(executable_path=found, args=list(ARGS))
        try:
            yield browser
        finally:
            await browser.close()
