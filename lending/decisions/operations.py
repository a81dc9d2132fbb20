"""Takes a firm's features, applies the points in force, and keeps the decision."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

import msgspec

from app.ids import new_id
from app.queries import load
from app.work import Work
from lending.decisions import rules
from lending.decisions.model import Decision, NoScorecard, Scorecard
from lending.features import operations as features
from lending.products.model import Product

sql = load(__name__)


async def decide(
    work: Work,
    *,
    product: Product,
    report: Mapping[str, object] | None,
    debt_fen: int,
    asked_fen: int | None,
    report_needed: bool,
) -> Decision:
    """A fresh decision from today's features; `report` is the bureau's, if one was allowed."""
    scorecard = await work.maybe(Scorecard, sql.scorecard_on, on=work.today)
    if scorecard is None:
        raise NoScorecard(on=work.today.isoformat())
    snapshot = await features.take(work)
    verdict = rules.decide(
        scorecard.card,
        snapshot.features,
        report,
        product,
        debt_fen=debt_fen,
        asked_fen=asked_fen,
        report_needed=report_needed,
    )
    decision = Decision(
        id=new_id(),
        product_code=product.code,
        scorecard_version=scorecard.version,
        decided_on=work.today,
        score=verdict.score,
        eligible=verdict.eligible,
        limit_fen=verdict.limit_fen,
        reasons=verdict.reasons,
    )
    await work.run(
        sql.keep_decision,
        id=decision.id,
        product_code=product.code,
        snapshot_id=snapshot.id,
        scorecard_version=scorecard.version,
        bureau=dict(report) if report is not None else None,
        score=decision.score,
        eligible=decision.eligible,
        limit_fen=decision.limit_fen,
        reasons=msgspec.to_builtins(decision.reasons),
    )
    return decision


async def several(work: Work, *, ids: list[UUID]) -> dict[UUID, Decision]:
    """Decisions by id."""
    found = await work.all(Decision, sql.decisions, ids=ids)
    return {decision.id: decision for decision in found}
