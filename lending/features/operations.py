"""Takes a firm's features from its own accounts, invoices, wages and taxes."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app import clock
from app.ids import new_id
from app.queries import load
from app.work import Work
from lending.features import rules
from lending.features.model import Sales, Settlement, Snapshot, WagesAndTax

sql = load(__name__)


async def take(work: Work) -> Snapshot:
    """Today's features of the firm acted for, kept with their day."""
    registered_at = await work.one(datetime, sql.registered_at)
    features = rules.features(
        registered_on=clock.business_date(registered_at),
        today=work.today,
        settlement=await work.one(Settlement, sql.settlement),
        sales=await work.one(Sales, sql.sales),
        wages=await work.one(WagesAndTax, sql.wages_and_tax),
        overdue_days=await work.one(int, sql.overdue_here),
    )
    snapshot = Snapshot(id=new_id(), taken_on=work.today, features=features)
    await work.run(
        sql.keep_snapshot, id=snapshot.id, features=msgspec.to_builtins(snapshot.features)
    )
    return snapshot
