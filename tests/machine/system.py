"""The same operations on the real database: a bank of fresh firms for every run."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from accounts.agreements import operations as agreements
from accounts.deposits import operations as deposits
from accounts.escrow import operations as escrows
from accounts.escrow.model import (
    EscrowDecision,
    MilestoneShare,
    NewAgreement,
    NewEscrow,
    NewFunding,
    NewMilestone,
    Objection,
)
from accounts.guarantees.model import Said
from accounts.ledger import operations as ledger
from accounts.ledger.model import HoldChange, Leg, NewEntry
from accounts.payments.model import Payee
from accounts.reservations import operations as reservations
from accounts.reservations.model import NewConfirmation, NewReservation
from app import clock
from app.actor import Actor
from app.database import Pool
from app.errors import XiaoweiError
from app.identity import operations as identity
from app.identity.sessions import operations as sessions
from app.ids import new_id
from app.jobs import Ctx
from app.work import Work, begin
from tests.machine.model import CAPITAL, FIRMS, LINE_FEN, OBJECTION_DAYS

BASE = datetime(2025, 9, 2, tzinfo=clock.SHANGHAI)
OUR_BANK = "102100099996"
PHONE = "13800000001"
REASON = "对账不符"
ACCOUNTS = """
select id, balance_fen, held_fen, state, floor_fen, kind, business_id
from ledger.accounts where business_id = any($1)
"""
HOLDS = "select id, amount_fen, taken_fen, state from ledger.holds where business_id = any($1)"
RESERVATIONS = "select id, ended, hold_id from accounts.reservations where business_id = any($1)"
ESCROWS = """
select e.id, e.state, a.balance_fen,
       (select array_agg(array[m.payer_word_fen, m.beneficiary_word_fen, (
          select coalesce(sum(p.amount_fen), 0) from accounts.escrow_moves v
          join accounts.payments p on p.business_id = v.business_id and p.id = v.payment_id
          where v.business_id = m.business_id and v.escrow_id = m.escrow_id
            and v.milestone_no = m.no and p.state = 'settled')] order by m.no)
        from accounts.escrow_milestones m
        where m.business_id = e.business_id and m.escrow_id = e.id) as parts
from accounts.escrows e
join ledger.accounts a on a.business_id = e.business_id and a.id = e.escrow_account_id
where e.business_id = any($1)
"""


class System:
    """Three firms of the real bank, and every operation under the name that the model gives it."""

    _numbers = itertools.count(1)

    def __init__(
        self, ctx: Ctx, looker: asyncpg.Connection, desk: Pool, loop: asyncio.Runner
    ) -> None:
        self.ctx, self.looker, self.desk, self.loop = ctx, looker, desk, loop
        self.now = 0
        self.person: UUID | None = None
        self.firms: list[UUID] = []
        self.accounts: list[UUID] = []
        self.payees: list[Payee] = []
        self.ids: dict[str, UUID] = {}

    # --- a run ---

    async def begin(self, balances: list[int]) -> None:
        """Fresh firms with money."""
        self.now, self.ids = 0, {}
        self.firms, self.accounts, self.payees = [], [], []
        if self.person is None:
            async with self.ctx.begin() as work:
                self.person = await sessions.person_of_phone(work, phone=PHONE)
        capital = []
        for no, fen in enumerate(balances):
            async with self._work(None) as work:
                firm = await self._found(work, no)
                account, bank = self.accounts[no], await ledger.bank_side(work, kind="capital")
                capital.append(bank)
                if fen:
                    await ledger.post(work, entries=[entry("fund", [(bank, -fen), (account, fen)])])
                self.firms.append(firm)
        async with self._work(0) as work:
            self.accounts.append(await ledger.open_account(work, floor_fen=-LINE_FEN))
        self.accounts += capital

    async def _found(self, work: Work, no: int) -> UUID:
        name = f"上海第{no}号机器有限公司"
        firm = new_id()
        await work.set_business(firm)
        await identity.take_in_business(work, name=name, phone=PHONE)
        number = f"0299{next(self._numbers):013d}"
        self.accounts.append(
            await deposits.open(work, number=number, name=name, account_class="basic")
        )
        self.payees.append(Payee(name=name, account_number=number, bank_code=OUR_BANK))
        return firm

    @asynccontextmanager
    async def _work(self, firm: int | None) -> AsyncIterator[Work]:
        business = None if firm is None else self.firms[firm]
        async with self.ctx.begin(business, person_id=self.person) as work:
            work.now = BASE + timedelta(minutes=self.now)
            yield work

    @asynccontextmanager
    async def _staff(self, name: str) -> AsyncIterator[Work]:
        """One of the bank's people at the desk, in the firm of an agreement."""
        actor = Actor(kind="staff", staff_id=uuid4(), role="supervisor")
        async with begin(
            self.desk, actor, settings=self.ctx.settings, vault=self.ctx.vault, ring=lambda: None
        ) as work:
            work.now = BASE + timedelta(minutes=self.now)
            await work.set_business(self.firms[self._holds_on(name)])
            yield work

    def _firm(self, account: int) -> int:
        if account >= CAPITAL:
            return account - CAPITAL
        return account if account < FIRMS else 0

    async def perform(self, what: str, args: tuple[Any, ...]) -> str:
        """The outcome in the model's words: `ok`, or the name of the refusal."""
        try:
            await getattr(self, what)(*args)
        except XiaoweiError as refusal:
            return type(refusal).__name__
        return "ok"

    # --- the ledger ---

    async def wait(self, minutes: int) -> None:
        self.now += minutes

    async def set_state(self, account: int, state: Any) -> None:
        async with self._work(self._firm(account)) as work:
            await ledger.set_state(work, account_id=self.accounts[account], state=state)

    async def move(self, payer: int, payee: int, amount: int, key: str) -> None:
        ours, theirs = self._firm(payer), self._firm(payee)
        gives, gets = (self.accounts[payer], -amount), (self.accounts[payee], amount)
        entries = [entry(key, [gives, gets])]
        if ours != theirs:
            transfer: dict[str, Any] = {"transfer_id": new_id()}
            theirs_too = transfer | {"business_id": self.firms[theirs]}
            entries = [
                entry(key, [gives], clearing_fen=amount, **transfer),
                entry(key, [gets], clearing_fen=-amount, **theirs_too),
            ]
        async with self._work(ours) as work:
            await ledger.post(work, entries=entries)

    async def place(self, name: str, account: int, amount: int, days: int | None) -> None:
        self.ids[name] = new_id()
        await self._hold(name, account, "place", amount, [], days=days)

    async def release(self, name: str) -> None:
        await self._hold(name, self._holds_on(name), "release", 0, [])

    async def capture(self, name: str, amount: int, key: str) -> None:
        await self._used(name, "capture", amount, key)

    async def part(self, name: str, amount: int, key: str) -> None:
        await self._used(name, "capture_part", amount, key)

    async def _used(self, name: str, what: str, amount: int, key: str) -> None:
        account = self._holds_on(name)
        bank = self.accounts[CAPITAL + self._firm(account)]
        paid = entry(key, [(self.accounts[account], -amount), (bank, amount)])
        await self._hold(name, account, what, amount, [paid])

    def _holds_on(self, name: str) -> int:
        return int(name.partition("@")[2] or 0)

    async def _hold(
        self, name: str, account: int, what: Any, amount: int, entries: list[NewEntry],
        days: int | None = None,
    ) -> None:  # fmt: skip
        async with self._work(self._firm(account)) as work:
            change = HoldChange(
                action=what,
                hold_id=self.ids.get(name) or uuid4(),
                account_id=self.accounts[account],
                amount_fen=amount,
                expires_at=None if days is None else work.now + timedelta(days=days),
            )
            await ledger.post(work, entries=entries, holds=[change])

    # --- reservations ---

    async def reserve(self, name: str, account: int, payee: int, amount: int, days: int) -> None:
        async with self._work(account) as work:
            new = NewReservation(
                account_id=self.accounts[account],
                amount_fen=amount,
                expires_at=work.now + timedelta(days=days),
                payee=self.payees[payee],
            )
            made = await reservations.reserve(work, new=new)
        self.ids[name] = made.id

    async def confirm(self, name: str, amount: int | None) -> None:
        async with self._work(self._holds_on(name)) as work:
            new = NewConfirmation(amount_fen=amount)
            await reservations.confirm(work, reservation_id=self._id(name), new=new)

    async def cancel(self, name: str) -> None:
        async with self._work(self._holds_on(name)) as work:
            await reservations.cancel(work, reservation_id=self._id(name), reason=REASON)

    async def expire(self, firm: int) -> None:
        async with self._work(firm) as work:
            await reservations.expire(work, limit=200)

    def _id(self, name: str) -> UUID:
        return self.ids.get(name) or uuid4()

    # --- escrow ---

    async def propose(
        self, name: str, payer: int, payee: int, amounts: list[int], rule: Any, guaranteed: bool,
        days: int,
    ) -> None:  # fmt: skip
        async with self._work(payer) as work:
            new = NewEscrow(
                mode="guaranteed" if guaranteed else "escrowed",
                account_id=self.accounts[payer],
                title="采购",
                beneficiary=self.payees[payee],
                milestones=[
                    NewMilestone(
                        title=f"{no}", amount_fen=fen, due_on=work.today + timedelta(days=no)
                    )
                    for no, fen in enumerate(amounts, 1)
                ],
                expires_at=work.now + timedelta(days=days),
                release_rule=rule,
                objection_days=OBJECTION_DAYS,
            )
            made = await agreements.propose(work, new=new)
        self.ids[name] = made.shown.id

    async def fund(self, name: str, amount: int | None) -> None:
        """With what the job does after it: the order's event is heard in the same breath."""
        async with self._work(self._holds_on(name)) as work:
            paid = await agreements.fund(
                work, escrow_id=self._id(name), new=NewFunding(amount_fen=amount)
            )
            await escrows.follow(work, payment_id=paid.id)

    async def hear(self, name: str, word: Any, no: int, amount: int | None) -> None:
        async with self._work(self._holds_on(name)) as work:
            said = Said(
                id=new_id(),
                guarantee_id=self._id(name),
                word=word,
                milestone_no=no,
                amount_fen=amount,
                reason=REASON,
                said_at=work.now,
            )
            await agreements.hear(work, escrow_id=self._id(name), said=said)

    async def agree(self, name: str, no: int, amount: int | None) -> None:
        async with self._work(self._holds_on(name)) as work:
            new = NewAgreement(milestone_no=no, amount_fen=amount)
            await agreements.agree(work, escrow_id=self._id(name), new=new)

    async def dispute(self, name: str) -> None:
        async with self._work(self._holds_on(name)) as work:
            new = Objection(milestone_no=1, reason=REASON)
            await agreements.dispute(work, escrow_id=self._id(name), new=new)

    async def withdraw(self, name: str) -> None:
        async with self._work(self._holds_on(name)) as work:
            await agreements.withdraw(work, escrow_id=self._id(name), reason=REASON)

    async def decide(self, name: str, share: int | None) -> None:
        """Two of the bank's people say the same."""
        shares = [] if share is None else [MilestoneShare(milestone_no=1, amount_fen=share)]
        async with self._staff(name) as work:
            version = (await escrows.lock(work, escrow_id=self._id(name))).escrow.version
            new = EscrowDecision(
                version=version,
                outcome="resume" if share is None else "split",
                shares=shares,
                reason=REASON,
            )
            await agreements.propose_decision(work, escrow_id=self._id(name), new=new)
        async with self._staff(name) as work:
            await agreements.agree_to_decision(work, escrow_id=self._id(name), version=version)
        await self.look(name)

    async def look(self, name: str) -> None:
        async with self._work(self._holds_on(name)) as work:
            await escrows.look(work, escrow_id=self._id(name))

    # --- what the database says ---

    async def view(self) -> dict[str, object]:
        """In the model's words; and what must hold whatever the model says."""
        rows = await self.looker.fetch(ACCOUNTS, self.firms)
        assert sum(row["balance_fen"] for row in rows) == 0, "the firms' books do not sum to zero"
        for row in rows:
            free = row["balance_fen"] - row["held_fen"]
            assert row["floor_fen"] is None or free >= row["floor_fen"], f"overdrawn: {dict(row)}"
        by_id = {row["id"]: (row["balance_fen"], row["held_fen"], row["state"]) for row in rows}
        names = {uid: name for name, uid in self.ids.items()}
        made = await self.looker.fetch(RESERVATIONS, self.firms)
        held = {row["hold_id"]: names[row["id"]] for row in made}
        holds = await self.looker.fetch(HOLDS, self.firms)
        found = await self.looker.fetch(ESCROWS, self.firms)
        return {
            "accounts": [by_id[account] for account in self.accounts],
            "holds": {
                held.get(row["id"]) or names[row["id"]]: (
                    row["amount_fen"], row["taken_fen"], row["state"])
                for row in holds
            },
            "reservations": {names[row["id"]]: row["ended"] for row in made},
            "escrows": {
                names[row["id"]]: (
                    row["state"], row["balance_fen"], [tuple(map(int, p)) for p in row["parts"]])
                for row in found
            },
        }  # fmt: skip


def entry(key: str, legs: list[tuple[UUID, int]], **more: Any) -> NewEntry:
    """An entry of the machine's own kind."""
    return NewEntry(
        kind="machine",
        business_key=key,
        legs=[Leg(account_id=account, amount_fen=fen) for account, fen in legs],
        **more,
    )
