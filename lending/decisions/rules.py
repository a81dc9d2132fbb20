"""The scorecard: points, knock-outs and the limit, from data alone."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from app.money import divide_down, mul_ppm
from lending.decisions.model import (
    CLASSES,
    TEXTS,
    Card,
    Characteristic,
    Effect,
    Reason,
    Verdict,
)
from lending.features.model import Features
from lending.products.model import Product

PPM = 1_000_000
LIMIT_STEP_FEN = 100_000  # limits are whole thousands of yuan


def reason(code: str, effect: Effect, points: int = 0) -> Reason:
    """A reason with its words."""
    zh, en = TEXTS[code]
    return Reason(code=code, effect=effect, points=points, zh=zh, en=en)


def facts(features: Features, report: Mapping[str, object] | None) -> dict[str, int]:
    """Everything the card may ask for by name; what is not known is missing."""
    own = msgspec.structs.asdict(features)
    known = {name: value for name, value in own.items() if value is not None}
    if report is None:
        return known
    seen = {name: int(value) for name, value in report.items() if isinstance(value, int)}
    worst = report.get("worst_class")
    if worst in CLASSES:
        seen["worst_class"] = CLASSES.index(str(worst))
    return known | seen


def points(characteristic: Characteristic, known: Mapping[str, int]) -> int:
    """The points of one feature: its bin's, or those for not knowing."""
    value = known.get(characteristic.feature)
    if value is None:
        return characteristic.missing
    for step in characteristic.bins:
        if step.below is None or value < step.below:
            return step.points
    raise AssertionError(f"{characteristic.feature}: the last bin has a bound")


def score(card: Card, known: Mapping[str, int]) -> tuple[int, list[Reason]]:
    """The score, and a reason for every characteristic that took points away."""
    total, reasons = card.base, []
    for characteristic in card.characteristics:
        earned = points(characteristic, known)
        total += earned
        if earned < 0:
            reasons.append(reason(characteristic.code, "lowers", earned))
    return total, sorted(reasons, key=lambda r: r.points)


def knocked_out(card: Card, known: Mapping[str, int], product: Product) -> list[Reason]:
    """Reasons that refuse whatever the points."""
    found = [
        reason(k.code, "declines") for k in card.knockouts if known.get(k.feature, 0) > k.above
    ]
    if known["months_registered"] < product.min_months_registered:
        found.insert(0, reason("registered_too_short", "declines"))
    return found


def reckoned_limit(
    card: Card, known: Mapping[str, int], product: Product, *, debt_fen: int
) -> tuple[int, list[Reason]]:
    """min(sales × k1, tax × k2, product cap) - existing debt, before the score's share.

    Sales are what was invoiced in twelve months, or what came in where nothing was invoiced.
    Without tax data a lower share of sales stands in for the tax bound; a firm that shows its
    tax never gets less than that, so that nobody is worse off for having paid tax.
    """
    sales = known["invoiced_12m_fen"] or known["inflow_12m_fen"]
    by_sales = mul_ppm(sales, product.sales_share_ppm)
    unproven = mul_ppm(by_sales, card.missing_tax_share_ppm)
    tax = known.get("tax_filed_12m_fen")
    bounds = {"limited_by_sales": by_sales, "limited_by_product": product.cap_fen}
    reasons = []
    if tax is None:
        bounds["limited_by_sales"] = unproven
        reasons.append(reason("no_tax_record", "lowers"))
    else:
        bounds["limited_by_tax"] = max(mul_ppm(tax, product.tax_multiple_ppm), unproven)
    binding = min(bounds, key=lambda code: bounds[code])
    reasons.append(reason(binding, "caps"))
    if debt_fen > 0:
        reasons.append(reason("existing_debt", "lowers"))
    return max(bounds[binding] - debt_fen, 0), reasons


def decide(
    card: Card,
    features: Features,
    report: Mapping[str, object] | None,
    product: Product,
    *,
    debt_fen: int,
    asked_fen: int | None,
    report_needed: bool,
) -> Verdict:
    """Eligible or not, how much, and why. `debt_fen` is what the firm owes beside this product;
    an offer before the asking needs no report of the bureau, a limit to draw on does."""
    known = facts(features, report)
    total, lowered = score(card, known)
    refused = knocked_out(card, known, product)
    if report_needed and report is None:
        refused.append(reason("no_bureau_report", "declines"))
    granted = [band.share_ppm for band in card.bands if total >= band.min_score]
    if not granted:
        refused.append(reason("score_too_low", "declines"))
    if not known["invoiced_12m_fen"] and not known["inflow_12m_fen"]:
        refused.append(reason("no_sales", "declines"))
    if refused:
        return Verdict(eligible=False, score=total, limit_fen=0, reasons=refused + lowered)
    limit, capped = reckoned_limit(card, known, product, debt_fen=debt_fen)
    if (portion := max(granted)) < PPM:
        limit = mul_ppm(limit, portion)
        capped.append(reason("score_band", "lowers"))
    if asked_fen is not None and asked_fen < limit:
        limit = asked_fen
        capped.append(reason("limited_by_request", "caps"))
    limit = divide_down(limit, LIMIT_STEP_FEN) * LIMIT_STEP_FEN
    if limit < product.min_draw_fen:
        too_small = [reason("limit_too_small", "declines"), *capped, *lowered]
        return Verdict(eligible=False, score=total, limit_fen=0, reasons=too_small)
    return Verdict(eligible=True, score=total, limit_fen=limit, reasons=capped + lowered)
