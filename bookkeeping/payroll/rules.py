"""Wages decided: earnings, social insurance, gross to net, the states of a run, outcomes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

import msgspec

from accounts.ledger.model import Leg, NewEntry
from bookkeeping.employees.model import EmployeeRow
from bookkeeping.payroll.model import (
    BatchRef,
    LatestRun,
    LineOutcome,
    LineState,
    MonthAlreadyRun,
    NewRun,
    NobodyToPay,
    OpenRunExists,
    PayableLine,
    PayDateWrong,
    PayMonthPassed,
    PayrollReturned,
    Run,
    RunChanged,
    RunState,
    RunStateForbids,
    Span,
    UnknownEmployee,
)
from bookkeeping.wages.model import (
    Calculated,
    NewLine,
)

MILLION = 1_000_000

# The clearing house takes so many lines in one batch, at most.
BATCH_LINES = 5_000
REFERENCE = re.compile(r"WAGES-([0-9a-f]{32})-([0-9a-f]{32})-([1-9][0-9]{0,3})")

# From which state to which a line may be told to have gone.
NEWS: set[tuple[LineState, LineState]] = {
    ("waiting", "settled"),
    ("waiting", "failed"),
    ("settled", "returned"),
}


def months_of_run(new: NewRun, latest: LatestRun, today: date) -> Span:
    """The days of the run's month, once it may be made at all: OpenRunExists, MonthAlreadyRun,
    PayDateWrong. Pay days never go back, because tax is withheld on the year so far."""
    month_on = date(int(new.month[:4]), int(new.month[5:]), 1)
    if latest.open_id is not None:
        raise OpenRunExists(run_id=latest.open_id)
    if latest.runs_of_month and not new.reason:
        raise MonthAlreadyRun(month=new.month, next_step="give a reason")
    earliest = max(month_on, today, latest.last_pay_on or month_on)
    if new.pay_on < earliest:
        raise PayDateWrong(pay_on=new.pay_on.isoformat(), earliest_on=earliest.isoformat())
    until_on = (month_on + timedelta(days=31)).replace(day=1)
    return Span(
        from_on=month_on,
        until_on=until_on,
        run_no=latest.next_no,
        further=latest.runs_of_month > 0,
    )


def who_is_paid(
    employed: Sequence[EmployeeRow], lines: Sequence[NewLine], *, further: bool
) -> list[tuple[EmployeeRow, NewLine]]:
    """Everybody employed in the month for its first run, only those named for a further one.
    UnknownEmployee, NobodyToPay."""
    named = {line.employee_id: line for line in lines}
    unknown = named.keys() - {row.id for row in employed}
    if unknown or len(named) != len(lines):
        raise UnknownEmployee(employees=sorted(str(one) for one in unknown))
    paid = [
        (row, named.get(row.id) or NewLine(employee_id=row.id))
        for row in employed
        if not further or row.id in named
    ]
    if not paid:
        raise NobodyToPay()
    return paid


def totals(lines: Sequence[Calculated]) -> dict[str, int]:
    """The figures of a run, summed from its lines."""
    names = (
        "gross_fen",
        "social_fen",
        "housing_fund_fen",
        "tax_fen",
        "net_fen",
        "employer_social_fen",
        "employer_housing_fund_fen",
    )
    sums = {name: sum(getattr(line, name) for line in lines) for name in names}
    return {"people": len(lines)} | sums


def last_day(month_on: date) -> date:
    """The last day of a month."""
    return (month_on + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def submit(run: Run, version: int) -> Run:
    """A draft goes to the approver. RunStateForbids, RunChanged."""
    return _move(run, version, ("draft",), "submitted")


def cancel(run: Run, version: int) -> Run:
    """A run whose money has not been set aside is given up."""
    return _move(run, version, ("draft", "submitted", "approved"), "cancelled")


def decided(run: Run, version: int, *, approved: bool) -> Run:
    """The last approver has spoken."""
    return _move(run, version, ("submitted",), "approved" if approved else "rejected")


def set_aside(run: Run, today: date) -> Run:
    """The pay day has come and the money is put aside for the batch; within its month, because
    tax was withheld for that month. RunStateForbids, PayMonthPassed."""
    if run.state != "approved" or run.pay_on > today:
        raise RunStateForbids(run_id=run.id, state=run.state, pay_on=run.pay_on.isoformat())
    if (run.pay_on.year, run.pay_on.month) != (today.year, today.month):
        raise PayMonthPassed(run_id=run.id, pay_on=run.pay_on.isoformat())
    return msgspec.structs.replace(run, state="sent", version=run.version + 1, sent_on=today)


def _move(run: Run, version: int, states: tuple[RunState, ...], to: RunState) -> Run:
    if run.state not in states:
        raise RunStateForbids(run_id=run.id, state=run.state)
    if run.version != version:
        raise RunChanged(run_id=run.id, version=run.version)
    return msgspec.structs.replace(run, state=to, version=version + 1)


def batch_of(no: int) -> int:
    """Lines go out in batches that the clearing house takes (5,000 at most)."""
    return (no - 1) // BATCH_LINES + 1


def reference(business_id: UUID, run_id: UUID, batch_no: int) -> str:
    """Our own name of a batch for the clearing house: whose it is can be read from it."""
    return f"WAGES-{business_id.hex}-{run_id.hex}-{batch_no}"


def read_reference(text: str) -> BatchRef | None:
    """Firm, run and batch named by a reference of ours; None if it is somebody else's."""
    found = REFERENCE.fullmatch(text)
    if found is None:
        return None
    business, run, batch_no = found.groups()
    return BatchRef(business_id=UUID(business), run_id=UUID(run), batch_no=int(batch_no))


def outcomes(
    lines: Sequence[PayableLine], told: Mapping[int, tuple[LineState, str]]
) -> list[LineOutcome]:
    """What is new of a batch: waiting lines settled or failed, settled ones returned. One that
    was sent back before we heard that it had arrived did not arrive."""
    news = []
    for line in lines:
        state, reason = told.get(line.no, (line.state, ""))
        if line.state == "waiting" and state == "returned":
            state = "failed"
        if (line.state, state) in NEWS:
            news.append(
                LineOutcome(
                    employee_id=line.employee_id,
                    amount_fen=line.net_fen,
                    was=line.state,
                    state=state,
                    reason=reason,
                )
            )
    return news


def payout(run: Run, lines: Sequence[PayableLine], in_transit: UUID) -> NewEntry:
    """One entry for all wages: the firm's account once, one leg a payee into wages in transit."""
    legs = [Leg(account_id=run.account_id, amount_fen=-run.net_fen)]
    legs += [Leg(account_id=in_transit, amount_fen=line.net_fen) for line in lines]
    return NewEntry(kind="payroll", business_key=str(run.id), legs=legs, memo=memo(run))


def give_back(
    run: Run, news: Sequence[LineOutcome], in_transit: UUID, *, batch_no: int
) -> NewEntry | None:
    """Wages that did not arrive go back to the firm's account; settled ones stay in transit until
    they are swept to the bank itself. None if all arrived."""
    back = sum(one.amount_fen for one in news if one.state in ("failed", "returned"))
    if not back:
        return None
    return NewEntry(
        kind="payroll_back",
        business_key=f"{run.id}:{batch_no}:{run.version}",
        legs=[
            Leg(account_id=in_transit, amount_fen=-back),
            Leg(account_id=run.account_id, amount_fen=back),
        ],
        memo=memo(run),
    )


def memo(run: Run) -> str:
    """What stands on the firm's statement."""
    return f"代发工资 {run.month_on:%Y-%m}"


def returned_event(run: Run, amount_fen: int) -> PayrollReturned:
    """Told once for each time that wages came back."""
    return PayrollReturned(run_id=run.id, amount_fen=amount_fen, version=run.version)
