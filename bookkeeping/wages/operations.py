"""Reads the statutes by which the wages of a month are computed."""

from __future__ import annotations

from datetime import date

import msgspec

from app.reference import operations as reference
from app.work import Work
from bookkeeping.wages.model import SocialInsurance, WageLaws, WorkingTime
from bookkeeping.withholding.model import LowIncome, WagesTable


async def laws(work: Work, *, regions: set[str], on: date, month_on: date) -> WageLaws:
    """Taxes by the day of payment, insurance by the month it is for."""
    value = reference.value
    rows = await reference.values(work, kinds=["iit.low_income", "iit.first_job"], on=on)
    low = rows.get("iit.low_income")
    return WageLaws(
        wages=await value(work, kind="iit.wages", on=on, shape=WagesTable),
        time=await value(work, kind="wages.time", on=month_on, shape=WorkingTime),
        insurance={
            region: await value(
                work, kind="social_insurance", on=month_on, region=region, shape=SocialInsurance
            )
            for region in sorted(regions)
        },
        low_income=msgspec.convert(low.value, LowIncome) if low else None,
        first_job="iit.first_job" in rows,
    )
