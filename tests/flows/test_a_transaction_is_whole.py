"""What is answered as done has been committed; what comes late still bears its own day."""

from __future__ import annotations

from datetime import UTC, date, datetime

import asyncpg
import pytest

from app.ids import new_id
from app.work import NothingCommitted
from bookkeeping.postings import jobs as postings
from tests.city import City
from tests.firms import open_firm


async def test_an_error_swallowed_inside_a_transaction_is_not_answered_as_done(
    city: City, db: asyncpg.Connection
):
    object_id = new_id()
    with pytest.raises(NothingCommitted):
        async with city.ctx.begin() as work:
            await work.record("test.effect", object_id=object_id)
            with pytest.raises(asyncpg.DivisionByZeroError):
                await work.connection.execute("select 1 / 0")
    assert not await db.fetchval("select count(*) from core.audit where object_id = $1", object_id)


async def test_a_loan_is_booked_on_its_day_however_late_its_job(city: City, db: asyncpg.Connection):
    """Workers that were away over the end of the year."""
    firm = await open_firm(city)
    drawn = {"loan_id": new_id(), "business_id": firm.business_id, "principal_fen": 900_000}
    await city.move_clock(datetime(2026, 1, 2, 2, tzinfo=UTC))
    await postings.record_drawdown(city.ctx, **drawn, drawn_on=date(2025, 12, 30))
    await postings.record_instalment(
        city.ctx, **drawn, instalment_no=1, part=1, interest_fen=0, paid_on=date(2025, 12, 31)
    )
    dates = "select dated_on from bookkeeping.vouchers where business_id = $1 order by dated_on"
    found = [row["dated_on"] for row in await db.fetch(dates, firm.business_id)]
    assert found == [date(2025, 12, 30), date(2025, 12, 31)]
