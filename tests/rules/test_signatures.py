"""What the page of a signing link is about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from onboarding.signatures import rules
from onboarding.signatures.model import SigningPage

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PAGE = SigningPage(
    title="企业设立登记申请书", version=1, firm="上海示例科技有限公司", signer="王**",
    phone="138****5678", capacities=["legal_representative"], text="全文", sha256="5f" * 32,
    state="asked", expires_at=AT, signed_at=None, last_code=None,
)  # fmt: skip


@pytest.mark.parametrize(("seconds", "stage"), [(-1, "open"), (0, "expired"), (1, "expired")])
def test_a_link_is_open_until_its_moment(seconds, stage):
    assert rules.stage(PAGE, at=AT + timedelta(seconds=seconds)) == stage


@pytest.mark.parametrize("state", ["proving", "signed", "refused"])
def test_what_was_begun_in_time_does_not_expire(state):
    begun = msgspec.structs.replace(PAGE, state=state)
    assert rules.stage(begun, at=AT + timedelta(days=400)) == state
