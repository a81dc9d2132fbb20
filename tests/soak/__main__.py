"""`make soak`: every part, or those that PART names. Add a part with one line of the table."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from tests.soak import (
    commits,
    drain,
    duplicates,
    fuzz,
    hostile,
    keys,
    kills,
    legs,
    machine,
    mutants,
    onboarding,
    standby,
    storm,
)
from tests.soak.report import Report, publish, seed

PARTS: dict[str, Callable[[int], Awaitable[Report]]] = {
    "kills": kills.soak,
    "lane": kills.soak_lane,
    "kills-1000": storm.soak,
    "commits": commits.soak,
    "duplicates": duplicates.soak,
    "keys": keys.soak,
    "drain": drain.soak,
    "legs": legs.soak,
    "standby": standby.soak,
    "machine": machine.soak,
    "hostile": hostile.soak,
    "onboarding": onboarding.soak,
    "mutants": mutants.soak,
    "fuzz": fuzz.soak,
}


async def main(names: list[str]) -> int:
    """Run and publish; 1 if anything was wrong anywhere."""
    bad = 0
    for name in names or PARTS:
        begun = time.monotonic()
        report = await PARTS[name](seed())
        report.seconds = int(time.monotonic() - begun)
        publish(report)
        bad += not report.clean
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(asyncio.run(main(sys.argv[1:])))
