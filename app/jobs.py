"""Jobs: what a background step gets in hand, and how its lease fences every effect."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from app import work
from app.actor import SYSTEM
from app.database import Connection, Pool
from app.outbox import Doorbell
from app.settings import Settings
from app.vault import Vault
from app.work import Work

if TYPE_CHECKING:
    from app.documents import Documents
    from app.outside import Outside

JobFunction = Callable[..., Awaitable[None]]

FENCE = (
    "update core.jobs set leased_until = clock_timestamp() + make_interval(secs => $3)"
    " where id = $1 and lease_no = $2 and state = 'running' returning true"
)

# One per firm and date, however often the clock's own job is repeated.
START_EACH = """
insert into core.jobs (id, event_id, job, business_id, payload)
select uuidv7(), md5($1 || ':' || $2::text || ':' || firm)::uuid, $1, firm, $3
from unnest($4::uuid[]) firm
on conflict on constraint one_job_per_event_and_reaction do nothing
"""


class Later(Exception):
    """Not yet: run again after `seconds`, without counting it as a failure."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"again in {seconds} s")


class LeaseLost(Exception):
    """Another worker has taken this job over; whatever was done here is rolled back."""


class Lease(msgspec.Struct, frozen=True, kw_only=True):
    """A claimed job: its number fences every effect."""

    id: UUID
    job: str
    lease_no: int
    attempts: int
    business_id: UUID | None
    payload: dict[str, Any]
    created_at: datetime


class Ctx:
    """What a job talks to. Network calls go between transactions, never inside one."""

    def __init__(
        self,
        *,
        settings: Settings,
        pools: dict[str, Pool],
        vault: Vault,
        outside: Outside,
        documents: Documents,
        doorbell: Doorbell,
        lease: Lease | None = None,
    ) -> None:
        self.settings = settings
        self.pools = pools
        self.vault = vault
        self.outside = outside
        self.documents = documents
        self.doorbell = doorbell
        self.lease = lease
        # Jobs that this process runs now, by the number of their lease.
        self.held: dict[UUID, int] = {}

    def under(self, lease: Lease) -> Ctx:
        """The same hands under a lease."""
        return Ctx(
            settings=self.settings,
            pools=self.pools,
            vault=self.vault,
            outside=self.outside,
            documents=self.documents,
            doorbell=self.doorbell,
            lease=lease,
        )

    @asynccontextmanager
    async def begin(
        self, business_id: UUID | None = None, *, person_id: UUID | None = None
    ) -> AsyncIterator[Work]:
        """A transaction as the system, in the tenant given; fenced by the job's lease."""
        actor = msgspec.structs.replace(SYSTEM, business_id=business_id, person_id=person_id)
        async with work.begin(
            self.pools["worker"],
            actor,
            settings=self.settings,
            vault=self.vault,
            ring=self.doorbell.ring,
        ) as current:
            if self.lease is not None:
                held = await current.connection.fetchval(
                    FENCE, self.lease.id, self.lease.lease_no, self.settings.lease_seconds
                )
                if not held:
                    raise LeaseLost(str(self.lease.id))
            yield current

    @asynccontextmanager
    async def nightly(self) -> AsyncIterator[Connection]:
        """A transaction of the role for set-based work over all firms, through functions only."""
        pool = self.pools["nightly"]
        async with pool.acquire(timeout=5) as connection, connection.transaction():
            yield connection

    async def start_each(self, job: JobFunction, firms: Sequence[UUID], *, on: date) -> None:
        """A job of its own for each firm, once per business date: tried again alone if it fails,
        and nobody waits for it. `job` takes `on` and `business_id`."""
        await self.pools["worker"].execute(
            START_EACH, job_name(job), on.isoformat(), {"on": on.isoformat()}, list(firms)
        )
        self.doorbell.ring()


def job_name(function: JobFunction) -> str:
    """The stored name of a job: `invoicing.invoices.ask_for_number`."""
    return f"{function.__module__.removesuffix('.jobs')}.{function.__name__}"
