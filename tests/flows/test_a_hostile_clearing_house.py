"""Whatever the clearing house does to 500 payouts: both sides agree, none is lost or paid twice."""

from __future__ import annotations

import pytest

from tests.soak import hostile


@pytest.mark.timeout(900)
async def test_five_hundred_payouts_under_every_danger_are_paid_once_and_agreed_upon():
    report = await hostile.soak(1, payouts=500)
    assert report.clean, f"{report.findings[:10]}\nreached: {report.reached}"
