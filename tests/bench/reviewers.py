"""The reviewers' queue with 100,000 cases against one with 1,000: list, claim, decide."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID

import asyncpg
import msgspec

from app import database
from app.actor import Actor
from app.ids import new_id
from app.jobs import Ctx
from app.settings import Settings
from app.work import Work, begin
from onboarding.reviews import operations as reviews
from onboarding.reviews.model import NewDecision, Wanted
from tests.bench.report import Figure, ratio

SMALL, LARGE = 1_000, 100_000
ROUNDS, EACH = 15, 8
AIM = 3.0
# Firms, their applications, their reviews and the questions about them, set by set.
FILL = (
    """create temp table made as select uuidv7() as business_id, uuidv7() as application_id,
      uuidv7() as review_id, n, (n * 7919) % 80 as risk,
      now() - make_interval(mins => n % 600) as at from generate_series(1, $1::int) n""",
    """insert into onboarding.applications (business_id, id, applied_by, state, version, round,
      branch, account_class, account_name, uscc, entity_type, area_code, capital_fen,
      established_on, purpose, expected_monthly_fen, private, risk_score, route, due_at, created_at)
    select business_id, application_id, business_id, 'reviewing', 3, 1,
      lpad((1 + n % 2)::text, 4, '0'), 'basic', '上海示例' || n || '科技有限公司',
      '9131' || lpad(n::text, 14, '0'), 'limited_company', '310115', 10000000, '2024-01-01',
      '日常经营', 0, '\\x00', risk, 'one_reviewer', at + interval '1 day', at from made""",
    """insert into onboarding.reviews (business_id, id, application_id, version, round, branch,
      uscc, levels, risk_score, reason_codes, account_name, due_at, opened_at)
    select business_id, review_id, application_id, 3, 1, lpad((1 + n % 2)::text, 4, '0'),
      '9131' || lpad(n::text, 14, '0'), 1, risk, '{new_firm}', '上海示例' || n || '科技有限公司',
      at + interval '4 hours', at from made""",
    """insert into onboarding.firm_references (object_id, business_id)
    select review_id, business_id from made""",
    """insert into core.approvals (business_id, id, kind, object_id, version, scope, levels,
      requested_by, requested_at)
    select business_id, uuidv7(), 'application', review_id, 3, 'bank', 1, 'system', at from made""",
)
STAFF = """insert into identity.staff (id, username, name_sealed, password_hash, totp_sealed, role,
  branch, made_at) values ($1, 'reviewer.bench', '\\x00', '', '\\x00', 'reviewer', '0000', now())"""


class Queue:
    """One bank's queue and a reviewer of its central branch, who sees it all."""

    def __init__(self, ctx: Ctx, pool: database.Pool, staff_id: UUID, ids: list[UUID]) -> None:
        self.ctx, self.pool, self.ids = ctx, pool, iter(ids)
        self.actor = Actor(kind="staff", staff_id=staff_id, role="reviewer", branch="0000")

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A request's transaction at the desk."""
        async with begin(
            self.pool, self.actor, settings=self.ctx.settings, vault=self.ctx.vault,
            ring=lambda: None,
        ) as work:  # fmt: skip
            yield work

    async def list(self, review_id: UUID) -> None:
        """The first page and the one after it, in the usual order."""
        async with self.work() as work:
            first = await reviews.queue(work, wanted=Wanted(), limit=50)
            assert len(first.items) == 50
            await reviews.queue(work, wanted=Wanted(), after=first.next, limit=50)

    async def claim(self, review_id: UUID) -> None:
        """Take one case, wherever in the queue it stands."""
        async with self.work() as work:
            await reviews.claim(work, review_id=review_id)

    async def decide(self, review_id: UUID) -> None:
        """Approve it."""
        async with self.work() as work:
            new = NewDecision(version=3, decision="approve")
            row = await reviews.decide(work, review_id=review_id, new=new)
            assert row.state == "approved"


async def fill(settings: Settings, count: int) -> tuple[UUID, list[UUID]]:
    """Cases by set; the reviewer and a sample of the cases."""
    connection: asyncpg.Connection = await database.connect(settings)
    try:
        staff_id = new_id()
        await connection.execute(STAFF, staff_id)
        await connection.execute("set synchronous_commit = off")
        for statement in FILL:
            await connection.execute(statement, *([count] if "$1" in statement else []))
        rows = await connection.fetch("select review_id from made")
        for table in ("reviews", "applications", "firm_references"):
            await connection.execute(f"vacuum analyze onboarding.{table}")
        await connection.execute("vacuum analyze core.approvals")
    finally:
        await connection.close()
    chosen = random.Random(7).sample([row[0] for row in rows], ROUNDS * EACH + EACH)
    return staff_id, chosen


async def _small(ctx: Ctx, url: str) -> Settings:
    """A second bank beside the first one."""
    admin = await asyncpg.connect(url)
    await admin.execute("create database bench_queue_small")
    await admin.close()
    head, _, tail = url.partition("?")
    address = head.rpartition("/")[0] + "/bench_queue_small" + (f"?{tail}" if tail else "")
    settings = msgspec.structs.replace(ctx.settings, database_url=address)
    await database.prepare(settings)
    return settings


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """Interleaved rounds on both queues; ratios of their times."""
    async with AsyncExitStack() as stack:
        queues = {}
        for count, settings in ((SMALL, await _small(ctx, url)), (LARGE, ctx.settings)):
            staff_id, ids = await fill(settings, count)
            pool = await database.create_pool(settings, "desk", size=2)
            stack.push_async_callback(pool.close)
            queues[count] = Queue(ctx, pool, staff_id, ids)
        times: dict[tuple[str, int], list[float]] = {}
        for turn in range(ROUNDS + 1):
            for count, queue in queues.items():
                chosen = list(itertools.islice(queue.ids, EACH))
                acts: dict[str, Callable[[UUID], Awaitable[None]]] = {
                    "list": queue.list, "claim": queue.claim, "decide": queue.decide,
                }  # fmt: skip
                for name, act in acts.items():
                    started = time.perf_counter()
                    for review_id in chosen:
                        await act(review_id)
                    if turn:  # the first one warms up
                        spent = time.perf_counter() - started
                        times.setdefault((name, count), []).append(spent)
    return [
        ratio(
            "Q1", f"{name} with {LARGE:,} cases against {SMALL:,} (times)", times[name, LARGE],
            times[name, SMALL], against=f"the same with {SMALL:,}", aim=AIM, at_most=True,
        )
        for name in ("list", "claim", "decide")
    ]  # fmt: skip
