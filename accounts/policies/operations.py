"""Reads the bank's policies in force on a day."""

from typing import TypeVar

import msgspec

from accounts.policies.model import BankIdentity, Stored
from app.queries import load
from app.work import Work

T = TypeVar("T")
sql = load(__name__)


async def value(work: Work, *, kind: str, shape: type[T]) -> T:
    """The policy in force on the business date, decoded to a shape; each kind always has one."""
    stored = await work.one(Stored, sql.policy_on, kind=kind, on=work.today)
    return msgspec.convert(stored.value, shape)


async def bank(work: Work) -> BankIdentity:
    """This bank's own code and name."""
    return await value(work, kind="bank.identity", shape=BankIdentity)
