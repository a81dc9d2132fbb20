"""Whatever is killed, whenever: nothing is lost, nothing happens twice, everything ends well."""

from __future__ import annotations

import pytest

from tests.soak import kills
from tests.soak.attack import Plan


@pytest.mark.timeout(480)
async def test_named_crashes_and_random_kills_of_every_part_lose_and_double_nothing():
    plan = Plan()
    reached, verdict, left = await kills.run(plan)
    found = [*verdict.lost, *verdict.doubled, *verdict.errors]
    assert found == [], f"{found}\nreached: {reached}"
    assert kills.too_rare(reached, plan) == [], reached
    assert left == 0, "processes were left behind"
