"""The arithmetic of loans: schedules to the fen in integers and exact ratios, and yearly cost."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from math import gcd

from app.money import divide_down, divide_half_even, divide_half_up
from lending.loans.model import (
    ACTUAL_360,
    ACTUAL_ACTUAL,
    FIRST_YEAR,
    LAST_YEAR,
    THIRTY_360,
    BelowSmallestDrawing,
    CostDisclosure,
    CostOutOfRange,
    DatesOutOfRange,
    DownPaymentTakesAll,
    DueDatesDoNotFit,
    Every,
    GraceTooLong,
    Instalment,
    LoanQuote,
    LoanTerms,
    MethodNotOffered,
    NewLoanQuote,
    Rounding,
    TermNotOffered,
    Totals,
)
from lending.products.model import Product
from lending.products.rules import add_months, annual_rate, overdue_rate

Ratio = tuple[int, int]
Divide = Callable[[int, int], int]

PPM = 1_000_000
_DAYS = {"day": 1, "week": 7}
_PER_YEAR = {"day": 365, "week": 52, "month": 12}
_BITS = 128
_ONE = 1 << _BITS
_MAX_COST_PPM = 10**12


def divider(rounding: Rounding) -> Divide:
    """The rounding of every division of one schedule."""
    return divide_half_up if rounding == "half_up" else divide_half_even


def to_multiple(numerator: int, denominator: int, multiple: int, divide: Divide) -> int:
    """The multiple nearest to a ratio of fen."""
    return multiple * divide(numerator, denominator * multiple)


def due_dates(terms: LoanTerms) -> list[date]:
    """When each instalment is due: as given, or every so many days, weeks, months."""
    if terms.disbursed_on.year < FIRST_YEAR:
        raise DatesOutOfRange(first_year=FIRST_YEAR, last_year=LAST_YEAR)
    if terms.due_dates:
        given = terms.due_dates
        before = [terms.disbursed_on, *given]
        if len(given) != terms.instalment_count or any(
            later <= earlier for earlier, later in zip(before, given, strict=False)
        ):
            raise DueDatesDoNotFit(instalment_count=terms.instalment_count, due_dates=len(given))
        if given[-1].year > LAST_YEAR:
            raise DatesOutOfRange(first_year=FIRST_YEAR, last_year=LAST_YEAR)
        return given
    counts = range(1, terms.instalment_count + 1)
    step = terms.every.count
    if terms.every.unit == "month":
        months = terms.disbursed_on.month + step * terms.instalment_count
        if terms.disbursed_on.year * 12 + months > (LAST_YEAR + 1) * 12:
            raise DatesOutOfRange(first_year=FIRST_YEAR, last_year=LAST_YEAR)
        return [add_months(terms.disbursed_on, k * step) for k in counts]
    days = step * _DAYS[terms.every.unit]
    room = date(LAST_YEAR, 12, 31).toordinal() - terms.disbursed_on.toordinal()
    if days * terms.instalment_count > room:
        raise DatesOutOfRange(first_year=FIRST_YEAR, last_year=LAST_YEAR)
    return [terms.disbursed_on + timedelta(days=k * days) for k in counts]


def _actual_actual(start: date, end: date) -> Ratio:
    """Days over the length of their own year; a crossing period is split at 31 December."""
    days = [0, 0]
    for year in range(start.year, end.year):
        turn = date(year, 12, 31)
        days[isleap(year)] += (turn - start).days
        start = turn
    days[isleap(end.year)] += (end - start).days
    return days[0] * 366 + days[1] * 365, 365 * 366


def year_fraction(start: date, end: date, *, every: Every, day_count: str) -> Ratio:
    """The part of a year that one period counts, head counted and tail not.

    30 over 360 gives a monthly period its nominal days even where its due date was moved.
    """
    if day_count == THIRTY_360 and every.unit == "month":
        return 30 * every.count, 360
    if day_count == ACTUAL_ACTUAL:
        return _actual_actual(start, end)
    return (end - start).days, 360 if day_count in (THIRTY_360, ACTUAL_360) else 365


def period_rates(terms: LoanTerms, dates: Sequence[date]) -> list[Ratio]:
    """The rate of each period as an exact ratio in lowest terms, equal ones the same object."""
    rates: list[Ratio] = []
    seen: dict[Ratio, Ratio] = {}
    start = terms.disbursed_on
    if terms.day_count == THIRTY_360 and terms.every.unit == "month":
        dates, nominal = dates[:1], len(dates)
    else:
        nominal = 1
    for end in dates:
        fraction = year_fraction(start, end, every=terms.every, day_count=terms.day_count)
        rate = seen.get(fraction)
        if rate is None:
            numerator, denominator = terms.annual_rate_ppm * fraction[0], PPM * fraction[1]
            common = gcd(numerator, denominator)
            rate = divide_down(numerator, common), divide_down(denominator, common)
            seen[fraction] = rate
        rates.append(rate)
        start = end
    return rates * nominal


def annuity(principal_fen: int, rates: Sequence[Ratio]) -> Ratio:
    """The equal instalment as an exact ratio of fen: principal grown to the end over the sum of
    one fen per period grown to the end (each period at its own rate)."""
    first = rates[0]
    count = len(rates)
    if rates.count(first) == count:
        numerator, denominator = first
        if numerator == 0:
            return principal_fen, count
        grown, base = (numerator + denominator) ** count, denominator**count
        return principal_fen * numerator * grown, denominator * (grown - base)
    common = 1
    for _, denominator in rates:
        common = divide_down(common * denominator, gcd(common, denominator))
    grown, sum_grown, base = 1, 0, 1
    for numerator, denominator in rates:
        factor = common + divide_down(numerator * common, denominator)
        base *= common
        grown *= factor
        sum_grown = sum_grown * factor + base
    return principal_fen * grown, sum_grown


def total_interest(principal_fen: int, rates: Sequence[Ratio]) -> Ratio:
    """Interest on an unchanging principal over several periods, not yet rounded."""
    numerator, denominator = 0, 1
    for n, d in rates:
        numerator, denominator = numerator * d + n * denominator, denominator * d
        common = gcd(numerator, denominator)
        numerator, denominator = divide_down(numerator, common), divide_down(denominator, common)
    return principal_fen * numerator, denominator


def down_payment(terms: LoanTerms) -> int:
    """Fen paid on the first day, rounded to the multiple."""
    paid = to_multiple(
        terms.principal_fen * terms.down_payment_ppm,
        PPM,
        terms.instalment_multiple_fen,
        divider(terms.rounding),
    )
    if paid >= terms.principal_fen:
        raise DownPaymentTakesAll(down_payment_fen=paid, principal_fen=terms.principal_fen)
    return paid


def level(terms: LoanTerms, financed_fen: int, rates: Sequence[Ratio]) -> tuple[int, bool]:
    """What stays the same in every row after the grace, rounded to the multiple, and whether it
    is the whole payment (whose principal is what the interest leaves) or the principal part."""
    divide, multiple = divider(terms.rounding), terms.instalment_multiple_fen
    paying = terms.instalment_count - terms.grace_principal
    if terms.method == "equal_instalment":
        ratio = annuity(financed_fen, rates[terms.grace_principal :])
        return to_multiple(*ratio, multiple, divide), True
    if terms.method == "equal_principal":
        return to_multiple(financed_fen, paying, multiple, divide), False
    if terms.method == "flat" and multiple > 1:
        interest = flat_interest(terms, financed_fen, rates)[0]
        return to_multiple(financed_fen + interest * paying, paying, multiple, divide), True
    return divide(financed_fen, paying) if terms.method == "flat" else 0, False


def flat_interest(terms: LoanTerms, financed_fen: int, rates: Sequence[Ratio]) -> tuple[int, int]:
    """Interest of an ordinary row and of the whole loan: the whole amount bears interest over the
    whole term and every row carries the same share of it."""
    divide = divider(terms.rounding)
    numerator, denominator = total_interest(financed_fen, rates)
    return divide(numerator, denominator * len(rates)), divide(numerator, denominator)


def fixed_interest(terms: LoanTerms, financed_fen: int, rates: Sequence[Ratio]) -> list[int]:
    """The interest of every row where it does not depend on the balance: flat, whose last row
    takes the residual, and bullet, rounded once over the periods that are not waived."""
    count, free = len(rates), terms.interest_free
    if terms.method == "flat":
        row, total = flat_interest(terms, financed_fen, rates)
        parts = [max(min(row, total - row * index), 0) for index in range(count - 1)]
        return ([0] * free + [*parts, total - sum(parts)][free:])[:count]
    if terms.method == "bullet":
        whole = total_interest(financed_fen, rates[free:])
        return [0] * (count - 1) + [divider(terms.rounding)(*whole)]
    return []


def amounts(terms: LoanTerms, financed_fen: int, rates: list[Ratio]) -> tuple[list[int], list[int]]:
    """Principal and interest of every row before any interest is deferred.

    Waived interest leaves the instalment as it is, so that more of it is principal. A row whose
    own interest is above the equal instalment pays that interest and no principal; the last row
    clears the balance.
    """
    divide, fixed = divider(terms.rounding), fixed_interest(terms, financed_fen, rates)
    level_fen, whole = level(terms, financed_fen, rates)
    charged = [(0, 1)] * terms.interest_free + rates[terms.interest_free :]
    first, count = terms.grace_principal, len(rates)
    principals, interests, balance = [0] * first, [], financed_fen
    for index, (numerator, denominator) in enumerate(charged[:count]):
        own = fixed[index] if fixed else divide(balance * numerator, denominator)
        interests.append(own)
        if index >= first:
            principal = level_fen - own if whole else level_fen
            if principal > balance:
                principal = balance
            elif principal < 0:
                principal = 0
            balance -= principal
            principals.append(principal)
    principals[-1] += balance
    return principals, interests


def deferred(interests: list[int], periods: int) -> list[int]:
    """The interest of the first periods, paid with the first row after them instead."""
    return [0] * periods + [sum(interests[: periods + 1]), *interests[periods + 1 :]]


def schedule(terms: LoanTerms) -> list[Instalment]:
    """The rows of a loan. Interest is never capitalised; the last row clears the balance."""
    count = terms.instalment_count
    if terms.grace_principal >= count or terms.grace_interest >= count:
        raise GraceTooLong(instalment_count=count)
    dates = due_dates(terms)
    rates = period_rates(terms, dates)
    rows: list[Instalment] = []
    balance, start = terms.principal_fen, terms.disbursed_on
    if terms.down_payment_ppm and (paid := down_payment(terms)):
        balance -= paid
        rows.append(Instalment(1, start, start, paid, 0, paid, balance))
    principals, interests = amounts(terms, balance, rates)
    if terms.grace_interest:
        interests = deferred(interests, terms.grace_interest)
    numbers = range(len(rows) + 1, len(rows) + count + 1)
    for no, due_on, principal, interest in zip(numbers, dates, principals, interests, strict=True):
        balance -= principal
        total = principal + interest
        rows.append(Instalment(no, start, due_on, principal, interest, total, balance))
        start = due_on
    return rows


def period_cost(received_fen: int, payments_fen: Sequence[int]) -> int:
    """The rate of one period that makes the payments worth what was received, as a fixed-point
    number with 128 binary places.

    The value of the payments is a convex, rising polynomial of the discount factor, so Newton's
    steps from 1 come down to the root and never pass it.
    """
    coefficients = [*reversed(payments_fen), -received_fen]
    factor = _ONE
    while True:
        value = slope = 0
        for coefficient in coefficients:
            slope = (slope * factor >> _BITS) + value
            value = (value * factor >> _BITS) + (coefficient << _BITS)
        step = divide_down(value << _BITS, slope) if value > 0 else 0
        if step <= 0:
            return divide_half_up(1 << 2 * _BITS, factor) - _ONE
        factor -= step


def compound(rate: int, *, periods: int, root: int) -> int:
    """(1 + rate) ** (periods over root) - 1 in ppm, nearest; `rate` is fixed-point."""
    grown = _ONE
    for _ in range(periods):
        grown = grown * (_ONE + rate) >> _BITS
    target = grown * (2 * PPM) ** root

    def reached(ppm: int) -> bool:
        return (2 * (PPM + ppm) - 1) ** root << _BITS <= target

    low, high = 0, 1
    while reached(high):
        low, high = high, high * 2
        if low > _MAX_COST_PPM:
            raise CostOutOfRange()
    while high - low > 1:
        middle = (low + high) >> 1
        low, high = (middle, high) if reached(middle) else (low, middle)
    return low


def annual_cost(rows: Sequence[Instalment], every: Every) -> tuple[int, int]:
    """Yearly cost by periods in ppm, simple (a month's rate × 12) and compound.

    A row on the first day (a down payment) reduces what was received. Source: PBOC notice
    2021 no. 3: all cost over the principal actually occupied; the simple form must be labelled.
    """
    first_day = sum(r.payment_fen for r in rows if r.due_on == rows[0].from_on)
    payments = [r.payment_fen for r in rows if r.due_on != rows[0].from_on]
    received = sum(r.principal_fen for r in rows) - first_day
    rate = period_cost(received, payments)
    per_year = _PER_YEAR[every.unit]
    yearly = divide_half_up(rate * PPM * per_year, every.count << _BITS)
    if yearly > _MAX_COST_PPM:
        raise CostOutOfRange()
    return yearly, compound(rate, periods=per_year, root=every.count)


def totals(rows: Sequence[Instalment]) -> Totals:
    """Sums over the rows."""
    return Totals(
        principal_fen=sum(r.principal_fen for r in rows),
        interest_fen=sum(r.interest_fen for r in rows),
        payment_fen=sum(r.payment_fen for r in rows),
    )


def quote(terms: LoanTerms) -> LoanQuote:
    """The schedule with totals and yearly cost."""
    rows = schedule(terms)
    simple, effective = annual_cost(rows, terms.every)
    return LoanQuote(
        instalments=rows,
        totals=totals(rows),
        annual_cost_simple_ppm=simple,
        annual_cost_compound_ppm=effective,
    )


def product_terms(new: NewLoanQuote, product: Product, *, on: date) -> LoanTerms:
    """The terms of a drawing. Equal rows count months of 30 days, as agreed in the contract;
    interest alone is by actual days over 360 (PBOC: daily rate = yearly rate ÷ 360)."""
    if new.method not in product.methods:
        raise MethodNotOffered(offered=product.methods)
    if new.term_months not in product.terms_months:
        raise TermNotOffered(offered=product.terms_months)
    if new.amount_fen < product.min_draw_fen:
        raise BelowSmallestDrawing(min_draw_fen=product.min_draw_fen)
    by_days = new.method in ("interest_only", "bullet")
    once = new.method == "bullet"
    return LoanTerms(
        principal_fen=new.amount_fen,
        annual_rate_ppm=annual_rate(product),
        method=new.method,
        instalment_count=1 if once else new.term_months,
        every=Every(count=new.term_months if once else 1),
        disbursed_on=on,
        day_count=ACTUAL_360 if by_days else THIRTY_360,
    )


def disclosure(new: NewLoanQuote, product: Product, *, on: date) -> CostDisclosure:
    """All the borrower will pay (PBOC notice 2021 no. 3)."""
    found = quote(product_terms(new, product, on=on))
    return CostDisclosure(
        principal_fen=new.amount_fen,
        annual_rate_ppm=annual_rate(product),
        prime_rate_ppm=product.prime_rate_ppm,
        overdue_rate_ppm=overdue_rate(product),
        interest_fen=found.totals.interest_fen,
        fees_fen=0,
        annual_cost_simple_ppm=found.annual_cost_simple_ppm,
        annual_cost_compound_ppm=found.annual_cost_compound_ppm,
        instalments=found.instalments,
    )
