"""Keeps the book of counterparties: enter, look up, trust, close."""

from datetime import timedelta
from uuid import UUID

from msgspec import Struct

from accounts.parties import rules
from accounts.parties.model import (
    BankCodeInvalid,
    NewParty,
    Party,
    PartyAlreadyKnown,
    PartyChanged,
    PartyClosed,
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
    """Put a counterparty into the book; BankCodeInvalid, UsccInvalid or PartyAlreadyKnown."""
    _check_codes(new)
    party_id = new_id()
    cooling = await policies.value(work, kind="parties.cooling", shape=Cooling)
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
        cooling_until=rules.cooling_until(work.now, timedelta(hours=cooling.hours)),
    )
    if not added:
        known = await by_account(work, account_number=new.account_number, bank_code=new.bank_code)
        raise PartyAlreadyKnown(party_id=known.id if known else None)
    await work.record("party.entered", object_id=party_id)
    return await get(work, party_id=party_id)


def _check_codes(new: NewParty) -> None:
    bank = identifiers.bank_code(new.bank_code)
    if not bank.valid:
        raise BankCodeInvalid(bank_code=new.bank_code, reason=bank.reason)
    if new.uscc is not None and not (uscc := identifiers.uscc(new.uscc)).valid:
        raise UsccInvalid(reason=uscc.reason)


def account_index(work: Work, account_number: str) -> bytes:
    """The blind index of an account number: the same for parties, payees and payers."""
    return work.vault.blind_index(INDEX, account_number)


async def get(work: Work, *, party_id: UUID) -> Party:
    """One entry, or PartyNotFound."""
    party = await work.maybe(Party, sql.party, id=party_id)
    if party is None:
        raise PartyNotFound(party_id=party_id)
    return party


async def by_account(work: Work, *, account_number: str, bank_code: str) -> Party | None:
    """The entry with this account, if the firm knows it."""
    index = account_index(work, account_number)
    return await work.maybe(Party, sql.party_by_account, account_index=index, bank_code=bank_code)


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
