"""The bank's door to the monitors' rules: draft, watch, replay, propose, agree, retire."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from litestar import Router, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody, QueryParameter

from accounts.monitors import operations
from accounts.monitors.model import (
    NewReplay,
    NewRule,
    Replay,
    ReplayNeeded,
    ReplayNotFound,
    ReplayRuns,
    Retirement,
    Rule,
    RuleCard,
    RuleNotFound,
    RuleNotThere,
    RuleState,
    SecondPersonNeeded,
)
from app.http import allow, problems
from app.once import once
from app.pages import BadCursor, Cursor, Limit, Page
from app.work import Work

STAFF = allow("reviewer", "operator", "supervisor")
Found = problems(RuleNotFound, RuleNotThere)


@get("", guards=[STAFF], responses=problems(BadCursor))
async def list_rules(
    work: NamedDependency[Work],
    in_state: Annotated[RuleState | None, QueryParameter(name="state")] = None,
    after: FromQuery[Cursor | None] = None,
    limit: FromQuery[Limit] = 50,
) -> Page[Rule]:
    """Every version of every rule, by code, the newest first."""
    return await operations.search(work, state=in_state, after=after, limit=limit)


@get("/{rule_id:uuid}", guards=[STAFF], responses=problems(RuleNotFound))
async def read_rule(work: NamedDependency[Work], rule_id: FromPath[UUID]) -> RuleCard:
    """A version with its figures: how often it fired and how often it was wrong."""
    return await operations.read(work, rule_id=rule_id)


@post("", guards=[STAFF], responses=problems())
@once
async def draft_rule(work: NamedDependency[Work], data: JSONBody[NewRule]) -> Rule:
    """Write a new version of a rule; it does nothing before it watches or is live."""
    return await operations.draft(work, new=data)


@post("/{rule_id:uuid}/watch", status_code=200, guards=[STAFF], responses=Found)
@once
async def watch_with_rule(work: NamedDependency[Work], rule_id: FromPath[UUID]) -> Rule:
    """Let a draft watch in shadow: what it would do is recorded, nothing is stopped."""
    return await operations.watch(work, rule_id=rule_id)


@post("/{rule_id:uuid}/replay", guards=[STAFF], responses=problems(RuleNotFound, ReplayRuns))
@once
async def replay_rule(
    work: NamedDependency[Work], data: JSONBody[NewReplay], rule_id: FromPath[UUID]
) -> Replay:
    """Run this version over the payments of the last days, in the background."""
    return await operations.ask_replay(work, rule_id=rule_id, new=data)


@get("/{rule_id:uuid}/replay", guards=[STAFF], responses=problems(ReplayNotFound))
async def read_replay(work: NamedDependency[Work], rule_id: FromPath[UUID]) -> Replay:
    """The newest replay of this version and how far it is."""
    return await operations.read_replay(work, rule_id=rule_id)


@post(
    "/{rule_id:uuid}/propose",
    status_code=200,
    guards=[STAFF],
    responses=problems(RuleNotFound, RuleNotThere, ReplayNeeded),
)
@once
async def propose_rule(work: NamedDependency[Work], rule_id: FromPath[UUID]) -> Rule:
    """Ask for a version in shadow to go live; it must have been replayed."""
    return await operations.propose(work, rule_id=rule_id)


@post(
    "/{rule_id:uuid}/put-live",
    status_code=200,
    guards=[STAFF],
    responses=problems(RuleNotFound, RuleNotThere, SecondPersonNeeded),
)
@once
async def put_rule_live(work: NamedDependency[Work], rule_id: FromPath[UUID]) -> Rule:
    """Agree as another person: from now on the version stops what it finds."""
    return await operations.put_live(work, rule_id=rule_id)


@post(
    "/{rule_id:uuid}/retire",
    status_code=200,
    guards=[STAFF],
    responses=problems(RuleNotFound, RuleNotThere, SecondPersonNeeded),
)
@once
async def retire_rule(
    work: NamedDependency[Work], data: JSONBody[Retirement], rule_id: FromPath[UUID]
) -> Rule:
    """Take a version out, with the reason; a live one is out when another person says so too."""
    return await operations.retire(work, rule_id=rule_id, reason=data.reason)


router = Router(
    "/desk/v1/monitor-rules",
    route_handlers=[
        list_rules,
        read_rule,
        draft_rule,
        watch_with_rule,
        replay_rule,
        read_replay,
        propose_rule,
        put_rule_live,
        retire_rule,
    ],
    tags=["desk: monitors"],
)
