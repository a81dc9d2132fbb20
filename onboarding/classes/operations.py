"""Ask the rules of account classes with what is in force today."""

from __future__ import annotations

from accounts.limits import operations as limits
from accounts.policies import operations as policies
from app.work import Work
from onboarding.classes import rules
from onboarding.classes.model import (
    AccountClass,
    ClassPolicy,
    ClassRefused,
    ClassTerms,
    Opening,
)

NEXT_STEPS = {
    "basic_account_first": "open the basic account first, or give its number",
    "term_too_long": "choose an earlier last day",
    "simplified_for_small_firms_only": "apply by the full opening",
    "simplified_for_basic_only": "apply by the full opening",
}


async def policy(work: Work) -> ClassPolicy:
    """The rules of classes in force today."""
    return await policies.value(work, kind="opening.classes", shape=ClassPolicy)


async def check(
    work: Work,
    *,
    account_class: AccountClass,
    opening: Opening,
    terms: ClassTerms,
    entity_type: str,
    capital_fen: int,
    has_basic: bool,
) -> None:
    """What the form must say for its class and way of opening; ClassRefused names what is wrong."""
    in_force = await policy(work)
    code = rules.refusal(
        account_class, terms, has_basic=has_basic, policy=in_force, today=work.today
    ) or rules.simplified_refusal(
        opening, account_class, entity_type=entity_type, capital_fen=capital_fen, policy=in_force
    )
    if code is not None:
        step = NEXT_STEPS.get(code, "complete the terms of this class")
        raise ClassRefused(code=code, next_step=step)


async def open_under(work: Work, *, opening: Opening) -> None:
    """A firm that opens by the simplified way pays under a ceiling from the first minute on."""
    if opening == "simplified":
        bounds = (await policy(work)).simplified_bounds
        await limits.put_ceiling(work, single_fen=bounds.single_fen, daily_fen=bounds.daily_fen)
