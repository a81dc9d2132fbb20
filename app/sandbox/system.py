"""What every played system does alike: take a request once, settle it later, tell the bank."""

from __future__ import annotations

import asyncio
import hashlib
import heapq
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from app.outside.model import Outcome, SystemName
from app.sandbox.faults import Faults
from app.sandbox.postman import Post, Postman
from app.sandbox.store import Journal, Record

USUAL_SETTLE_MS = 100


class Refused(Exception):
    """A 4xx of the sandbox: `code` and `reason` go into the body."""

    def __init__(self, status: int, code: str, reason: str = "") -> None:
        super().__init__(reason or code)
        self.status, self.code, self.reason = status, code, reason


class Request(Struct, kw_only=True):
    """One request of the bank as it was taken, and what was decided about it."""

    kind: str
    reference: str
    fingerprint: str
    body: dict[str, Any]
    decided: dict[str, Any]
    due_at: float
    settled: bool = False

    @property
    def outcome(self) -> dict[str, Any]:
        """What may be told now: the decision stays hidden until it is settled."""
        if self.settled:
            return self.decided
        return {"reference": self.reference, "state": "accepted"}


class System:
    """One played system: journal, faults, post, and the requests by (kind, reference)."""

    name: ClassVar[SystemName]
    # first part of the path -> kind of request, its body, whether the outcome comes later
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]]
    # fields of a body that are compared but not kept
    not_kept: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, *, journal: Journal, faults: Faults, postman: Postman, seed: int) -> None:
        self.journal, self.faults, self.postman, self.seed = journal, faults, postman, seed
        self.requests: dict[tuple[str, str], Request] = {}
        self._due: list[tuple[float, str, str]] = []
        self._woken = asyncio.Event()
        self._clock: asyncio.Task[None] | None = None
        self._telling: set[asyncio.Task[None]] = set()

    # -- what each system says for itself

    def decide(self, kind: str, new: Any) -> Outcome[Any]:
        """The outcome of a new request, from the state; changes nothing."""
        raise NotImplementedError

    def meaning(self, kind: str, plain: dict[str, Any]) -> dict[str, Any]:
        """The part of a body that must be the same when its reference comes again."""
        return plain

    def on_taken(self, request: Request) -> None:
        """Take the effect that holds from acceptance: names, numbers, quota."""

    def on_settled(self, request: Request) -> None:
        """Take the effect that holds from settlement: money."""

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Take the effect of a recorded simulation."""

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """Answer a question other than for an outcome; None: no such thing."""
        return None

    def simulate(self, what: str, body: bytes) -> Any:
        """Do what somebody else in the world would do."""
        raise Refused(404, "no_such_simulation")

    def state(self) -> dict[str, Any]:
        """Everything this system holds besides requests, for the witness."""
        return {}

    @property
    def alive(self) -> bool:
        """Whether it still settles what is due."""
        return self._clock is not None and not self._clock.done()

    # -- taking and settling

    async def take(self, path: str, content: bytes) -> dict[str, Any]:
        """Take a request once; the same reference again gets the first outcome."""
        if path not in self.posts:
            raise Refused(404, "no_such_path")
        kind, shape, later = self.posts[path]
        new: Any = decode(content, shape)
        plain = msgspec.to_builtins(new)
        meant = msgspec.json.encode(self.meaning(kind, plain), order="sorted")
        fingerprint = hashlib.sha256(meant).hexdigest()
        request = self.requests.get((kind, new.reference))
        if request is None:
            request = self._take_new(kind, new.reference, fingerprint, plain, new, later)
        elif request.fingerprint != fingerprint:
            await self.journal.synced()
            raise Refused(409, "reference_used", "同一参考号下的内容不同")
        await self.journal.synced()
        return request.outcome

    def _take_new(
        self,
        kind: str,
        reference: str,
        fingerprint: str,
        plain: dict[str, Any],
        new: Any,
        later: bool,
    ) -> Request:
        decided = msgspec.to_builtins(self.decide(kind, new))
        settle_ms = self.faults.orders.settle_ms
        wait = (USUAL_SETTLE_MS if settle_ms is None else settle_ms) if later else 0
        request = Request(
            kind=kind,
            reference=reference,
            fingerprint=fingerprint,
            body={k: v for k, v in plain.items() if k not in self.not_kept},
            decided=decided,
            due_at=time.time() + wait / 1000,
        )
        self.write({"t": "taken", **msgspec.to_builtins(request)})
        if not wait:
            self.write({"t": "settled", "kind": kind, "reference": reference})
        elif self.faults.strike("early"):
            self.postman.send(self.postman.write(reference=reference, event="early"))
        return request if wait else self.requests[kind, reference]

    async def outcome(self, kind: str, reference: str) -> dict[str, Any]:
        """What became of a request; 404 if it never arrived."""
        if self.faults.strike("status_unknown"):
            return {"reference": reference, "state": "unknown"}
        request = self.requests.get((kind, reference))
        if request is None:
            raise Refused(404, "no_such_reference")
        await self.journal.synced()
        return request.outcome

    async def ask(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """Answer a GET: an outcome by reference, or one of the system's own questions."""
        if len(path) == 2 and path[0] in self.posts:
            found = await self.outcome(self.posts[path[0]][0], path[1])
        else:
            found = self.read(path, query)
        if found is None:
            raise Refused(404, "no_such_reference")
        await self.journal.synced()
        return found

    def write(self, record: Record) -> None:
        """Journal a record and take its effect."""
        self.journal.append(record)
        self.apply(record)

    def apply(self, record: Record) -> None:
        """The one place where state changes, live and at replay alike."""
        kind = record["t"]
        if kind == "taken":
            request = msgspec.convert({k: v for k, v in record.items() if k != "t"}, Request)
            self.requests[request.kind, request.reference] = request
            heapq.heappush(self._due, (request.due_at, request.kind, request.reference))
            self._woken.set()
            self.on_taken(request)
        elif kind == "settled":
            request = self.requests[record["kind"], record["reference"]]
            request.settled = True
            self.on_settled(request)
        elif kind == "simulated":
            self.on_simulated(record["what"], record["body"])
        else:
            self.postman.apply(record)

    def record_simulated(self, what: str, body: Struct | dict[str, Any]) -> None:
        """Journal what somebody else did, and take its effect."""
        self.write({"t": "simulated", "what": what, "body": msgspec.to_builtins(body)})

    def tell(self, reference: str, event: str) -> None:
        """Call the bank about a reference, once the journal is on disk."""
        post = self.postman.write(reference=reference, event=event)
        task = asyncio.get_running_loop().create_task(self._tell(post))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _tell(self, post: Post) -> None:
        await self.journal.synced()
        self.postman.send(post)

    # -- life

    def start(self) -> None:
        """Replay the journal, deliver what is owed, begin to settle what is due."""
        for record in self.journal.replay():
            self.apply(record)
        self.postman.resume()
        self._clock = asyncio.get_running_loop().create_task(self._settle_due())

    async def stop(self) -> None:
        """Stop settling and delivering; the journal keeps the rest."""
        if self._clock is not None:
            self._clock.cancel()
            with suppress(asyncio.CancelledError):
                await self._clock
        await asyncio.gather(*self._telling, return_exceptions=True)
        await self.postman.stop()
        await self.journal.close()

    async def _settle_due(self) -> None:
        while True:
            self._woken.clear()
            wait = self._due[0][0] - time.time() if self._due else None
            if wait is None or wait > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), wait)
                continue
            _, kind, reference = heapq.heappop(self._due)
            request = self.requests[kind, reference]
            if not request.settled:
                self.write({"t": "settled", "kind": kind, "reference": reference})
                self.tell(reference, request.decided["state"])


def decode(content: bytes, shape: type[Struct]) -> Any:
    """A body of the given shape, strictly; 422 names what is wrong."""
    try:
        return msgspec.json.decode(content, type=shape)
    except msgspec.MsgspecError as wrong:
        raise Refused(422, "malformed", str(wrong)) from wrong


def done(reference: str, result: Struct) -> Outcome[Any]:
    """A request that was granted."""
    return Outcome(reference=reference, state="done", result=result)


def refused(reference: str, code: str, reason: str) -> Outcome[Any]:
    """A request that was refused for good."""
    return Outcome(reference=reference, state="refused", code=code, reason=reason)
