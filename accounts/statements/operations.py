"""Puts a statement together from the ledger, the payments and the incoming credits."""

from datetime import date
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.incoming import operations as incoming
from accounts.statements import rules
from accounts.statements.model import Line, Statement, StatementTooLong, StoredLine, Table
from app.queries import load
from app.work import Work

sql = load(__name__)


async def make(
    work: Work, *, account_id: UUID, from_on: date | None, until_on: date | None
) -> Statement:
    """The account's movements in `[from_on, until_on)`.

    Raises AccountNotFound, RangeInvalid, StatementTooLong(most_lines).
    """
    deposit = await deposits.own(work, account_id=account_id)
    days = deposit_rules.days_of(deposit, from_on=from_on, until_on=until_on, today=work.today)
    opening_fen = await work.maybe(int, sql.opening, account_id=account_id, from_on=days.from_on)
    stored = await work.all(
        StoredLine,
        sql.lines,
        account_id=account_id,
        from_on=days.from_on,
        until_on=days.until_on,
        limit=rules.MOST_LINES,
    )
    if len(stored) > rules.MOST_LINES:
        raise StatementTooLong(most_lines=rules.MOST_LINES)
    lines = [await _line(work, one) for one in stored]
    came_in_fen, went_out_fen = rules.sums(lines)
    return Statement(
        account_number=deposit.number,
        account_name=deposit.name,
        currency=deposit.currency,
        from_on=days.from_on,
        until_on=days.until_on,
        opening_fen=opening_fen or 0,
        closing_fen=lines[-1].balance_after_fen if lines else opening_fen or 0,
        came_in_fen=came_in_fen,
        went_out_fen=went_out_fen,
        lines=lines,
    )


async def _line(work: Work, stored: StoredLine) -> Line:
    payer_name = None
    if stored.payer_name_sealed is not None and stored.credit_id is not None:
        payer_name = await incoming.open_payer(
            work, credit_id=UUID(stored.credit_id), sealed=stored.payer_name_sealed
        )
    return Line(
        seq=stored.seq,
        booked_on=stored.booked_on,
        at=stored.at,
        amount_fen=stored.amount_fen,
        balance_after_fen=stored.balance_after_fen,
        kind=stored.kind,
        memo=stored.memo,
        counterparty_name=stored.payee_name or payer_name,
        counterparty_account_tail=stored.payee_account_tail or stored.payer_account_tail,
    )


def table(statement: Statement) -> Table:
    """The statement as CSV under a name that says whose and when."""
    name = f"{statement.account_number}_{statement.from_on}_{statement.until_on}.csv"
    return Table(name=name, content=rules.as_csv(statement))
