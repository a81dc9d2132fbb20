"""The ledger's one door for writing, and its reads."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from accounts.ledger.model import (
    AccountRefusesPosting,
    AlreadyPosted,
    Balance,
    BankSide,
    BankSideAccount,
    Entry,
    HoldChange,
    HoldNotOpen,
    HoldTooSmall,
    InsufficientFunds,
    LedgerAccountNotFound,
    LedgerState,
    NewEntry,
    Outcome,
    Posting,
)
from app.errors import XiaoweiError
from app.ids import new_id
from app.pages import Page, decode_cursor, page
from app.queries import load
from app.work import Work

sql = load(__name__)


async def open_account(
    work: Work, *, currency: str = "CNY", floor_fen: int = 0, account_id: UUID | None = None
) -> UUID:
    """A deposit account of the firm acted for; its balance never falls below `floor_fen`."""
    return await work.one(
        UUID, sql.open_account, id=account_id or new_id(), currency=currency, floor_fen=floor_fen
    )


async def bank_side(work: Work, *, kind: BankSide, currency: str = "CNY") -> UUID:
    """The bank's account of this kind inside the firm's tenant, made on first use."""
    return await work.one(UUID, sql.bank_side, kind=kind, currency=currency)


async def open_escrow(work: Work) -> UUID:
    """An account of the firm that only payment orders debit, each checked by its agreement."""
    return await work.one(UUID, sql.open_escrow, id=new_id())


async def make_months(work: Work) -> int:
    """Month partitions up to three months ahead; how many tables were missing."""
    return await work.one(int, sql.make_months)


async def set_state(work: Work, *, account_id: UUID, state: LedgerState) -> LedgerState:
    """What the account lets through; the state it had before. Deposits decides, this obeys."""
    was = await work.maybe(str, sql.set_state, id=account_id, state=state)
    if was is None:
        raise LedgerAccountNotFound(account_id=account_id)
    return was  # type: ignore[return-value]


async def set_frozen(work: Work, *, account_id: UUID, frozen_fen: int) -> int:
    """How much of the account no debit may reach from now on; the amount it was."""
    was = await work.maybe(int, sql.set_frozen, id=account_id, frozen_fen=frozen_fen)
    if was is None:
        raise LedgerAccountNotFound(account_id=account_id)
    return was


async def bank_sides(
    work: Work, *, businesses: Sequence[UUID], kind: BankSide, currency: str = "CNY"
) -> dict[UUID, UUID]:
    """The bank's accounts of a kind in many firms, by firm; for work over all firms."""
    rows = await work.all(
        BankSideAccount, sql.bank_sides, businesses=list(businesses), kind=kind, currency=currency
    )
    return {row.business_id: row.id for row in rows}


async def post(
    work: Work, *, entries: Sequence[NewEntry], holds: Sequence[HoldChange] = ()
) -> list[Entry]:
    """Book entries and hold changes, all or none, in one round trip.

    Raises InsufficientFunds(account_id, short_fen), AccountRefusesPosting(account_id, state),
    AlreadyPosted(entry_id), HoldNotOpen(hold_id), HoldTooSmall(hold_id, short_fen): each before
    anything is written, so the caller's transaction can go on.
    """
    ids = [new_id() for _ in entries]
    legs = [(no, leg) for no, entry in enumerate(entries, 1) for leg in entry.legs]
    outcome = await work.one(
        Outcome,
        sql.post,
        ids=ids,
        businesses=[entry.business_id or work.business_id for entry in entries],
        transfers=[entry.transfer_id for entry in entries],
        kinds=[entry.kind for entry in entries],
        keys=[entry.business_key for entry in entries],
        currencies=[entry.currency for entry in entries],
        clearings=[entry.clearing_fen for entry in entries],
        memos=[entry.memo for entry in entries],
        value_ons=[entry.value_on for entry in entries],
        leg_entries=[no for no, _ in legs],
        leg_accounts=[leg.account_id for _, leg in legs],
        leg_amounts=[leg.amount_fen for _, leg in legs],
        hold_actions=[hold.action for hold in holds],
        hold_ids=[hold.hold_id for hold in holds],
        hold_accounts=[hold.account_id for hold in holds],
        hold_amounts=[hold.amount_fen for hold in holds],
        hold_expires=[hold.expires_at for hold in holds],
        hold_purposes=[hold.purpose for hold in holds],
    )
    if outcome.refusal is not None:
        raise _refused(outcome)
    assert outcome.at is not None and outcome.booked_on is not None
    return [
        Entry(
            id=entry_id,
            kind=entry.kind,
            business_key=entry.business_key,
            booked_on=outcome.booked_on,
            at=outcome.at,
        )
        for entry_id, entry in zip(ids, entries, strict=True)
    ]


def _refused(outcome: Outcome) -> XiaoweiError:
    match outcome.refusal:
        case "insufficient":
            return InsufficientFunds(account_id=outcome.refused_id, short_fen=outcome.short_fen)
        case "state":
            return AccountRefusesPosting(account_id=outcome.refused_id, state=outcome.refused_state)
        case "already_posted":
            return AlreadyPosted(entry_id=outcome.refused_id)
        case "hold_not_open":
            return HoldNotOpen(hold_id=outcome.refused_id)
        case "hold_too_small":
            return HoldTooSmall(hold_id=outcome.refused_id, short_fen=outcome.short_fen)
    return LedgerAccountNotFound(account_id=outcome.refused_id)


async def balance(work: Work, *, account_id: UUID) -> Balance:
    """The account's money now; LedgerAccountNotFound."""
    found = await work.maybe(Balance, sql.balance, id=account_id)
    if found is None:
        raise LedgerAccountNotFound(account_id=account_id)
    return found


async def balance_at(work: Work, *, account_id: UUID, at: datetime) -> int:
    """The balance (fen) as it stood at a moment; 0 before the first posting."""
    return await work.maybe(int, sql.balance_at, id=account_id, at=at) or 0


async def postings(
    work: Work,
    *,
    account_id: UUID,
    from_on: date,
    until_on: date,
    after: str | None = None,
    limit: int = 50,
) -> Page[Posting]:
    """The account's lines in [from_on, until_on), oldest first."""
    on, seq = decode_cursor(after, date, int) if after else (from_on, 0)
    rows = await work.all(
        Posting,
        sql.postings,
        account_id=account_id,
        from_on=from_on,
        until_on=until_on,
        after_on=on,
        after_seq=seq,
        row_limit=limit + 1,
    )
    return page(rows, limit, lambda row: (row.booked_on, row.seq))
