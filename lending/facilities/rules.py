"""The decisions about limits: consents, what is left, when a limit ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from lending.decisions.model import Decision
from lending.facilities.model import (
    CONSENT_TEXTS,
    Application,
    ApplicationView,
    ConsentMissing,
    ConsentTextOutdated,
    Facility,
    FacilityNotActive,
    FacilityView,
    LimitExceeded,
    NewConsent,
)


def check_consents(given: Sequence[NewConsent]) -> None:
    """Every text in its present version, each once (征信业管理条例 art. 18: written consent)."""
    versions = {consent.kind: consent.text_version for consent in given}
    for text in CONSENT_TEXTS:
        if text.kind not in versions:
            raise ConsentMissing(missing=text.kind)
        if versions[text.kind] != text.version:
            raise ConsentTextOutdated(kind=text.kind, version=text.version)


def available(facility: Facility, *, today: date) -> int:
    """Fen that can be drawn today; nothing of a limit that is only offered, or has ended."""
    if facility.state != "active" or today >= facility.ends_on:
        return 0
    return max(facility.limit_fen - facility.used_fen, 0)


def check_drawing(facility: Facility, amount_fen: int, *, today: date) -> None:
    """Whether so much can be drawn today."""
    if facility.state != "active" or today >= facility.ends_on:
        raise FacilityNotActive(facility_id=facility.id, state=facility.state)
    left = available(facility, today=today)
    if amount_fen > left:
        raise LimitExceeded(facility_id=facility.id, available_fen=left)


def view(facility: Facility, decision: Decision, *, today: date) -> FacilityView:
    """What the firm sees."""
    return FacilityView(
        id=facility.id,
        product_code=facility.product_code,
        limit_fen=facility.limit_fen,
        used_fen=facility.used_fen,
        available_fen=available(facility, today=today),
        state="ended" if today >= facility.ends_on else facility.state,
        granted_on=facility.granted_on,
        ends_on=facility.ends_on,
        score=decision.score,
        scorecard_version=decision.scorecard_version,
        reasons=decision.reasons,
    )


def application_view(application: Application, decision: Decision | None) -> ApplicationView:
    """What the firm sees of an application."""
    return ApplicationView(
        id=application.id,
        product_code=application.product_code,
        asked_fen=application.asked_fen,
        state=application.state,
        submitted_at=application.submitted_at,
        decided_at=application.decided_at,
        score=decision.score if decision else None,
        limit_fen=decision.limit_fen if decision else None,
        reasons=decision.reasons if decision else [],
    )
