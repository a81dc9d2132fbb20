"""Finds the way of a payment by the terms and the calendar in force."""

from datetime import date, datetime, timedelta

from accounts.policies import operations as policies
from accounts.rails import rules
from accounts.rails.model import DatedTerms, Quote, Rail, Route, Speed
from app.queries import load
from app.reference import operations as calendar
from app.reference.model import DayKind
from app.work import Work

sql = load(__name__)


async def route(work: Work, *, amount_fen: int, speed: Speed) -> Route:
    """The way of an amount to another bank, made now."""
    rails, special = await known(work)
    return rules.route(
        amount_fen=amount_fen, speed=speed, moment=work.now, rails=rails, special=special
    )


async def send_after(work: Work, *, rail: Rail) -> datetime | None:
    """When a payment released now may leave by its system at the earliest; None: at once."""
    rails, special = await known(work)
    return rules.send_after(rail, moment=work.now, rails=rails, special=special)


async def quote(work: Work, *, bank_code: str, amount_fen: int, speed: Speed) -> Quote:
    """What would become of a payment to an account of that bank, made now."""
    bank = await policies.bank(work)
    if rules.is_in_bank(bank_code, own_bank_code=bank.bank_code):
        return rules.in_bank(work.now)
    rails, special = await known(work)
    chosen = rules.route(
        amount_fen=amount_fen, speed=speed, moment=work.now, rails=rails, special=special
    )
    return rules.quoted(chosen, moment=work.now, rails=rails)


async def known(work: Work) -> tuple[list[DatedTerms], dict[date, DayKind]]:
    """Terms and calendar for as long as any system may stay closed, and the day before."""
    until_on = work.today + timedelta(days=rules.LONGEST_CLOSURE_DAYS + 1)
    rails = await work.all(DatedTerms, sql.terms, until_on=until_on)
    special = await calendar.special_days(work, from_on=work.today, until_on=until_on)
    return rails, special
