"""The program in docs/portal.md runs as it stands there, and what it does is told to it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
from pathlib import Path

from app.identity.seed import seed_demo
from tests.city import City
from tests.flows import founding
from tests.portal_client import Inbox, free_port, serving

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "portal.md"


async def test_the_program_of_the_guide_runs(city: City, tmp_path: Path):
    await seed_demo(city.settings)
    (program,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    paper = tmp_path / "licence.png"
    paper.write_bytes(founding.picture())
    inbox = Inbox(free_port())
    said = {
        "BANK": city.settings.public_url, "INBOX": inbox.url, "PAPER": str(paper),
        "SIGN_IN": str(city.settings.var_path / "demo-sign-in.json"),
        "PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8", "PYTHONWARNINGS": "ignore",
    }  # fmt: skip
    async with serving(inbox, inbox.port):
        ran = await asyncio.create_subprocess_exec(
            sys.executable, "-c", program, env=said, cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, err = await ran.communicate()
        assert ran.returncode == 0, err.decode()
        told = json.loads(out)
        inbox.secret = told["secret"]
        assert told["seen"]["client_reference"] == "GOV-2025-000777"
        await city.idle()
        assert "application.submitted" in inbox.kinds() and inbox.forged == 0


def test_the_guide_says_what_the_rules_say():
    from app.identity.clients import rules
    from onboarding.batches.model import MOST_ROWS
    from onboarding.callbacks.rules import WAITS
    from onboarding.portals.model import PAPER_DAYS

    text = GUIDE.read_text(encoding="utf-8")
    assert sum(WAITS) == 72 * 3600 and f"{len(WAITS)} more attempts within 72 hours" in text
    assert f"takes {MOST_ROWS} at once" in text and PAPER_DAYS == 7
    assert rules.SIGNATURE_WINDOW.total_seconds() == 60
    assert rules.KEYS_PAUSE.total_seconds() == 20 and rules.KEYS_FRESH.total_seconds() == 600
