"""Whatever the four systems outside do to fifty openings, each of them ends as it must."""

from __future__ import annotations

import pytest

from tests.soak import onboarding


@pytest.mark.timeout(900)
async def test_fifty_openings_end_as_they_must_and_the_outside_agrees():
    report = await onboarding.soak(1, applications=50)
    assert report.clean, f"{report.findings[:10]}\nreached: {report.reached}"
