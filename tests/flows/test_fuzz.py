"""Whatever fits the document is answered as the document says, and never by a mistake of ours."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.isolation.fuzzing import Fuzzer
from tests.isolation.lived import Town
from tests.isolation.town import open_town

pytestmark = pytest.mark.timeout(600)
CASES = 10
SEED = 20250901


@pytest.fixture(scope="module")
async def town(
    servers: Any, template: str, ports: tuple[int, int], sandbox: str
) -> AsyncIterator[Town]:
    assert template
    async with open_town(servers, ports[0], sandbox) as opened:
        yield opened


async def test_the_whole_document(town: Town):
    tally = await Fuzzer(town, SEED).everything(CASES)
    print(f"{tally.cases} cases of {len(tally.statuses)} operations, {len(tally.wrong)} wrong")
    slow = sorted(tally.seconds.items(), key=lambda item: -item[1])[:10]
    print("slowest", dict(slow))
    print("below three in ten", tally.poor)
    assert not tally.wrong, "\n".join(tally.wrong)
    assert not tally.poor, tally.poor
    assert tally.cases > 9 * len(tally.statuses)
