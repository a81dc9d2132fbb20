"""A firm's rules on who must agree to its payments, over HTTP."""

from litestar import Router, get, put
from litestar.di import NamedDependency
from litestar.params import JSONBody

from accounts.deposits.routes import READERS
from accounts.mandates import operations
from accounts.mandates.model import NewSecondPersonRule, RuleChanged, SecondPersonRule
from app.http import allow, problems
from app.work import Work


@get("", guards=[READERS])
async def read_second_person_rule(work: NamedDependency[Work]) -> SecondPersonRule:
    """Above which amounts payments need another person; version 0 is the bank's policy."""
    return await operations.second_person_rule(work)


@put("", guards=[allow("owner")], responses=problems(RuleChanged))
async def set_second_person_rule(
    work: NamedDependency[Work], data: JSONBody[NewSecondPersonRule]
) -> SecondPersonRule:
    """Set above which amounts payments need another person."""
    return await operations.set_second_person_rule(work, new=data)


router = Router(
    "/v1/payments/second-person-rule",
    route_handlers=[read_second_person_rule, set_second_person_rule],
    tags=["payments"],
)
