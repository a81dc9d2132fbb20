"""Examines payments, keeps what stood out, and brings rules from a draft to life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from accounts.monitors import rules
from accounts.monitors.model import (
    ActiveRule,
    Example,
    Features,
    Figures,
    Label,
    Looked,
    NewReplay,
    NewRule,
    Past,
    PaymentHeld,
    Replay,
    ReplayAsked,
    ReplayNotFound,
    ReplayRuns,
    Rule,
    RuleCard,
    RuleNotFound,
    RuleState,
    Slice,
    Terms,
    Verdict,
)
from accounts.policies import operations as policies
from app import pages
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
TERMS = "monitors.terms"


async def examine(work: Work, *, payment_id: UUID, amount_fen: int) -> Verdict:
    """What the monitors say of a payment just made: one trip, and one more where a rule fired.

    Call it for payments from `examined_from_fen` on, before anything about them is decided, and
    outside the savepoint of that decision: what stood out stays, whatever becomes of the payment.
    """
    looked = await work.one(Looked, sql.look, payment_id=payment_id)
    verdict = rules.decide(looked.features, looked.rules, terms=looked.terms)
    if verdict.fired:
        await keep(
            work,
            payment_id=payment_id,
            amount_fen=amount_fen,
            verdict=verdict,
            features=looked.features,
        )
    return verdict


async def keep(
    work: Work, *, payment_id: UUID, amount_fen: int, verdict: Verdict, features: Features
) -> None:
    """Keep what stood out about a payment."""
    await work.run(
        sql.keep_verdict,
        payment_id=payment_id,
        amount_fen=amount_fen,
        action=verdict.action,
        score=verdict.score,
        shadow_action=verdict.shadow_action,
        shadow_score=verdict.shadow_score,
        fired=msgspec.to_builtins(verdict.fired),
        features=msgspec.to_builtins(features),
    )


async def open_review(work: Work, *, payment_id: UUID, amount_fen: int, verdict: Verdict) -> None:
    """Put a held payment into the desk's queue, with the moment by which the bank decides; its
    owner is asked whether it is theirs."""
    bank = await terms(work)
    await work.run(
        sql.open_review,
        payment_id=payment_id,
        amount_fen=amount_fen,
        score=verdict.score,
        rule_ids=[reason.rule_id for reason in verdict.reasons],
        owner_zh=verdict.owner_zh,
        owner_en=verdict.owner_en,
        levels=rules.levels(amount_fen, bank),
        due_at=work.now + timedelta(minutes=bank.review_minutes),
    )
    await work.emit(PaymentHeld(payment_id=payment_id, amount_fen=amount_fen))


async def call_off_review(work: Work, *, payment_id: UUID) -> None:
    """The held payment was called off by its firm."""
    await work.run(sql.call_off_review, payment_id=payment_id)


async def keep_outcome(
    work: Work,
    *,
    payment_id: UUID,
    rule_ids: Sequence[UUID],
    outcome: Label,
    said_by: Literal["desk", "owner"],
) -> None:
    """Whether the rules were right about a payment; the first word about it stands."""
    await work.run(
        sql.keep_outcomes,
        payment_id=payment_id,
        rule_ids=list(rule_ids),
        outcome=outcome,
        said_by=said_by,
    )


async def draft(work: Work, *, new: NewRule) -> Rule:
    """A new version of a rule; it does nothing yet."""
    rule = await work.one(
        Rule,
        sql.add_rule,
        id=new_id(),
        code=new.code,
        family=new.family,
        conditions=msgspec.to_builtins(new.conditions),
        score=new.score,
        staff_zh=new.staff_zh,
        staff_en=new.staff_en,
        owner_zh=new.owner_zh,
        owner_en=new.owner_en,
    )
    await work.record("monitor_rule.drafted", object_id=rule.id, code=rule.code)
    return rule


async def search(
    work: Work, *, state: RuleState | None, after: str | None, limit: int
) -> pages.Page[Rule]:
    """All versions of all rules, by code, the newest first."""
    code, version = pages.decode_cursor(after, str, int) if after else (None, None)
    rows = await work.all(
        Rule, sql.rules_page, state=state, after_code=code, after_version=version, most=limit + 1
    )
    return pages.page(rows, limit, lambda rule: (rule.code, rule.version))


async def read(work: Work, *, rule_id: UUID) -> RuleCard:
    """A version with its figures and its newest replay."""
    rule = await work.maybe(Rule, sql.rule, id=rule_id)
    if rule is None:
        raise RuleNotFound(rule_id=rule_id)
    figures = await work.one(
        Figures,
        sql.figures,
        rule_id=rule_id,
        fired=[{"rule_id": str(rule_id)}],
        stopping=[{"rule_id": str(rule_id), "live": True}],
    )
    return RuleCard(rule=rule, figures=figures, replay=await _newest_replay(work, rule_id))


async def _newest_replay(work: Work, rule_id: UUID) -> Replay | None:
    return await work.maybe(Replay, sql.newest_replay, rule_id=rule_id)


async def _lock(work: Work, rule_id: UUID) -> Rule:
    rule = await work.maybe(Rule, sql.lock_rule, id=rule_id)
    if rule is None:
        raise RuleNotFound(rule_id=rule_id)
    return rule


async def watch(work: Work, *, rule_id: UUID) -> Rule:
    """Let a draft watch in shadow: it stops nothing. Another version in shadow makes room."""
    rule = await _lock(work, rule_id)
    rules.move(rule, "shadow")
    await work.run(
        sql.retire_others, code=rule.code, state="shadow", id=rule.id, because="a newer version"
    )
    await work.run(sql.put_in_shadow, id=rule.id)
    return await _recorded(work, rule, "monitor_rule.watches")


async def propose(work: Work, *, rule_id: UUID) -> Rule:
    """Ask for a version in shadow to go live; ReplayNeeded unless a replay of it is done."""
    rule = await _lock(work, rule_id)
    replay = await _newest_replay(work, rule_id)
    rules.may_propose(rule, replayed=replay is not None and replay.state == "done")
    assert replay is not None
    await work.run(sql.propose, id=rule.id, replay_id=replay.id)
    return await _recorded(work, rule, "monitor_rule.proposed")


async def put_live(work: Work, *, rule_id: UUID) -> Rule:
    """Agree as another person: the version is live, the one before it retired."""
    rule = await _lock(work, rule_id)
    rules.may_go_live(rule, principal=work.actor.principal)
    await work.run(
        sql.retire_others, code=rule.code, state="live", id=rule.id, because="a newer version"
    )
    await work.run(sql.put_live, id=rule.id)
    return await _recorded(work, rule, "monitor_rule.live")


async def retire(work: Work, *, rule_id: UUID, reason: str) -> Rule:
    """Take a version out, with the reason; a live one by two people: the first one's word waits.

    Raises RuleNotFound, RuleNotThere, and SecondPersonNeeded where the first one says it again.
    """
    rule = await _lock(work, rule_id)
    rules.move(rule, "retired")
    if not rules.may_retire(rule, principal=work.actor.principal):
        await work.run(sql.want_retired, id=rule.id, because=reason)
        return await _recorded(work, rule, "monitor_rule.retirement_wanted")
    await work.run(sql.retire, id=rule.id, because=reason)
    return await _recorded(work, rule, "monitor_rule.retired")


async def _recorded(work: Work, rule: Rule, action: str) -> Rule:
    await work.record(action, object_id=rule.id, code=rule.code, version=rule.version)
    return await work.one(Rule, sql.rule, id=rule.id)


async def ask_replay(work: Work, *, rule_id: UUID, new: NewReplay) -> Replay:
    """Begin to run a version over the payments of the last days; ReplayRuns while one does."""
    await _lock(work, rule_id)
    known = await _newest_replay(work, rule_id)
    if known is not None and known.state == "running":
        raise ReplayRuns(replay_id=known.id)
    replay_id = new_id()
    await work.run(
        sql.add_replay, id=replay_id, rule_id=rule_id, from_at=work.now - timedelta(days=new.days)
    )
    await work.emit(ReplayAsked(replay_id=replay_id))
    await work.record("monitor_rule.replay", object_id=rule_id, days=new.days)
    return await read_replay(work, rule_id=rule_id)


async def read_replay(work: Work, *, rule_id: UUID) -> Replay:
    """The newest replay of a version with its progress; ReplayNotFound where there is none."""
    replay = await _newest_replay(work, rule_id)
    if replay is None:
        raise ReplayNotFound(rule_id=rule_id)
    return replay


async def terms(work: Work) -> Terms:
    """The bank's policy in force."""
    return await policies.value(work, kind=TERMS, shape=Terms)


async def replay_state(
    work: Work, *, replay_id: UUID
) -> tuple[Slice, ActiveRule, list[ActiveRule]]:
    """Where a replay stands, its rule, and the rules in force beside it."""
    where = await work.one(Slice, sql.replay_slice_state, id=replay_id)
    rule = await work.one(Rule, sql.rule, id=where.rule_id)
    as_active = ActiveRule(
        id=rule.id,
        code=rule.code,
        version=rule.version,
        conditions=rule.conditions,
        score=rule.score,
        owner_zh=rule.owner_zh,
        owner_en=rule.owner_en,
        live=False,
    )
    return where, as_active, await work.all(ActiveRule, sql.active_rules)


async def replay_size(work: Work, *, where: Slice, amount_from: int) -> int:
    """How many past payments there are to look at; runs as `nightly`."""
    return await work.one(
        int,
        sql.replay_size,
        from_at=where.from_at,
        until_at=where.until_at,
        amount_from=amount_from,
    )


async def start_counting(work: Work, *, replay_id: UUID, payments: int) -> None:
    """Say how much there is to look at."""
    await work.run(sql.start_counting, id=replay_id, payments=payments)


async def past(work: Work, *, where: Slice, amount_from: int, most: int) -> list[Past]:
    """The next past payments with what was known of each; runs as `nightly`."""
    return await work.all(
        Past,
        sql.replay_slice,
        from_at=where.from_at,
        until_at=where.until_at,
        amount_from=amount_from,
        after_business=where.after_business,
        after_payment=where.after_payment,
        most=most,
    )


async def add_slice(
    work: Work,
    *,
    where: Slice,
    slice_of: Sequence[Past],
    rule: ActiveRule,
    active: Sequence[ActiveRule],
) -> None:
    """Add a slice to its replay and move it on; with an empty one the replay is done."""
    if not slice_of:
        await work.run(sql.finish_replay, id=where.id)
        return
    found = rules.tally(slice_of, rule, active, terms=await terms(work))
    counts = msgspec.structs.asdict(found)
    shown: list[Example] = rules.examples(where.examples, found.examples)
    await work.run(
        sql.move_on,
        id=where.id,
        after_business=where.after_business,
        after_payment=where.after_payment,
        to_business=slice_of[-1].business_id,
        to_payment=slice_of[-1].payment_id,
        **counts | {"examples": msgspec.to_builtins(shown)},
    )


async def roll_up(work: Work, *, on: date) -> None:
    """Count closed days once; runs as `nightly` over all firms."""
    await work.one(int, sql.roll_up, on=on)
