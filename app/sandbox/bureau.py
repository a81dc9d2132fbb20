"""Plays the credit bureau: a report per subject, the same for the same seed."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, ClassVar, Literal

import msgspec
from msgspec import Struct

from app.outside.bureau import CreditReport, NewReport
from app.outside.model import Outcome, SystemName
from app.sandbox.identifiers import is_resident_id, is_uscc
from app.sandbox.system import Refused, Request, System, decode, done, refused

INQUIRY_WINDOW = timedelta(days=92)


class Facts(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What lenders and courts told the bureau about a subject."""

    external_debt_fen: int = 0
    guaranteed_fen: int = 0
    overdue_months_24: int = 0
    overdue_now_fen: int = 0
    worst_class: Literal["normal", "special_mention", "substandard", "doubtful", "loss"] = "normal"
    other_inquiries_3_months: int = 0
    enforcement_cases: int = 0
    dishonest: bool = False


class SetSubject(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody reports about a subject."""

    subject_id: str
    facts: Facts


class Bureau(System):
    """Reports given, facts reported."""

    name: ClassVar[SystemName] = "bureau"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "reports": ("report", NewReport, False)
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.facts: dict[str, Facts] = {}
        self._inquiries: dict[str, list[date]] = defaultdict(list)

    def state(self) -> dict[str, Any]:
        """What was reported, and when whom was asked about."""
        return {"facts": self.facts, "inquiries": self._inquiries}

    def facts_about(self, subject_id: str) -> tuple[bool, Facts]:
        """Reported facts; without any, half of the subjects have a small clean history."""
        if subject_id in self.facts:
            return True, self.facts[subject_id]
        dice = hashlib.sha256(f"{self.seed}:{subject_id}".encode()).digest()
        if dice[0] < 128:
            return False, Facts()
        return True, Facts(
            external_debt_fen=(dice[1] % 20) * 1_000_000, other_inquiries_3_months=dice[2] % 3
        )

    def decide(self, kind: str, new: NewReport) -> Outcome[CreditReport]:
        """The report; without consent, or for a false number, none."""
        valid = is_uscc if new.subject_kind == "firm" else is_resident_id
        if not new.consent_id:
            return refused(new.reference, "no_consent", "未取得信息主体书面授权")
        if not valid(new.subject_id):
            return refused(new.reference, "subject_id", "信息主体标识有误")
        has_history, facts = self.facts_about(new.subject_id)
        known = msgspec.structs.asdict(facts)
        inquiries = known.pop("other_inquiries_3_months") + sum(
            1
            for asked_on in self._inquiries[new.subject_id]
            if timedelta(0) <= new.asked_on - asked_on <= INQUIRY_WINDOW
        )
        number = f"CR{new.asked_on:%Y%m%d}{len(self.requests) + 1:010d}"
        report = CreditReport(
            report_number=number,
            subject_kind=new.subject_kind,
            asked_on=new.asked_on,
            has_history=has_history,
            inquiries_3_months=inquiries,
            **known,
        )
        return done(new.reference, report)

    def meaning(self, kind: str, plain: dict[str, Any]) -> dict[str, Any]:
        """A report asked for again on a later day is still the first one."""
        return {field: value for field, value in plain.items() if field != "asked_on"}

    def on_taken(self, request: Request) -> None:
        """Every report given is an inquiry that later reports show."""
        if request.decided["state"] == "done":
            asked_on = date.fromisoformat(request.body["asked_on"])
            self._inquiries[request.body["subject_id"]].append(asked_on)

    def simulate(self, what: str, body: bytes) -> Any:
        """`subject`: facts are reported about a firm or a person."""
        if what != "subject":
            raise Refused(404, "no_such_simulation")
        order = decode(body, SetSubject)
        self.record_simulated(what, order)
        return order

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Keep what was reported."""
        self.facts[body["subject_id"]] = msgspec.convert(body["facts"], Facts)
