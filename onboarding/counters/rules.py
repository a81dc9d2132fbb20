"""When an account may be opened at the counter, and what the teller does next."""

from __future__ import annotations

from collections.abc import Sequence

from onboarding.applications.model import ApplicationState
from onboarding.counters.model import Confirmed, NotConfirmed
from onboarding.visits.model import ToBring, VisitNotOpen, VisitState


def check_completion(state: VisitState, confirmed: Confirmed, bring: Sequence[ToBring]) -> None:
    """Raises unless somebody is there and everything was confirmed and seen.

    银发〔2019〕41号: identity and the will to open are verified face to face, always.
    """
    if state not in ("checked_in", "serving"):
        raise VisitNotOpen(state=state)
    missing = [
        name
        for name, done in (
            ("identity_confirmed", confirmed.identity_confirmed),
            ("will_confirmed", confirmed.will_confirmed),
            ("seals_taken", confirmed.seals_taken),
        )
        if not done
    ]
    missing += [one.code for one in bring if one.needed and one.code not in confirmed.papers_seen]
    if missing:
        raise NotConfirmed(missing=missing)


def next_step(state: VisitState, application_state: ApplicationState) -> str:
    """What the teller does next, in words."""
    if state in ("completed", "cancelled", "missed"):
        return "本次预约已结束"
    if application_state != "approved":
        return "开户申请尚未审核通过，暂不能办理"
    if state == "booked":
        return "请扫描客户签到码或核对预约凭证号签到"
    if state == "checked_in":
        return "客户等候中，可叫号办理"
    return "核对证件原件与本人、询问开户意愿、预留印鉴后确认"
