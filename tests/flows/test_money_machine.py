"""Whatever is done with money, and in whatever order, the database and a pure model agree."""

from __future__ import annotations

import asyncio
from functools import partial

import pytest

from app.settings import Settings
from tests.machine import machine

RUNS, STEPS, SEED = 200, 30, 20251124


@pytest.mark.timeout(600)
async def test_two_hundred_runs_agree_with_the_model(settings: Settings):
    play = partial(machine.play, settings, runs=RUNS, steps=STEPS, number=SEED)
    reached = await asyncio.to_thread(play)
    print(dict(reached))
    assert reached["runs"] >= RUNS
    assert machine.too_few(reached) == []
