"""The ledger keeps its promises whatever is asked of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from accounts.ledger import operations as ledger
from accounts.ledger.model import (
    AlreadyPosted,
    HoldChange,
    InsufficientFunds,
    Leg,
    NewEntry,
)
from app import verify
from app.actor import Actor
from app.errors import NotFound
from app.ids import new_id
from app.jobs import Ctx
from app.settings import Settings
from workers.main import open_ctx


@pytest.fixture
async def ctx(settings: Settings) -> AsyncIterator[Ctx]:
    """Bare ledgers without a firm around them, so only the ledger itself is verified."""
    async with open_ctx(settings) as opened:
        yield opened
    found = await verify.check(settings)
    assert [line for line in found if line.startswith("ledger_")] == []


async def fund(ctx: Ctx, business_id, amount_fen: int):
    """A firm with a deposit account that holds `amount_fen`."""
    async with ctx.begin(business_id) as work:
        account = await ledger.open_account(work)
        transit = await ledger.bank_side(work, kind="capital")
        if amount_fen:
            await ledger.post(
                work,
                entries=[
                    NewEntry(
                        kind="incoming",
                        business_key=str(uuid4()),
                        legs=[
                            Leg(account_id=account, amount_fen=amount_fen),
                            Leg(account_id=transit, amount_fen=-amount_fen),
                        ],
                    )
                ],
            )
    return account, transit


async def test_a_payment_between_two_firms_balances_in_each(ctx: Ctx):
    ours, theirs = uuid4(), uuid4()
    a, _ = await fund(ctx, ours, 10_000)
    b, _ = await fund(ctx, theirs, 0)
    transfer = new_id()
    async with ctx.begin(ours) as work:
        await ledger.post(
            work,
            entries=[
                NewEntry(
                    kind="payment",
                    business_key="p1",
                    transfer_id=transfer,
                    clearing_fen=4_000,
                    legs=[Leg(account_id=a, amount_fen=-4_000)],
                ),
                NewEntry(
                    kind="payment",
                    business_key="p1",
                    transfer_id=transfer,
                    clearing_fen=-4_000,
                    business_id=theirs,
                    legs=[Leg(account_id=b, amount_fen=4_000)],
                ),
            ],
        )
    async with ctx.begin(ours) as work:
        assert (await ledger.balance(work, account_id=a)).balance_fen == 6_000
        with pytest.raises(NotFound):
            await ledger.balance(work, account_id=b)
    async with ctx.begin(theirs) as work:
        found = await ledger.balance(work, account_id=b)
        assert (found.balance_fen, found.version) == (4_000, 1)


async def test_a_key_has_one_effect_and_a_refusal_writes_nothing(ctx: Ctx):
    firm = uuid4()
    account, transit = await fund(ctx, firm, 100)

    def pay(key: str, amount: int) -> NewEntry:
        return NewEntry(
            kind="payment",
            business_key=key,
            legs=[
                Leg(account_id=account, amount_fen=-amount),
                Leg(account_id=transit, amount_fen=amount),
            ],
        )

    async with ctx.begin(firm) as work:
        await ledger.post(work, entries=[pay("one", 60)])
        with pytest.raises(AlreadyPosted):
            await ledger.post(work, entries=[pay("one", 10)])
        with pytest.raises(InsufficientFunds) as refused:
            await ledger.post(work, entries=[pay("two", 41)])
        assert refused.value.facts["short_fen"] == 1
        await ledger.post(work, entries=[pay("two", 40)])
    async with ctx.begin(firm) as work:
        assert (await ledger.balance(work, account_id=account)).balance_fen == 0


async def test_holds_never_overdraw(ctx: Ctx):
    firm = uuid4()
    account, transit = await fund(ctx, firm, 1_000)
    hold = new_id()
    async with ctx.begin(firm) as work:
        place = HoldChange(action="place", hold_id=hold, account_id=account, amount_fen=700)
        await ledger.post(work, entries=[], holds=[place])
        found = await ledger.balance(work, account_id=account)
        assert (found.balance_fen, found.held_fen, found.available_fen) == (1_000, 700, 300)
        with pytest.raises(InsufficientFunds):
            await ledger.post(
                work,
                entries=[],
                holds=[
                    HoldChange(action="place", hold_id=new_id(), account_id=account, amount_fen=301)
                ],
            )
        capture = HoldChange(action="capture", hold_id=hold, account_id=account)
        await ledger.post(
            work,
            holds=[capture],
            entries=[
                NewEntry(
                    kind="payment",
                    business_key="held",
                    legs=[
                        Leg(account_id=account, amount_fen=-700),
                        Leg(account_id=transit, amount_fen=700),
                    ],
                )
            ],
        )
        found = await ledger.balance(work, account_id=account)
        assert (found.balance_fen, found.held_fen) == (300, 0)


async def test_sixty_at_once_drain_an_account_exactly(ctx: Ctx):
    firm = uuid4()
    account, transit = await fund(ctx, firm, 1_000)

    async def pay(no: int) -> bool:
        async with ctx.begin(firm) as work:
            try:
                await ledger.post(
                    work,
                    entries=[
                        NewEntry(
                            kind="payment",
                            business_key=f"n{no}",
                            legs=[
                                Leg(account_id=account, amount_fen=-30),
                                Leg(account_id=transit, amount_fen=30),
                            ],
                        )
                    ],
                )
            except InsufficientFunds:
                return False
        return True

    done = await asyncio.gather(*(pay(no) for no in range(60)))
    assert sum(done) == 33


async def test_the_balance_is_known_at_every_moment(ctx: Ctx):
    firm = uuid4()
    account, transit = await fund(ctx, firm, 500)
    async with ctx.begin(firm) as work:
        then = work.now
        [entry] = await ledger.post(
            work,
            entries=[
                NewEntry(
                    kind="fee",
                    business_key="f",
                    legs=[
                        Leg(account_id=account, amount_fen=-20),
                        Leg(account_id=transit, amount_fen=20),
                    ],
                )
            ],
        )
    async with ctx.begin(firm) as work:
        assert await ledger.balance_at(work, account_id=account, at=entry.at) == 480
        earlier = then.replace(year=then.year - 1)
        assert await ledger.balance_at(work, account_id=account, at=earlier) == 0
        page = await ledger.postings(
            work,
            account_id=account,
            from_on=work.today,
            until_on=work.today.replace(year=2027),
            limit=1,
        )
        assert page.next and page.items[0].amount_fen == 500
        page = await ledger.postings(
            work,
            account_id=account,
            from_on=work.today,
            limit=5,
            until_on=work.today.replace(year=2027),
            after=page.next,
        )
        assert [row.amount_fen for row in page.items] == [-20]


def test_an_actor_names_itself():
    person = uuid4()
    assert Actor(kind="person", person_id=person).principal == f"person:{person}"
