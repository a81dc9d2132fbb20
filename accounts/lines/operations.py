"""Reads booked lines: the frame of a range at one moment, stretches of it, a single one."""

from datetime import date
from uuid import UUID

from accounts.deposits import operations as deposits
from accounts.deposits import rules as deposit_rules
from accounts.incoming import operations as incoming
from accounts.lines import rules
from accounts.lines.model import Ends, Frame, Key, Line, LineNotFound, StoredLine, Sums
from accounts.policies import operations as policies
from app.queries import load
from app.work import Work

sql = load(__name__)


async def frame(
    work: Work, *, account_id: UUID, from_on: date | None, until_on: date | None
) -> Frame:
    """The range as it stands now; AccountNotFound, RangeInvalid.

    The ends are read first and in one statement; the sums stop at the last line the ends saw.
    """
    deposit = await deposits.own(work, account_id=account_id)
    days = deposit_rules.days_of(deposit, from_on=from_on, until_on=until_on, today=work.today)
    span = {"account_id": account_id, "from_on": days.from_on, "until_on": days.until_on}
    ends = await work.one(Ends, sql.ends, **span)
    sums = await work.one(Sums, sql.sums, last_seq=ends.last_seq, **span)
    return Frame(
        account_id=account_id,
        account_number=deposit.number,
        account_name=deposit.name,
        currency=deposit.currency,
        from_on=days.from_on,
        until_on=days.until_on,
        after_seq=ends.after_seq,
        last_seq=ends.last_seq,
        opening_fen=ends.opening_fen,
        closing_fen=ends.closing_fen,
        came_in_fen=sums.came_in_fen,
        went_out_fen=sums.went_out_fen,
        came_in=sums.came_in,
        went_out=sums.went_out,
    )


async def stretch(work: Work, *, frame: Frame, after: Key | None, limit: int) -> list[Line]:
    """The next lines of a frame after one of its lines, oldest first; none at its end."""
    stored = await work.all(
        StoredLine,
        sql.lines,
        account_id=frame.account_id,
        from_on=after.booked_on if after else frame.from_on,
        until_on=frame.until_on,
        after_seq=after.seq if after else frame.after_seq,
        last_seq=frame.last_seq,
        limit=limit,
    )
    bank = await policies.bank(work)
    return [await _opened(work, one, frame.account_name, bank.name) for one in stored]


async def one(work: Work, *, account_id: UUID, booked_on: date, seq: int) -> Line:
    """A single line of the account; LineNotFound."""
    deposit = await deposits.own(work, account_id=account_id)
    if booked_on.year not in deposit_rules.YEARS:
        raise LineNotFound(booked_on=booked_on, seq=seq)
    found = await work.all(
        StoredLine,
        sql.lines,
        account_id=account_id,
        from_on=booked_on,
        until_on=date.fromordinal(booked_on.toordinal() + 1),
        after_seq=seq - 1,
        last_seq=seq,
        limit=1,
    )
    if not found:
        raise LineNotFound(booked_on=booked_on, seq=seq)
    bank = await policies.bank(work)
    return await _opened(work, found[0], deposit.name, bank.name)


async def of_entry(work: Work, *, account_id: UUID, kind: str, business_key: str) -> Key:
    """The line of the account that an entry wrote; LineNotFound before it is booked."""
    found = await work.maybe(
        Key, sql.of_entry, account_id=account_id, kind=kind, business_key=business_key
    )
    if found is None:
        raise LineNotFound()
    return found


async def _opened(work: Work, stored: StoredLine, own_name: str, bank_name: str) -> Line:
    payer_name = None
    if stored.payer_name_sealed is not None and stored.credit_id is not None:
        payer_name = await incoming.open_payer(
            work, credit_id=stored.credit_id, sealed=stored.payer_name_sealed
        )
    return rules.line(stored, payer_name=payer_name, own_name=own_name, bank_name=bank_name)
