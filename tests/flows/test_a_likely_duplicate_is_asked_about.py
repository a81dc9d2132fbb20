"""The same amount to the same payee within days is asked about, and paid once confirmed."""

from __future__ import annotations

import asyncio
from datetime import datetime
from uuid import uuid4

import pytest

from app.clock import SHANGHAI
from tests.city import City
from tests.firms import Firm, open_firm

LARGE = 5_000_000


@pytest.fixture
async def other(city: City) -> Firm:
    return await open_firm(city, name="杭州乙木贸易有限公司")


@pytest.fixture
async def firm(city: City) -> Firm:
    return await open_firm(city, fen=60_000_000)


async def test_it_names_the_earlier_payment_and_the_same_key_pays_once_confirmed(
    firm: Firm, other: Firm
):
    order, key = firm.order_to(other, LARGE), str(uuid4())
    first = (await firm.owner.post("/v1/payments", order)).json()
    assert first["state"] == "settled"
    asked = await firm.owner.post("/v1/payments", order, key=key)
    assert asked.status_code == 409
    told = asked.json()
    assert told["type"].endswith(":likely-duplicate")
    assert (told["payment_id"], told["payment_state"]) == (first["id"], "settled")
    assert told["next_step"]
    assert (await other.account())["balance_fen"] == LARGE
    confirmed = order | {"confirm_duplicate": True}
    again = await firm.owner.post("/v1/payments", confirmed, key=key)
    assert (again.status_code, again.json()["state"]) == (201, "settled")
    replay = await firm.owner.post("/v1/payments", confirmed, key=key)
    assert replay.headers["Idempotency-Replayed"] == "true"
    assert replay.content == again.content
    assert (await other.account())["balance_fen"] == 2 * LARGE


async def test_other_amounts_small_ones_refused_ones_and_old_ones_are_not_asked_about(
    firm: Firm, other: Firm
):
    for fen in (LARGE, LARGE + 1, LARGE - 1, LARGE - 1):
        answer = await firm.owner.post("/v1/payments", firm.order_to(other, fen))
        assert answer.status_code == 201, answer.text
    refused = firm.order_to(other, 400_000_000)
    for _ in range(2):
        assert (await firm.owner.post("/v1/payments", refused)).status_code == 422
    await firm.city.move_clock(datetime(2025, 9, 5, 12, tzinfo=SHANGHAI))
    later = await firm.owner.post("/v1/payments", firm.order_to(other, LARGE))
    assert later.status_code == 201


async def test_a_double_click_under_two_keys_pays_once(firm: Firm, other: Firm):
    order = firm.order_to(other, LARGE)
    answers = await asyncio.gather(
        *(firm.owner.post("/v1/payments", order) for _ in range(6)),
    )
    codes = sorted(answer.status_code for answer in answers)
    assert codes == [201, 409, 409, 409, 409, 409]
    assert (await other.account())["balance_fen"] == LARGE


async def test_forty_copies_under_one_key_are_no_duplicates(firm: Firm, other: Firm):
    order, key = firm.order_to(other, LARGE), str(uuid4())
    answers = await asyncio.gather(
        *(firm.owner.post("/v1/payments", order, key=key) for _ in range(40)),
    )
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert (await other.account())["balance_fen"] == LARGE
