"""A firm's rules on who must agree to its payments, over HTTP."""

from uuid import UUID

import msgspec
from litestar import Router, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.deposits.routes import READERS
from accounts.mandates import operations
from accounts.mandates.model import (
    Mandate,
    MandateCannotBeMet,
    MandateNamesNoParty,
    MandateNotFound,
    MandateNotOpen,
    NewMandate,
    NewSecondPersonRule,
    RuleChanged,
    SecondPersonRule,
    Verdict,
)
from app.approvals.model import (
    AlreadyDecided,
    ApprovalNotFound,
    DecidedByYou,
    NotYourPlace,
    SelfApproval,
)
from app.http import allow, problems
from app.identity.sessions.model import TooManyCodes
from app.identity.stepups.model import StepUp, StepUpNeeded
from app.once import once
from app.work import Work

OWNER = allow("owner")


class Mandates(msgspec.Struct, frozen=True):
    """All versions of the firm's mandate, newest first."""

    items: list[Mandate]


@get("", guards=[READERS])
async def read_second_person_rule(work: NamedDependency[Work]) -> SecondPersonRule:
    """Above which amounts payments need another person; version 0 is the bank's policy."""
    return await operations.second_person_rule(work)


@put("", guards=[OWNER], responses=problems(RuleChanged, StepUpNeeded))
async def set_second_person_rule(
    work: NamedDependency[Work], data: JSONBody[NewSecondPersonRule]
) -> SecondPersonRule:
    """Set above which amounts payments need another person; to loosen it takes a step-up."""
    return await operations.set_second_person_rule(work, new=data)


@post("/step-ups", guards=[OWNER], responses=problems(TooManyCodes))
@once
async def ask_to_loosen(work: NamedDependency[Work], data: JSONBody[NewSecondPersonRule]) -> StepUp:
    """Ask for the confirmation that loosening the rule to exactly this takes."""
    return await operations.ask_to_loosen(work, new=data)


second_person = Router(
    "/v1/payments/second-person-rule",
    route_handlers=[read_second_person_rule, set_second_person_rule, ask_to_loosen],
    tags=["mandates"],
)


@get("", guards=[READERS])
async def list_mandates(work: NamedDependency[Work]) -> Mandates:
    """All versions of the firm's mandate, newest first."""
    return Mandates(await operations.of_firm(work))


@get("/{mandate_id:uuid}", guards=[READERS], responses=problems(MandateNotFound))
async def read_mandate(work: NamedDependency[Work], mandate_id: FromPath[UUID]) -> Mandate:
    """One version of the firm's mandate."""
    return await operations.get(work, mandate_id=mandate_id)


@post("/step-ups", guards=[OWNER], responses=problems(MandateNamesNoParty, TooManyCodes))
@once
async def ask_to_replace(work: NamedDependency[Work], data: JSONBody[NewMandate]) -> StepUp:
    """Ask for the confirmation that an only owner needs to put exactly this into force."""
    return await operations.ask_to_replace(work, new=data)


@post(
    "",
    guards=[OWNER],
    responses=problems(RuleChanged, MandateCannotBeMet, MandateNamesNoParty, StepUpNeeded),
)
@once
async def replace_mandate(work: NamedDependency[Work], data: JSONBody[NewMandate]) -> Mandate:
    """Replace the mandate: an only owner by a step-up, one of several once another agrees."""
    return await operations.replace(work, new=data)


@post(
    "/{mandate_id:uuid}/decide",
    status_code=200,
    guards=[OWNER],
    responses=problems(
        MandateNotFound,
        MandateNotOpen,
        RuleChanged,
        ApprovalNotFound,
        AlreadyDecided,
        DecidedByYou,
        SelfApproval,
        NotYourPlace,
    ),
)
@once
async def decide_mandate(
    work: NamedDependency[Work], data: JSONBody[Verdict], mandate_id: FromPath[UUID]
) -> Mandate:
    """Answer another owner's proposal; a yes puts it into force."""
    return await operations.decide(work, mandate_id=mandate_id, verdict=data)


mandates = Router(
    "/v1/mandates",
    route_handlers=[list_mandates, read_mandate, ask_to_replace, replace_mandate, decide_mandate],
    tags=["mandates"],
)
