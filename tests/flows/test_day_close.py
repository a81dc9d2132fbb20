"""A sealed day is what was booked on it, even while posting goes on over midnight."""

from __future__ import annotations

import asyncio
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import asyncpg
import pytest

from accounts.day_close import jobs
from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app import verify
from app.clock import start_of_day
from app.jobs import Ctx, Later
from app.settings import Settings
from app.work import Work
from tests.city import City, Person
from tests.firms import open_firm, set_rule
from tests.flows.founding import staff
from workers.main import open_ctx

DAY, NEXT = date(2025, 9, 1), date(2025, 9, 2)
MIDNIGHT = start_of_day(NEXT)
RAW = """
select business_id, booked_on, sum(amount_fen) filter (where owner = 'firm' and amount_fen > 0)
from ledger.postings where booked_on <= $1 group by 1, 2
"""
SEALED = "select business_id, closed_on, firm_in_fen from ledger.day_closes where firm_in_fen <> 0"


@pytest.fixture
async def ctx(settings: Settings) -> AsyncIterator[Ctx]:
    async with open_ctx(settings) as opened:
        yield opened


async def findings(settings: Settings) -> list[str]:
    """What `verify` says about the ledger and its closed days."""
    found = await verify.check(settings)
    return [line for line in found if line.startswith(("ledger_", "day_close_", "sealed_"))]


async def set_clock(db: asyncpg.Connection, moment: datetime) -> None:
    await db.execute("update core.clock set ahead = $1::timestamptz - clock_timestamp()", moment)


class Firm:
    """A bare ledger: a deposit account and the bank's capital against it."""

    def __init__(self, ctx: Ctx) -> None:
        self.ctx, self.id = ctx, uuid4()
        self.account = self.capital = UUID(int=0)

    async def open(self) -> Firm:
        async with self.ctx.begin(self.id) as work:
            self.account = await ledger.open_account(work)
            self.capital = await ledger.bank_side(work, kind="capital")
        return self

    async def receive(self, work: Work, amount_fen: int) -> date:
        """Book money that came in; the date on which."""
        [entry] = await ledger.post(
            work,
            entries=[
                NewEntry(
                    kind="incoming",
                    business_key=str(uuid4()),
                    legs=[
                        Leg(account_id=self.account, amount_fen=amount_fen),
                        Leg(account_id=self.capital, amount_fen=-amount_fen),
                    ],
                )
            ],
        )
        return entry.booked_on


async def over_midnight(ctx: Ctx, db: asyncpg.Connection, firm: Firm) -> asyncio.Task[None]:
    """One call has posted before midnight and ends after the close began; another began before it
    and posts after it. Answers with the close, under way."""
    posted, began, go_on, post_late = (asyncio.Event() for _ in range(4))

    async def early() -> None:
        async with ctx.begin(firm.id) as work:
            assert await firm.receive(work, 100) == DAY
            posted.set()
            await go_on.wait()

    async def late() -> None:
        async with ctx.begin(firm.id) as work:
            began.set()
            await post_late.wait()
            await firm.receive(work, 30)

    async with asyncio.TaskGroup() as calls:
        calls.create_task(early())
        second = asyncio.create_task(late())
        await asyncio.gather(posted.wait(), began.wait())
        await set_clock(db, MIDNIGHT + timedelta(seconds=5))
        closing = asyncio.create_task(jobs.close(ctx, until=DAY))
        await asyncio.sleep(0.4)
        waits = not closing.done()
        go_on.set()
        post_late.set()
    with pytest.raises(asyncpg.SerializationError):
        await second
    assert waits, "the close did not wait for whoever could still book on the day"
    return closing


async def test_who_posted_before_midnight_is_in_the_day_and_who_posts_later_begins_again(
    ctx: Ctx, db: asyncpg.Connection, settings: Settings
):
    await set_clock(db, MIDNIGHT - timedelta(seconds=20))
    firm, other = await Firm(ctx).open(), await Firm(ctx).open()
    await (await over_midnight(ctx, db, firm))
    [row] = await db.fetch("select * from ledger.day_closes where business_id = $1", firm.id)
    assert (row["business_id"], row["closed_on"], row["entries"]) == (firm.id, DAY, 1)
    assert (row["firm_in_fen"], row["firm_closing_fen"], row["bank_closing_fen"]) == (
        100,
        100,
        -100,
    )
    async with ctx.begin(firm.id) as work:
        assert await firm.receive(work, 30) == NEXT
    # A repeat finds nothing left, and nothing is booked on a closed date by any hand.
    await jobs.close(ctx, until=DAY)
    with pytest.raises(asyncpg.SerializationError):
        async with ctx.begin(other.id) as work:
            work.now = MIDNIGHT - timedelta(seconds=1)
            await other.receive(work, 1)
    assert await findings(settings) == []
    assert await db.fetchval("select count(*) from core.audit where action = 'day.sealed'") >= 1


async def sum_live(db: asyncpg.Connection) -> None:
    """The planted bug: sums are taken at once, and a closed date still takes postings."""
    for name, old, new in (
        ("close_dates", r"return false;", "return true;"),
        ("seal_day", r"if v_barrier is null.*?end if;", ""),
        ("check_entries", r"if \(select c\.closed_until.*?end if;", ""),
    ):
        text = await db.fetchval(
            "select pg_get_functiondef(p.oid) from pg_proc p"
            " where p.pronamespace = 'ledger'::regnamespace and p.proname = $1", name
        )  # fmt: skip
        changed = re.sub(old, new, text, flags=re.DOTALL)
        assert changed != text, name
        await db.execute(changed)


async def test_a_close_that_sums_live_is_found_out(
    ctx: Ctx, db: asyncpg.Connection, settings: Settings
):
    await set_clock(db, MIDNIGHT - timedelta(seconds=20))
    await sum_live(db)
    firm = await Firm(ctx).open()
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        await over_midnight(ctx, db, firm)
    await jobs.close(ctx, until=DAY)
    assert "day_close_differs_from_the_postings" in "\n".join(await findings(settings))


async def test_a_date_that_has_not_ended_is_not_closed(ctx: Ctx, db: asyncpg.Connection):
    await set_clock(db, MIDNIGHT - timedelta(minutes=1))
    with pytest.raises(asyncpg.PostgresError, match="has not ended"):
        await jobs.close(ctx, until=DAY)
    await set_clock(db, MIDNIGHT + timedelta(seconds=1))
    with pytest.raises(Later):
        await jobs.close_days(ctx, on=NEXT)
    assert not await db.fetchval("select closed_until >= $1 from ledger.closing", DAY)


async def posting(
    firm: Firm, dice: random.Random, stop: asyncio.Event, booked: Counter, seen: Counter
) -> None:
    """Post without a pause, each call with its waits, some of them over midnight."""
    while not stop.is_set():
        amount = dice.randrange(1, 1000)
        try:
            async with firm.ctx.begin(firm.id) as work:
                await asyncio.sleep(dice.uniform(0, 0.12))
                on = await firm.receive(work, amount)
                await asyncio.sleep(dice.uniform(0, 0.12))
                before = work.now < MIDNIGHT
        except asyncpg.SerializationError:
            seen["turned_away"] += 1
            continue
        booked[firm.id, on] += amount
        seen["postings"] += 1
        seen["began_before_ended_after"] += before and seen["closing"] > 0


async def test_sealed_sums_are_the_raw_sums_while_everybody_posts(
    ctx: Ctx, db: asyncpg.Connection, settings: Settings
):
    await set_clock(db, MIDNIGHT - timedelta(seconds=30))
    firms = [await Firm(ctx).open() for _ in range(8)]
    dice, stop = random.Random(3), asyncio.Event()
    booked, seen = Counter[tuple[UUID, date]](), Counter[str]()
    await set_clock(db, MIDNIGHT - timedelta(seconds=1))
    posters = [asyncio.create_task(posting(firm, dice, stop, booked, seen)) for firm in firms * 2]
    await asyncio.sleep(max((MIDNIGHT - await moment(db)).total_seconds(), 0) + 0.01)
    seen["closing"] = 1
    await jobs.close(ctx, until=DAY)
    sealed = {(row[0], row[1]): row[2] for row in await db.fetch(SEALED)}
    await asyncio.sleep(0.5)
    stop.set()
    await asyncio.gather(*posters)
    assert sealed == {place: fen for place, fen in booked.items() if place[1] == DAY}
    assert sealed == {(row[0], row[1]): int(row[2]) for row in await db.fetch(RAW, DAY)}
    assert any(on == NEXT for _, on in booked), "nobody posted after midnight"
    assert seen["began_before_ended_after"] >= 4, seen
    assert await findings(settings) == []


async def moment(db: asyncpg.Connection) -> datetime:
    found: datetime = await db.fetchval("select clock_timestamp() + ahead from core.clock")
    return found


@pytest.fixture
async def desk(city: City) -> Person:
    people = await staff(city)
    for person in people.values():
        if (await person.get("/desk/v1/me")).json()["role"] == "operator":
            return person
    raise AssertionError("no operator")


async def test_the_banks_figures_come_from_sealed_rows_and_say_who_is_missing(
    city: City, db: asyncpg.Connection, desk: Person
):
    firm = await open_firm(city, fen=100_000)
    payee = await open_firm(city, name="杭州示例餐饮有限公司")
    await set_rule(firm.owner, None, None)
    paid = await firm.owner.post("/v1/payments", firm.order_to(payee, 4_000))
    assert paid.status_code == 201, paid.text
    today = (await desk.get("/desk/v1/day-closes", on=DAY.isoformat())).json()
    assert (today["closed"], today["sealed"], today["totals"]) == (False, False, [])
    waiting = (await desk.get("/desk/v1/day-closes/missing", on=DAY.isoformat(), limit=1)).json()
    assert waiting["items"][0]["last_sealed_on"] is None and waiting["next"]

    await city.move_clock(datetime(2025, 9, 4, 1, tzinfo=UTC))
    for on in (DAY, NEXT, date(2025, 9, 3)):
        seen = (await desk.get("/desk/v1/day-closes", on=on.isoformat())).json()
        assert (seen["closed"], seen["sealed"]) == (True, True)
        [cny] = seen["totals"]
        assert cny["firm_closing_fen"] + cny["bank_closing_fen"] == 0
        assert cny["clearing_fen"] == 0
        raw = await db.fetchrow(
            "select coalesce(sum(amount_fen) filter (where amount_fen > 0), 0)::bigint,"
            " count(*) from ledger.postings where owner = 'firm' and booked_on = $1", on
        )  # fmt: skip
        assert (cny["firm_in_fen"], cny["firm_postings"]) == tuple(raw)
        missing = await desk.get("/desk/v1/day-closes/missing", on=on.isoformat())
        assert missing.json() == {"items": [], "next": None}
    assert (await firm.owner.get("/desk/v1/day-closes", on="2025-09-01")).status_code == 401


async def test_a_row_that_was_changed_breaks_the_chain(
    ctx: Ctx, db: asyncpg.Connection, settings: Settings
):
    await set_clock(db, MIDNIGHT - timedelta(hours=1))
    firm = await Firm(ctx).open()
    async with ctx.begin(firm.id) as work:
        await firm.receive(work, 500)
    await set_clock(db, MIDNIGHT + timedelta(days=2))
    await jobs.close(ctx, until=NEXT)
    assert await findings(settings) == []
    with pytest.raises(asyncpg.PostgresError, match="append-only"):
        await db.execute("update ledger.day_closes set entries = 0")
    await db.execute("alter table ledger.day_closes disable trigger user")
    await db.execute("update ledger.day_closes set entries = entries + 1 where closed_on = $1", DAY)
    found = "\n".join(await findings(settings))
    assert "day_close_chain_is_broken" in found
    assert "day_close_differs_from_the_postings" in found
