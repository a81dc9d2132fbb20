"""Brings a payment into a batch and its answer back; what is not the lane's goes on as Work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager

import asyncpg

from accounts.duplicates import operations as duplicates
from accounts.lane import rules
from accounts.lane.model import Answer, Item, Verdict
from accounts.parties import operations as parties
from accounts.payments import operations as payments
from accounts.payments import rules as payment_rules
from accounts.payments.model import NewPayment
from app import database, servers
from app.actor import Actor
from app.batches import Batcher
from app.ids import new_id
from app.queries import load
from app.settings import Settings
from app.vault import Vault
from app.work import CommitUnknown, Work, convert

sql = load(__name__)
Lane = Batcher[Item, Verdict]
Begin = Callable[[], AbstractAsyncContextManager[Work]]
# The lane waits for nobody long: everyone else's payments stand behind it.
PATIENCE = "set statement_timeout = '3s'; set lock_timeout = '250ms'"


def make_lane(settings: Settings, *, settled: Callable[[], None]) -> Lane:
    """The lane of one process; `settled` is called after a commit that settled something."""

    async def connect() -> asyncpg.Connection:
        connection = await database.connect(settings, "lane")
        await connection.execute(PATIENCE)
        return connection

    async def send_and_tell(connection: asyncpg.Connection, items: list[Item]) -> list[Verdict]:
        with servers.warnings_of(connection) as warnings:
            verdicts = await send(connection, items)
        if warnings:
            # Its commit did not wait for the standby to the end.
            raise CommitUnknown(retry_after=1)
        if any(verdict.outcome == "settled" for verdict in verdicts):
            settled()
        return verdicts

    return Batcher(connect=connect, send=send_and_tell, key=rules.key_of)


async def send(connection: asyncpg.Connection, items: Sequence[Item]) -> list[Verdict]:
    """One statement, one commit; the verdicts in the items' order."""
    given = rules.columns(items)
    rows = await connection.fetch(
        sql.pay_batch.text, *(given[name] for name in sql.pay_batch.parameters)
    )
    return [convert(row, Verdict) for row in rows]


async def pay(
    lane: Lane, vault: Vault, begin: Begin, *, actor: Actor, new: NewPayment, key: str
) -> Answer | None:
    """Pay by the lane, once per key; None = stored nothing, the ordinary way decides.

    `begin` gives a transaction for the firm's data key, if that is not known yet. Raises
    KeyReused, Busy where nothing was done, CommitUnknown where a repeat will tell.
    """
    if not rules.suits(new):
        return None
    assert actor.business_id is not None
    if not vault.knows(actor.business_id):
        async with begin() as work:
            await vault.learn(work, scope=actor.business_id)
    item = as_item(vault, actor=actor, new=new, key=key)
    return None if item is None else rules.answer(item, await lane.ask(item))


async def pay_alone(work: Work, *, new: NewPayment, key: str) -> Answer:
    """Pay the ordinary way; raises like `duplicates.ask` and `payments.pay`."""
    await duplicates.ask(work, new=new, key=key)
    return rules.of(await payments.pay(work, new=new, key=key))


def as_item(vault: Vault, *, actor: Actor, new: NewPayment, key: str) -> Item | None:
    """The payment ready for a batch; None while the firm's data key is not known."""
    business_id, person_id, payee = actor.business_id, actor.person_id, new.payee
    assert business_id is not None and person_id is not None and payee is not None
    payment_id = new_id()
    sealed = vault.seal_known(
        payee.account_number, scope=business_id, place=payments.PLACE, row_id=payment_id
    )
    if sealed is None:
        return None
    return Item(
        business_id=business_id,
        person_id=person_id,
        payment_id=payment_id,
        key=key,
        fingerprint=payment_rules.fingerprint(new, person_id=person_id),
        new=new,
        payee=payee,
        sealed=sealed,
        index=vault.blind_index(parties.INDEX, payee.account_number),
    )
