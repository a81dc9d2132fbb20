"""Whatever fits the document is answered as the document says, and never by a mistake of ours."""

from __future__ import annotations

import copy
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.isolation.fuzzing import Fuzzer
from tests.isolation.lived import Town
from tests.isolation.probes import DOCUMENT
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


@pytest.mark.parametrize(
    ("operation", "path"),
    [
        ("GET /v1/loans/{loan_id}", ("responses", "404")),
        ("GET /v1/loans", ("responses", "200")),
    ],
)
async def test_what_the_document_does_not_say_is_found(town: Town, operation: str, path: Any):
    """So that the test above can fail."""
    method, _, template = operation.partition(" ")
    document = copy.deepcopy(DOCUMENT)
    *steps, last = path
    holds = document["paths"][template][method.lower()]
    for step in steps:
        holds = holds[step]
    del holds[last]
    fuzzer = Fuzzer(town, SEED, document)
    await fuzzer.run(operation, CASES)
    assert fuzzer.tally.wrong
