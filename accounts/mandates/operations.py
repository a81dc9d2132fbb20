"""Keeps a firm's rules on who must agree to its payments."""

from accounts.mandates.model import NewSecondPersonRule, RuleChanged, SecondPersonRule
from accounts.policies import operations as policies
from app.queries import load
from app.work import Work

sql = load(__name__)


async def second_person_rule(work: Work) -> SecondPersonRule:
    """The firm's own rule, or the bank's policy (version 0)."""
    own = await work.maybe(SecondPersonRule, sql.second_person_rule)
    if own is not None:
        return own
    return await policies.value(work, kind="payments.second_person", shape=SecondPersonRule)


async def set_second_person_rule(work: Work, *, new: NewSecondPersonRule) -> SecondPersonRule:
    """Set when a second person is needed; RuleChanged where another version stands."""
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
