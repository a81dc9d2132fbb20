"""Keeps the book of counterparties: enter, look up, trust, close."""

from datetime import datetime, timedelta
from uuid import UUID

from msgspec import Struct

from accounts.deposits import operations as deposits
from accounts.parties import rules
from accounts.parties.model import (
    BankCodeInvalid,
    Entered,
    KnownParty,
    Looked,
    NameCheck,
    NewParties,
    NewParty,
    Outcome,
    Party,
    PartyAlreadyKnown,
    PartyChanged,
    PartyClosed,
    PartyEntered,
    PartyNotFound,
    PayeeAccount,
    Role,
    SealedAccount,
    UsccInvalid,
)
from accounts.policies import operations as policies
from app import pages
from app.ids import new_id
from app.queries import load
from app.reference import rules as identifiers
from app.work import Work

sql = load(__name__)
PLACE = "accounts.parties.account_sealed"
INDEX = "account"


class Cooling(Struct, frozen=True, kw_only=True):
    """The bank's policy: how many hours a new payee is watched."""

    hours: int


async def enter(work: Work, *, new: NewParty) -> Party:
    """Put a counterparty into the book; BankCodeInvalid, UsccInvalid, PartyAlreadyKnown, and for an
    account of this bank PartyAccountUnknown or PartyNameMismatch."""
    _check_codes(new)
    here = rules.banks_here(new.bank_code, own_bank_code=(await policies.bank(work)).bank_code)
    holder = await deposits.holder(work, number=new.account_number) if here else None
    check = rules.name_check(new.name, holder, here=here)
    party_id = new_id()
    added = await work.run(
        sql.add_party,
        id=party_id,
        name=new.name,
        account_sealed=await work.vault.seal(
            work, new.account_number, scope=work.business_id, place=PLACE, row_id=party_id
        ),
        account_index=account_index(work, new.account_number),
        account_tail=rules.tail(new.account_number),
        bank_code=new.bank_code,
        uscc=new.uscc,
        roles=sorted(set(new.roles)),
        cooling_until=await _cooling_until(work),
        name_check=check,
    )
    if not added:
        known = await by_account(work, account_number=new.account_number, bank_code=new.bank_code)
        raise PartyAlreadyKnown(party_id=known.id if known else None)
    await work.emit(PartyEntered(party_id=party_id))
    await work.record("party.entered", object_id=party_id)
    return await get(work, party_id=party_id)


async def _cooling_until(work: Work) -> datetime:
    cooling = await policies.value(work, kind="parties.cooling", shape=Cooling)
    return rules.cooling_until(work.now, timedelta(hours=cooling.hours))


def _check_codes(new: NewParty) -> None:
    bank = identifiers.bank_code(new.bank_code)
    if not bank.valid:
        raise BankCodeInvalid(bank_code=new.bank_code, reason=bank.reason)
    if new.uscc is not None and not (uscc := identifiers.uscc(new.uscc)).valid:
        raise UsccInvalid(reason=uscc.reason)


async def enter_many(work: Work, *, new: NewParties) -> Entered:
    """Put many counterparties into the book with one statement; each row is answered for itself."""
    own_code = (await policies.bank(work)).bank_code
    holders = await deposits.holders(work, numbers=[row.account_number for row in new.rows])
    outcomes: list[Outcome] = []
    good: list[tuple[int, NewParty, NameCheck]] = []
    for no, row in enumerate(new.rows):
        here = rules.banks_here(row.bank_code, own_bank_code=own_code)
        check, outcome = rules.row_check(row, holders.get(row.account_number), here=here)
        outcomes.append(outcome)
        if check is not None:
            good.append((no, row, check))
    ids = {no: new_id() for no, _, _ in good}
    sealed = [
        await work.vault.seal(
            work, row.account_number, scope=work.business_id, place=PLACE, row_id=ids[no]
        )
        for no, row, _ in good
    ]
    added = set(
        await work.all(
            UUID,
            sql.add_parties,
            ids=[ids[no] for no, _, _ in good],
            names=[row.name for _, row, _ in good],
            sealed=sealed,
            indexes=[account_index(work, row.account_number) for _, row, _ in good],
            tails=[rules.tail(row.account_number) for _, row, _ in good],
            bank_codes=[row.bank_code for _, row, _ in good],
            usccs=[row.uscc for _, row, _ in good],
            roles=[",".join(sorted(set(row.roles))) for _, row, _ in good],
            checks=[check for _, _, check in good],
            cooling_until=await _cooling_until(work),
        )
    )
    for party_id in sorted(added):
        await work.emit(PartyEntered(party_id=party_id))
    await work.record("parties.imported", rows=len(new.rows), entered=len(added))
    return rules.imported(outcomes, ids, added)


def account_index(work: Work, account_number: str) -> bytes:
    """The blind index of an account number: the same for parties, payees and payers."""
    return work.vault.blind_index(INDEX, account_number)


async def get(work: Work, *, party_id: UUID) -> Party:
    """One entry, or PartyNotFound."""
    party = await work.maybe(Party, sql.party, id=party_id)
    if party is None:
        raise PartyNotFound(party_id=party_id)
    return party


async def by_account(work: Work, *, account_number: str, bank_code: str) -> KnownParty | None:
    """The entry with this account, if the firm knows it."""
    index = account_index(work, account_number)
    return await work.maybe(
        KnownParty, sql.party_by_account, account_index=index, bank_code=bank_code
    )


async def look(work: Work, *, party_id: UUID) -> Looked:
    """What lists are asked about an entry."""
    return await work.one(Looked, sql.look, id=party_id)


async def mark_listed(work: Work, *, party_id: UUID) -> None:
    """A list may name this entry: its payments are looked at."""
    await work.run(sql.mark_listed, id=party_id)


async def search(
    work: Work, *, part: str | None, role: Role | None, after: str | None, limit: int
) -> pages.Page[Party]:
    """The book, newest first; `part` is looked for inside the name."""
    (after_id,) = pages.decode_cursor(after, UUID) if after else (None,)
    rows = await work.all(
        Party, sql.parties_page, part=part, role=role, after_id=after_id, limit=limit
    )
    return pages.page(rows, limit, lambda party: (party.id,))


async def payee_account(work: Work, *, party_id: UUID) -> PayeeAccount:
    """Where this party's money goes, opened; PartyNotFound or PartyClosed."""
    sealed = await work.maybe(SealedAccount, sql.sealed_account, id=party_id)
    if sealed is None:
        raise PartyNotFound(party_id=party_id)
    if sealed.state == "closed":
        raise PartyClosed(party_id=party_id)
    number = await work.vault.open(
        work, sealed.account_sealed, scope=work.business_id, place=PLACE, row_id=party_id
    )
    return PayeeAccount(
        name=sealed.name,
        bank_code=sealed.bank_code,
        account_number=number,
        trusted=sealed.trusted,
        cooling_until=sealed.cooling_until,
        listed=sealed.listed,
    )


async def trust(work: Work, *, party_id: UUID, version: int) -> Party:
    """Trust this payee: it is no longer watched as new. PartyChanged on another version."""
    changed = await work.run(sql.trust_party, id=party_id, version=version)
    return await _changed(work, "party.trusted", changed, party_id=party_id)


async def close(work: Work, *, party_id: UUID, version: int) -> Party:
    """Take the entry out of the book; payments made stay. PartyChanged on another version."""
    changed = await work.run(sql.close_party, id=party_id, version=version)
    return await _changed(work, "party.closed", changed, party_id=party_id)


async def _changed(work: Work, action: str, changed: int, *, party_id: UUID) -> Party:
    party = await get(work, party_id=party_id)
    if not changed:
        raise PartyChanged(party_id=party_id, version=party.version, state=party.state)
    await work.record(action, object_id=party_id)
    return party
