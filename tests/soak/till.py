"""Clients who pay: each writes what it wants to disk first, and asks until it knows."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

import httpx
import msgspec

from tests.city import Person
from tests.firms import Firm

Rail = Literal["in_bank", "outside"]
SMALLEST_FEN = 1_000
GIVE_UP_SECONDS = 150
# A token lives for ten minutes.
FRESH_SECONDS = 300


class Intent(msgspec.Struct, kw_only=True):
    """One payment somebody wants: the amount is nobody else's, so that it can be recognised."""

    key: str
    rail: Rail
    amount_fen: int
    # Every definite answer to it, and the payment's id.
    statuses: list[int] = []
    bodies: set[bytes] = set()
    payment_id: str = ""
    unknown: bool = False


class Journal:
    """What was wanted and what was answered, on disk before anything else happens."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("ab")

    def write(self, **facts: Any) -> None:
        self._file.write(msgspec.json.encode(facts) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


class Till:
    """The firm's clients; `reached` counts the dangerous states they were in."""

    def __init__(self, firm: Firm, payee: Firm, journal: Journal, seed: int) -> None:
        self.firm, self.payee, self.journal = firm, payee, journal
        self.dice = random.Random(seed)
        self.intents: list[Intent] = []
        self.in_flight = 0
        # How many answers were definite.
        self.definite = 0
        self.reached: Counter[str] = Counter()
        self.errors: list[str] = []
        self._amounts = itertools.count(SMALLEST_FEN)
        self._client = httpx.AsyncClient(timeout=20)
        self._signed_in = time.monotonic()

    async def close(self) -> None:
        await self._client.aclose()

    def intend(self, rail: Rail) -> Intent:
        """A new wish under a new key."""
        key = str(UUID(int=self.dice.getrandbits(128), version=4))
        intent = Intent(
            key=key, rail=rail, amount_fen=next(self._amounts), statuses=[], bodies=set()
        )
        self.intents.append(intent)
        return intent

    async def pay(self, intent: Intent, *, first_at: str = "") -> None:
        """Ask under the same key until there is a definite answer; `first_at` hears it first."""
        home = str(self.firm.city.api.base_url)
        async with asyncio.timeout(GIVE_UP_SECONDS):
            for attempt in itertools.count():
                base = first_at if first_at and attempt == 0 else home
                if await self._ask(intent, base):
                    return
                await asyncio.sleep(min(0.1 * 2**attempt, 1.0) * self.dice.uniform(0.7, 1.3))

    async def _ask(self, intent: Intent, base: str) -> bool:
        """One request; whether its answer is definite."""
        order = self.order(intent)
        self.journal.write(wants=intent.key, rail=intent.rail, amount_fen=intent.amount_fen)
        headers = self.firm.owner.headers(intent.key)
        self.in_flight += 1
        self.reached["payment_requests"] += 1
        try:
            answer = await self._client.post(f"{base}/v1/payments", json=order, headers=headers)
        except httpx.ConnectError:
            self.reached["connections_refused"] += 1
            return False
        except httpx.HTTPError:
            self.reached["answers_lost"] += 1
            intent.unknown = True
            return False
        finally:
            self.in_flight -= 1
        return self._hear(intent, answer)

    def _hear(self, intent: Intent, answer: httpx.Response) -> bool:
        code = answer.status_code
        if code == 503:
            unknown = answer.json()["type"].endswith(":commit-unknown")
            self.reached["answered_unknown" if unknown else "answered_busy"] += 1
            intent.unknown = intent.unknown or unknown
            return False
        if code >= 500 or code in (400, 401, 403, 404):
            self.errors.append(f"payment {intent.key}: {code} {answer.text[:200]}")
            return code < 500
        self.journal.write(answered=intent.key, status=code)
        self.definite += 1
        intent.statuses.append(code)
        intent.bodies.add(answer.content)
        if code == 201:
            intent.payment_id = answer.json()["id"]
        if intent.unknown:
            replayed = answer.headers.get("Idempotency-Replayed") == "true"
            self.reached["unknown_had_committed" if replayed else "unknown_had_not"] += 1
        return True

    def order(self, intent: Intent) -> dict[str, Any]:
        """What is asked for."""
        if intent.rail == "in_bank":
            return self.firm.order_to(self.payee, intent.amount_fen)
        return self.firm.order(intent.amount_fen)

    def any_rail(self) -> Rail:
        return self.dice.choice(("in_bank", "in_bank", "outside"))

    @asynccontextmanager
    async def load(self, clients: int, rail: Rail | None = None) -> AsyncIterator[None]:
        """So many clients pay one after the other; at the end each finishes what it began."""
        stop = asyncio.Event()

        async def client() -> None:
            while not stop.is_set():
                await self.pay(self.intend(rail or self.any_rail()))
                await asyncio.sleep(self.dice.uniform(0.05, 0.25))

        tasks = [asyncio.create_task(client()) for _ in range(clients)]
        try:
            yield
        finally:
            stop.set()
            await asyncio.gather(*tasks)

    async def refresh(self, *others: Person) -> None:
        """Sign in again before the token ends: a soak lasts longer than that."""
        if time.monotonic() - self._signed_in > FRESH_SECONDS:
            # Whoever comes meanwhile goes on with the old ones: a code is good once.
            self._signed_in = time.monotonic()
            for person in (self.firm.owner, self.payee.owner, *others):
                person.token = (await person.city.sign_in(person.phone)).token
