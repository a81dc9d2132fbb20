"""How a system can be told to misbehave, and how often it really did."""

from __future__ import annotations

import random
from collections import Counter
from typing import Annotated, Literal

from msgspec import Meta, Struct

CallbackFault = Literal["once", "twice", "late", "reversed", "never", "early"]
Milliseconds = Annotated[int, Meta(ge=0, le=3_600_000)]
Fault = Literal[
    "slow",
    "down",
    "done_but_timed_out",
    "done_but_failed",
    "status_unknown",
    "twice",
    "late",
    "reversed",
    "never",
    "early",
]


class Orders(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one system is told. All faults share `probability`, `seed` and, each, `count`."""

    # answer only after this long
    slow_ms: Milliseconds = 0
    # 503 before anything is done
    down: bool = False
    # do the work, then answer only after stall_ms: the caller has long given up
    done_but_timed_out: bool = False
    stall_ms: Milliseconds = 30_000
    # do the work, then answer 500
    done_but_failed: bool = False
    # answer questions about an outcome with "unknown"
    status_unknown: bool = False
    # early: the call-back comes before the answer to the request; reversed: in wrong order
    callbacks: CallbackFault = "once"
    # how late `late` is, and how long `reversed` collects before it sends last first
    delay_ms: Milliseconds = 1_000
    # time from acceptance to the final outcome; 0 answers finally at once; None: the usual time
    settle_ms: Milliseconds | None = None
    probability: Annotated[float, Meta(ge=0, le=1)] = 1.0
    seed: int = 0
    # each fault strikes at most so often; None: for ever
    count: Annotated[int, Meta(ge=0)] | None = None


class Faults:
    """One system's orders, their dice, and the strikes counted since they were given."""

    def __init__(self) -> None:
        self.give(Orders())

    def give(self, orders: Orders) -> None:
        """Take new orders; the counters begin again."""
        self.orders = orders
        self.strikes: Counter[str] = Counter()
        # Dice for faults, seeded to be repeatable; nothing secret hangs on them.
        self._dice = random.Random(orders.seed)  # noqa: S311

    def strike(self, fault: Fault) -> bool:
        """Whether an ordered fault strikes now, by probability and count; counts it if so."""
        wanted = {
            "slow": self.orders.slow_ms > 0,
            "down": self.orders.down,
            "done_but_timed_out": self.orders.done_but_timed_out,
            "done_but_failed": self.orders.done_but_failed,
            "status_unknown": self.orders.status_unknown,
        }.get(fault, self.orders.callbacks == fault)
        if not wanted:
            return False
        if self.orders.count is not None and self.strikes[fault] >= self.orders.count:
            return False
        if self._dice.random() >= self.orders.probability:
            return False
        self.strikes[fault] += 1
        return True
