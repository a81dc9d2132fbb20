"""Keeps a firm's rules on who must agree to its payments, and asks those people."""

from collections.abc import Sequence
from uuid import UUID

from accounts.mandates import rules
from accounts.mandates.model import (
    Look,
    Mandate,
    MandateNamesNoParty,
    MandateNotFound,
    Need,
    NewMandate,
    NewSecondPersonRule,
    Paying,
    Purpose,
    RuleChanged,
    SecondPersonRule,
    Standing,
    Together,
    Verdict,
    Waiting,
)
from accounts.policies import operations as policies
from app import clock
from app.approvals import operations as approvals
from app.approvals.model import Places
from app.identity.stepups import operations as stepups
from app.identity.stepups.model import StepUp
from app.ids import new_id
from app.queries import load
from app.work import Work

sql = load(__name__)
KIND = "mandate"
RULE = "second-person rule"


async def needed(
    work: Work,
    *,
    maker: UUID,
    amount_fen: int,
    in_bank: bool,
    payee: Standing,
    party_id: UUID | None,
    purpose: Purpose,
) -> Need:
    """Who must agree to this payment, and whether it takes a step-up; one query."""
    began = clock.start_of_day(work.today)
    look = await work.one(Look, sql.look, maker=maker, day_began=began)
    paying = Paying(
        amount_fen=amount_fen,
        in_bank=in_bank,
        maker=look.role or "",
        payee=payee,
        party_id=party_id,
        purpose=purpose,
        day_sum_fen=amount_fen + (look.day.sum_fen if look.day else 0),
        day_count=1 + (look.day.count if look.day else 0),
    )
    return rules.needed(look, paying)


async def needed_together(
    work: Work, *, maker: UUID, payings: Sequence[Together]
) -> tuple[Places, bool]:
    """What payments agreed to as one need: the places that ask for the most people, and whether
    any of them takes a step-up; one query."""
    look = await work.one(Look, sql.look, maker=maker, day_began=clock.start_of_day(work.today))
    return rules.needed_together(look, payings)


async def ask(
    work: Work,
    *,
    kind: str,
    object_id: UUID,
    version: int,
    amount_fen: int | None,
    places: Places,
    made_by: UUID,
) -> UUID:
    """Put the question to those people; they are told, rung for, and it ends by the clock."""
    waiting = await policies.value(work, kind="approvals.waiting", shape=Waiting)
    return await approvals.request(
        work,
        kind=kind,
        object_id=object_id,
        version=version,
        amount_fen=amount_fen,
        exclude=[made_by],
        places=places,
        term=approvals.term(
            work.now, remind_hours=waiting.remind_hours, expire_hours=waiting.expire_hours
        ),
    )


async def second_person_rule(work: Work) -> SecondPersonRule:
    """The firm's own rule, or the bank's policy (version 0)."""
    own = await work.maybe(SecondPersonRule, sql.second_person_rule)
    if own is not None:
        return own
    return await policies.value(work, kind="payments.second_person", shape=SecondPersonRule)


async def ask_to_loosen(work: Work, *, new: NewSecondPersonRule) -> StepUp:
    """Ask for the confirmation that loosening the second-person rule takes; TooManyCodes."""
    facts = rules.rule_facts(new)
    return await stepups.ask(work, action=RULE, facts=facts, text="放宽付款复核金额")


async def set_second_person_rule(work: Work, *, new: NewSecondPersonRule) -> SecondPersonRule:
    """Set when a second person is needed; RuleChanged where another version stands, StepUpNeeded
    where it would loosen the rule."""
    if rules.loosens(new, await second_person_rule(work)):
        facts = rules.rule_facts(new)
        await stepups.use(work, step_up_id=new.step_up_id, action=RULE, facts=facts)
    amounts = {
        "outside_above_fen": new.outside_above_fen,
        "in_bank_above_fen": new.in_bank_above_fen,
    }
    if new.version == 0:
        changed = await work.run(sql.begin_second_person_rule, **amounts)
    else:
        changed = await work.run(sql.change_second_person_rule, version=new.version, **amounts)
    rule = await second_person_rule(work)
    if not changed:
        raise RuleChanged(version=rule.version)
    await work.record("payment.rule", version=rule.version)
    return rule


async def of_firm(work: Work) -> list[Mandate]:
    """All versions of the firm's mandate, newest first."""
    return await work.all(Mandate, sql.mandates)


async def get(work: Work, *, mandate_id: UUID) -> Mandate:
    """One version, or MandateNotFound."""
    mandate = await work.maybe(Mandate, sql.read_mandate, id=mandate_id)
    if mandate is None:
        raise MandateNotFound(mandate_id=mandate_id)
    return mandate


async def ask_to_replace(work: Work, *, new: NewMandate) -> StepUp:
    """Ask for the confirmation that puts this mandate into force; TooManyCodes."""
    await _know_parties(work, new)
    text = f"修改付款授权规则（共{len(new.lines)}条）"
    return await stepups.ask(work, action=KIND, facts=rules.mandate_facts(new), text=text)


async def replace(work: Work, *, new: NewMandate) -> Mandate:
    """Replace the mandate: at once by the only owner's step-up, else once another owner agrees.

    RuleChanged, MandateCannotBeMet, MandateNamesNoParty, StepUpNeeded. An earlier proposal gives
    way."""
    person = work.actor.person_id
    assert person is not None, "owners make mandates"
    rules.seen(new, await work.maybe(Mandate, sql.in_force))
    members = await approvals.people(work)
    roles = [member.role for member in members if member.stands_for is None]
    rules.can_be_met(new.lines, roles)
    await _know_parties(work, new)
    await _reject_proposal(work)
    mandate = await work.one(Mandate, sql.propose, id=new_id(), lines=new.lines)
    await work.record("mandate.proposed", object_id=mandate.id, version=mandate.version)
    if roles.count("owner") == 1:
        facts = rules.mandate_facts(new)
        await stepups.use(work, step_up_id=new.step_up_id, action=KIND, facts=facts)
        return await _put_in_force(work, mandate)
    await ask(
        work,
        kind=KIND,
        object_id=mandate.id,
        version=mandate.version,
        amount_fen=None,
        places=Places(steps=[["owner"]]),
        made_by=person,
    )
    return mandate


async def _know_parties(work: Work, new: NewMandate) -> None:
    named = sorted({party_id for line in new.lines for party_id in line.party_ids})
    if named and await work.one(int, sql.parties_known, ids=named) != len(named):
        raise MandateNamesNoParty()


async def _reject_proposal(work: Work) -> None:
    rejected = await work.maybe(UUID, sql.reject_proposal)
    if rejected is not None:
        await approvals.withdraw(work, kind=KIND, object_id=rejected)


async def _put_in_force(work: Work, mandate: Mandate) -> Mandate:
    await work.run(sql.replace)
    mandate = await work.one(Mandate, sql.put_in_force, id=mandate.id)
    await work.record("mandate.in_force", object_id=mandate.id, version=mandate.version)
    return mandate


async def decide(work: Work, *, mandate_id: UUID, verdict: Verdict) -> Mandate:
    """Another owner's answer to a proposal; MandateNotFound, MandateNotOpen, RuleChanged, and
    what approvals raise."""
    mandate = await work.maybe(Mandate, sql.mandate, id=mandate_id)
    if mandate is None:
        raise MandateNotFound(mandate_id=mandate_id)
    rules.open_to_answers(mandate, version=verdict.version)
    decision = await approvals.decide(
        work,
        kind=KIND,
        object_id=mandate_id,
        version=verdict.version,
        approve=verdict.approve,
        reason=verdict.reason,
    )
    if decision.approved:
        return await _put_in_force(work, mandate)
    if decision.settled:
        await work.run(sql.reject_proposal)
    return await get(work, mandate_id=mandate_id)


async def end_unanswered(work: Work, *, mandate_id: UUID) -> None:
    """A proposal that nobody answered in time is off."""
    mandate = await work.maybe(Mandate, sql.mandate, id=mandate_id)
    if mandate is not None and mandate.state == "proposed":
        await work.run(sql.reject_proposal)
        await work.record("mandate.expired", object_id=mandate_id)
