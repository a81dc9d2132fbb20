"""Writes the books: the chart, vouchers by hand and by event, reversals, the end of a month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from app.errors import XiaoweiError
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work
from bookkeeping.journal import rules
from bookkeeping.journal.model import (
    NO_PARTY,
    Account,
    AccountBalance,
    AccountExists,
    BooksOpened,
    BooksState,
    BulkResult,
    BulkResults,
    Draft,
    DraftLine,
    Earliest,
    NewAccount,
    NewReversal,
    NewVoucher,
    Numbered,
    Party,
    Period,
    PeriodClosed,
    Template,
    TemplateUnknown,
    Voucher,
    VoucherNotFound,
)

sql = load(__name__)

# Templates never change while the program runs: one read each.
_templates: dict[str, Template] = {}


async def open_books(work: Work) -> None:
    """Make the firm's chart from the standard one; harmless when it exists."""
    if await work.run(sql.open_chart):
        await work.emit(BooksOpened())


async def add_account(work: Work, *, new: NewAccount) -> Account:
    """An account of the firm's own. Raises AccountMisplaced, AccountExists."""
    await _state(work)
    parent = None
    if new.parent is not None:
        parent = await work.maybe(Account, sql.account, code=new.parent)
    placed = rules.place(new, parent)
    added = await work.run(
        sql.add_account,
        code=placed.code,
        name=placed.name,
        parent=placed.parent,
        normal=placed.normal,
        category=placed.category,
    )
    if not added:
        raise AccountExists(code=new.code)
    await work.record("books.account_added", code=new.code)
    return placed


async def accounts(work: Work) -> list[Account]:
    """The whole chart."""
    return await work.all(Account, sql.accounts)


async def record(
    work: Work,
    *,
    dated_on: date,
    summary: str,
    source_event: str,
    template_id: str | None = None,
    amounts: Mapping[str, int] | None = None,
    accounts: Mapping[str, str] | None = None,
    lines: Sequence[DraftLine] = (),
    party: str | None = None,
) -> Voucher | None:
    """One voucher for one event, whatever happens twice: by a template with its figures in fen, or
    by lines. `accounts` replaces accounts of the template. None if every figure is zero."""
    state = await _state(work, source_event)
    if state.voucher_id is not None:
        return await voucher(work, voucher_id=state.voucher_id)
    filled = list(lines)
    if template_id is not None:
        filled = rules.fill(
            await _template(work, template_id),
            amounts=amounts or {},
            accounts=accounts or {},
            party=party,
        )
    if not filled:
        return None
    draft = Draft(
        dated_on=rules.open_day(dated_on, state.first_open_on),
        summary=summary,
        lines=filled,
        template_id=template_id,
        source_event=source_event,
    )
    (made,) = await _post(work, [rules.check(draft)])
    return await voucher(work, voucher_id=made)


async def add_voucher(work: Work, *, new: NewVoucher) -> Voucher:
    """A voucher made by hand. Raises what `rules.check` raises, and PeriodIsClosed."""
    state = await _state(work)
    draft = rules.draft(new)
    codes = await _known_codes(work, [draft])
    checked = rules.check(draft, codes)
    rules.accepts(draft.dated_on, first_open_on=state.first_open_on)
    (made,) = await _post(work, [checked])
    await work.record("books.voucher_added", object_id=made)
    return await voucher(work, voucher_id=made)


async def add_vouchers(work: Work, *, new: Sequence[NewVoucher]) -> BulkResults:
    """Vouchers brought from other books: each is judged by itself, the good ones are written
    together in the order given."""
    state = await _state(work)
    codes = await _known_codes(work, new)
    results: list[BulkResult] = []
    good: list[tuple[int, Draft]] = []
    for index, one in enumerate(new):
        try:
            draft = rules.check(rules.draft(one), codes)
            rules.accepts(draft.dated_on, first_open_on=state.first_open_on)
        except XiaoweiError as error:
            problem, facts = type(error).__name__, error.facts
            results.append(BulkResult(index=index, problem=problem, facts=facts))
        else:
            good.append((index, draft))
    made = await _post(work, [draft for _, draft in good])
    for (index, _), (voucher_id, number) in zip(good, made.items(), strict=True):
        results.append(BulkResult(index=index, voucher_id=voucher_id, number=number))
    await work.record("books.vouchers_added", posted=len(good), refused=len(new) - len(good))
    return BulkResults(
        posted=len(good),
        refused=len(new) - len(good),
        results=sorted(results, key=lambda result: result.index),
    )


async def voucher(work: Work, *, voucher_id: UUID) -> Voucher:
    """One voucher; raises VoucherNotFound."""
    found = await work.maybe(Voucher, sql.voucher, id=voucher_id)
    if found is None:
        raise VoucherNotFound(voucher_id=str(voucher_id))
    return found


async def vouchers(
    work: Work, *, from_on: date, until_on: date, after: str | None, limit: int
) -> Page[Voucher]:
    """Vouchers of `[from_on, until_on)` in the order of the books."""
    last_on, last_number, last_id = rules.FIRST_DAY, 0, NO_PARTY
    if after is not None:
        last_on, last_number, last_id = decode_cursor(after, date, int, UUID)
    rows = await work.all(
        Voucher,
        sql.vouchers_page,
        from_on=from_on,
        until_on=until_on,
        after_on=last_on,
        after_number=last_number,
        after_id=last_id,
        limit=limit + 1,
    )
    return page(rows, limit, lambda row: (row.dated_on, row.number, row.id))


async def reverse(work: Work, *, voucher_id: UUID, new: NewReversal) -> Voucher:
    """Take a voucher back by a red-letter one; nothing is deleted. Raises VoucherNotFound,
    AlreadyReversed, PeriodIsClosed."""
    found = await voucher(work, voucher_id=voucher_id)
    draft = rules.reversal(
        found,
        reversed_already=await work.one(bool, sql.is_reversed, id=voucher_id),
        dated_on=new.dated_on or work.today,
        reason=new.reason,
    )
    state = await _state(work)
    rules.accepts(draft.dated_on, first_open_on=state.first_open_on)
    (made,) = await _post(work, [rules.check(draft)])
    await work.record("books.voucher_reversed", object_id=voucher_id)
    return await voucher(work, voucher_id=made)


async def take_back(work: Work, *, source_event: str, dated_on: date, reason: str) -> None:
    """Reverse what an event booked, if it booked anything and it still stands."""
    found = await work.maybe(UUID, sql.voucher_of_event, source_event=source_event)
    if found is None or await work.one(bool, sql.is_reversed, id=found):
        return
    state = await _state(work)
    draft = rules.reversal(
        await voucher(work, voucher_id=found),
        reversed_already=False,
        dated_on=rules.open_day(dated_on, state.first_open_on),
        reason=reason,
        source_event=f"{source_event}:taken_back",
    )
    await _post(work, [rules.check(draft)])


async def periods(work: Work) -> list[Period]:
    """All months of the books."""
    return await work.all(Period, sql.periods)


async def close_period(work: Work, *, month: str) -> Period:
    """Carry income and expenses to 3103 (in December 3103 to 310405) and lock the month. Raises
    PeriodIsClosed, PeriodNotReady."""
    month_on = rules.voucher_month(month)
    await _state(work)
    period = await work.maybe(Period, sql.lock_period, month_on=month_on)
    rules.ready_to_close(
        period,
        month_on=month_on,
        today=work.today,
        earlier_open_on=(await work.one(Earliest, sql.earliest_open, month_on=month_on)).month_on,
    )
    chart = {account.code: account.category for account in await accounts(work)}
    balances = await work.all(AccountBalance, sql.profit_balances, month_on=month_on)
    drafts = rules.closing(balances, chart, month_on=month_on)
    if drafts:
        await _post(work, [rules.check(draft) for draft in drafts])
    closed = await work.one(Period, sql.close_period, month_on=month_on)
    await work.emit(PeriodClosed(month=month))
    await work.record("books.period_closed", month=month)
    return closed


async def _state(work: Work, source_event: str | None = None) -> BooksState:
    """The state of the books; opens them at the first need."""
    state = await work.one(BooksState, sql.books_state, source_event=source_event)
    if not state.is_open:
        await open_books(work)
    return state


async def _template(work: Work, template_id: str) -> Template:
    if template_id not in _templates:
        found = await work.maybe(Template, sql.template, id=template_id)
        if found is None:
            raise TemplateUnknown(template_id=template_id)
        _templates[template_id] = found
    return _templates[template_id]


async def _known_codes(work: Work, vouchers: Sequence[NewVoucher | Draft]) -> set[str]:
    codes = sorted({line.account for one in vouchers for line in one.lines})
    return set(await work.all(str, sql.known_codes, codes=codes))


async def _post(work: Work, drafts: Sequence[Draft]) -> dict[UUID, int]:
    """Write checked drafts; their ids and numbers in order."""
    if not drafts:
        return {}
    ids = [new_id() for _ in drafts]
    parties = await _party_ids(work, drafts)
    lines = [
        (voucher_id, no, line)
        for voucher_id, draft in zip(ids, drafts, strict=True)
        for no, line in enumerate(draft.lines, start=1)
    ]
    rows = await work.all(
        Numbered,
        sql.add_vouchers,
        ids=ids,
        dates=[draft.dated_on for draft in drafts],
        summaries=[draft.summary for draft in drafts],
        kinds=[draft.kind for draft in drafts],
        template_ids=[draft.template_id for draft in drafts],
        source_events=[draft.source_event for draft in drafts],
        reversals=[draft.reverses for draft in drafts],
        line_vouchers=[voucher_id for voucher_id, _, _ in lines],
        line_nos=[no for _, no, _ in lines],
        line_accounts=[line.account for _, _, line in lines],
        line_debits=[line.debit_fen for _, _, line in lines],
        line_credits=[line.credit_fen for _, _, line in lines],
        line_memos=[line.memo for _, _, line in lines],
        line_parties=[parties.get(line.party or "", NO_PARTY) for _, _, line in lines],
        line_cash=[line.cash_line for _, _, line in lines],
    )
    numbers = {row.id: row.number for row in rows}
    return {voucher_id: numbers[voucher_id] for voucher_id in ids}


async def _party_ids(work: Work, drafts: Sequence[Draft]) -> dict[str, UUID]:
    names = sorted({line.party for draft in drafts for line in draft.lines if line.party})
    if not names:
        return {}
    known = await work.all(Party, sql.parties, names=names)
    if len(known) < len(names):
        await work.run(sql.add_parties, ids=[new_id() for _ in names], names=names)
        known = await work.all(Party, sql.parties, names=names)
    return {party.name: party.id for party in known}
