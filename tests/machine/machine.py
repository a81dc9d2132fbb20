"""The state machine: random operations, alone and two at a time, on model and database alike."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, seed
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from app import database
from app.settings import Settings
from tests.machine import escrows, model
from tests.machine.model import CAPITAL, DAY, FAR, FIRMS, LINE, OK, Model, Outcomes
from tests.machine.system import System
from workers.main import open_ctx

# How often a run must have come to each dangerous place, per thousand steps: else it proves little.
LEAST = {
    "overdraft attempts": 20,
    "holds released": 5,
    "parts captured": 10,
    "expired holds not captured": 1,
    "reservations expired": 1,
    "reservations confirmed": 5,
    "escrow paid out": 2,
    "escrow returned": 2,
    "escrow expired": 1,
    "disputes decided": 1,
    "refused by an account's state": 10,
    "keys used again": 3,
    "two at once": 50,
    "two at once of which one was refused": 10,
}
MODEL = {name: getattr(model, name) for name in (
    "move", "place", "release", "capture", "part", "set_state", "wait", "reserve", "confirm",
    "cancel", "expire")} | {name: getattr(escrows, name) for name in (
    "propose", "fund", "hear", "agree", "dispute", "withdraw", "decide", "look")}  # fmt: skip
# An amount: so many fen, all that is available, or one more.
EXACTLY, ONE_MORE = -1, -2
AMOUNT = st.one_of(st.integers(1, 300), st.integers(1, 9_000), st.sampled_from([EXACTLY, ONE_MORE]))
PICK = st.integers(0, 5)
ACCOUNT = st.integers(0, LINE)
WORDS = ("accept", "accept", "deliver", "deliver", "deliver", "object", "decline", "renounce")
# What is drawn: the kind of operation and numbers that mean something only in the model's state,
# so that what is drawn never depends on how a race went.
DRAFT = st.one_of(
    st.tuples(st.just("move"), ACCOUNT, PICK, AMOUNT, st.integers(0, 60)),
    st.tuples(st.just("move"), ACCOUNT, PICK, AMOUNT, st.integers(0, 60)),
    st.tuples(st.just("place"), ACCOUNT, AMOUNT, st.sampled_from([None, None, 1, 3])),
    st.tuples(st.just("release"), PICK),
    st.tuples(st.just("capture"), PICK, AMOUNT, st.integers(0, 60)),
    st.tuples(st.just("part"), PICK, st.one_of(st.none(), AMOUNT), st.integers(0, 60)),
    st.tuples(st.just("reserve"), PICK, PICK, AMOUNT, st.integers(1, 4)),
    st.tuples(st.just("confirm"), PICK, st.one_of(st.none(), st.integers(1, 2_000))),
    st.tuples(st.just("cancel"), PICK),
    st.tuples(st.just("expire"), st.integers(0, FIRMS - 1)),
    st.tuples(
        st.just("propose"), PICK, PICK, st.lists(st.integers(1, 3_000), min_size=1, max_size=2),
        st.sampled_from(["both", "delivery", "date"]), st.booleans(), st.integers(2, 6),
    ),
    st.tuples(st.just("fund"), PICK, st.one_of(st.none(), st.none(), st.integers(1, 3_000))),
    st.tuples(st.just("hear"), PICK, st.sampled_from(WORDS), PICK,
              st.one_of(st.none(), st.integers(1, 2_000))),
    st.tuples(st.just("agree"), PICK, PICK, st.one_of(st.none(), st.integers(1, 2_000))),
    st.tuples(st.just("dispute"), PICK),
    st.tuples(st.just("withdraw"), PICK),
    st.tuples(st.just("decide"), PICK, st.one_of(st.none(), st.integers(0, 1_500))),
    st.tuples(st.just("look"), PICK),
    *(st.tuples(st.just("advance"), PICK, PICK, PICK, st.one_of(st.none(), st.integers(1, 2_000)))
      for _ in range(4)),
    *(st.tuples(st.just(what), PICK, PICK, PICK, st.integers(1, 800), st.integers(0, 60))
      for what in ("use a hold", "use a hold", "use a hold", "use a reservation",
                   "use a reservation", "use a reservation")),
)  # fmt: skip
STATES = ("open", "open", "open", "no_debit", "no_credit", "blocked")


def expected(found: Model, op: tuple[str, tuple[Any, ...]]) -> Outcomes:
    """What the model allows to come of an operation."""
    what, args = op
    return MODEL[what](found, *args)


class Money(RuleBasedStateMachine):
    """One run; `system` and what was `reached` belong to all runs."""

    system: ClassVar[System]
    reached: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.made = 0

    @initialize(balances=st.lists(st.integers(3_000, 20_000), min_size=FIRMS, max_size=FIRMS))
    def begin(self, balances: list[int]) -> None:
        self.model = model.begin(balances)
        self.run(self.system.begin(balances))
        self.reached["runs"] += 1
        self.compare([self.model])

    @rule(draft=DRAFT)
    def alone(self, draft: tuple[Any, ...]) -> None:
        op = self.resolve(draft)
        outcome = self.run(self.system.perform(*op))
        legal = expected(self.model, op)
        after = [found for said, found in legal if said == outcome]
        assert after, f"{op}: {outcome}, but the model allows {[said for said, _ in legal]}"
        self.count(op, outcome, after[0])
        self.compare(after)

    @rule(draft=DRAFT)
    def alone_again(self, draft: tuple[Any, ...]) -> None:
        self.alone(draft)

    @rule(first=DRAFT, second=DRAFT)
    def together(self, first: tuple[Any, ...], second: tuple[Any, ...]) -> None:
        """Two connections at the same moment: one order or the other must explain what came."""
        one, two = self.resolve(first), self.resolve(second)
        said = self.run(self.both(one, two))
        after = [
            *self.explained(one, two, said),
            *self.explained(two, one, (said[1], said[0])),
        ]
        assert after, f"{one} and {two}: {said}, which no order explains"
        self.reached["two at once"] += 1
        self.reached["two at once of which one was refused"] += said.count(OK) == 1
        chosen = self.compare(after)
        self.count(one, said[0], chosen)
        self.count(two, said[1], chosen)

    async def both(self, one: tuple[str, Any], two: tuple[str, Any]) -> tuple[str, str]:
        said = await asyncio.gather(self.system.perform(*one), self.system.perform(*two))
        return said[0], said[1]

    def explained(self, one: Any, two: Any, said: tuple[str, str]) -> list[Model]:
        """The states that `one` before `two` can have led to."""
        return [
            last
            for came, between in self.racing(self.model, one, two)
            if came == said[0]
            for then, last in self.racing(between, two, one)
            if then == said[1]
        ]

    def racing(self, found: Model, op: Any, other: Any) -> Outcomes:
        """The clock passes over a reservation that the other one holds at that moment."""
        legal = expected(found, op)
        if op[0] == "expire" and other[0] in ("confirm", "cancel", "expire"):
            busy = [other[1][0]] if other[0] != "expire" else list(found.reservations)
            legal = legal + [
                pair for name in busy for pair in model.expire(found, op[1][0], but=name)
            ]
            if other[0] == "expire":
                legal = [*legal, (OK, found)]
        return legal

    @rule(account=ACCOUNT, state=st.sampled_from(STATES))
    def change_state(self, account: int, state: str) -> None:
        self.step(("set_state", (account, state)))

    @rule(minutes=st.sampled_from([60, DAY, 2 * DAY, 3 * DAY]), comes=st.booleans())
    def wait(self, minutes: int, comes: bool) -> None:
        """Time passes, and the clock comes by everything or has not yet."""
        if self.model.now >= FAR:
            return
        self.step(("wait", (minutes,)))
        if comes:
            for firm in range(FIRMS):
                self.step(("expire", (firm,)))
            for name in self.model.escrows:
                self.step(("look", (name,)))

    def step(self, op: tuple[str, tuple[Any, ...]]) -> None:
        """An operation that nothing can refuse."""
        outcome = self.run(self.system.perform(*op))
        assert outcome == OK, f"{op}: {outcome}"
        [(_, after)] = expected(self.model, op)
        self.compare([after])

    # --- from what was drawn to what is done ---

    def resolve(self, draft: tuple[Any, ...]) -> tuple[str, tuple[Any, ...]]:
        """The operation that a draft means in the state the model is in."""
        what, *drawn = draft
        self.made += 1
        match what:
            case "move":
                payer, pick, amount, key = drawn
                others = [no for no in (*range(LINE + 1), CAPITAL + self.firm(payer))
                          if no != payer]  # fmt: skip
                payee = others[pick % len(others)]
                return what, (payer, payee, self.fen(payer, amount), f"k{key}")
            case "place":
                account, amount, days = drawn
                return what, (f"h{self.made}@{account}", account, self.fen(account, amount), days)
            case "release":
                return what, (self.hold(drawn[0]),)
            case "capture" | "part":
                name = self.hold(drawn[0])
                left = self.model.holds[name].left if name in self.model.holds else 1
                amount = {None: left, EXACTLY: left, ONE_MORE: left + 1}.get(drawn[1], drawn[1])
                return what, (name, amount, f"k{drawn[2]}")
            case "reserve":
                account, payee = self.two(drawn[0], drawn[1])
                name = f"r{self.made}@{account}"
                return what, (name, account, payee, self.fen(account, drawn[2]), drawn[3])
            case "confirm" | "cancel":
                return what, (self.pick(self.model.reservations, drawn[0], "r"), *drawn[1:])
            case "expire":
                return what, tuple(drawn)
            case "propose":
                payer, payee = self.two(drawn[0], drawn[1])
                amounts = drawn[2][:1] if drawn[4] else drawn[2]
                return what, (f"e{self.made}@{payer}", payer, payee, amounts, *drawn[3:])
            case "use a hold":
                return self.use_hold(*drawn)
            case "use a reservation":
                return self.use_reservation(*drawn)
            case "advance":
                return self.advance(*drawn)
            case "hear":
                name = self.pick(self.model.escrows, drawn[0], "e")
                return what, (name, drawn[1], self.milestone(name, drawn[2]), drawn[3])
            case "agree":
                name = self.pick(self.model.escrows, drawn[0], "e")
                return what, (name, self.milestone(name, drawn[1]), drawn[2])
        return what, (self.pick(self.model.escrows, drawn[0], "e"), *drawn[1:])

    def use_hold(
        self, account: int, number: int, how: int, amount: int, key: int
    ) -> tuple[str, tuple[Any, ...]]:
        """A hold that stands is used in parts; where none does, one is placed."""
        name = self.hold(number)
        found = self.model.holds.get(name)
        if found is None or found.state != "open" or how == 0:
            account %= LINE + 1
            days = 1 if number % 2 else None
            return "place", (f"h{self.made}@{account}", account, 2 * amount, days)
        if how == 1:
            return "release", (name,)
        if how == 2:
            return "capture", (name, amount, f"k{key}")
        return "part", (name, min(amount, found.left + (how == 5)), f"k{key}")

    def use_reservation(
        self, account: int, number: int, how: int, amount: int, _: int
    ) -> tuple[str, tuple[Any, ...]]:
        """A reservation is confirmed in parts or called off; where there is none, one is made."""
        name = self.pick(self.model.reservations, number, "r")
        hold = self.model.holds.get(name)
        if hold is None or hold.state != "open":
            payer, payee = self.two(account, number)
            return "reserve", (f"r{self.made}@{payer}", payer, payee, 2 * amount, 1 + how % 3)
        if how == 0:
            return "cancel", (name,)
        return "confirm", (name, None if how == 1 else min(amount, hold.left + (how == 5)))

    def advance(
        self, pick: int, how: int, number: int, amount: int | None
    ) -> tuple[str, tuple[Any, ...]]:
        """What carries an agreement on from where it stands."""
        name = self.pick(self.model.escrows, pick, "e")
        escrow = self.model.escrows.get(name)
        if escrow is None:
            payer, payee = self.two(pick, how)
            name = f"e{self.made}@{payer}"
            return "propose", (name, payer, payee, [300, 700], "both", False, 3)
        no = self.milestone(name, number)
        if escrow.state == "proposed" and escrow.funded < escrow.amount:
            return "fund", (name, None)
        if escrow.state == "proposed":
            return "hear", (name, "accept", 1, None)
        if escrow.state == "disputed":
            return "decide", (name, None if how == 0 else (amount or 0) % (escrow.there + 1))
        if how == 0:
            return "dispute", (name,)
        if how < 3:
            return "agree", (name, no, amount)
        return "hear", (name, "deliver", no, amount)

    def firm(self, account: int) -> int:
        return self.model.accounts[account].firm

    def two(self, one: int, other: int) -> tuple[int, int]:
        """Two different firms."""
        return one % FIRMS, (one + 1 + other % (FIRMS - 1)) % FIRMS

    def fen(self, account: int, amount: int) -> int:
        found = self.model.accounts[account]
        free = found.balance - self.model.held(account) - (found.floor or 0)
        if amount in (EXACTLY, ONE_MORE):
            return max(1, free) if amount == EXACTLY else max(0, free) + 1
        return amount

    def pick(self, names: dict[str, Any], number: int, kind: str) -> str:
        """One of the youngest, or one that never was."""
        young = list(names)[-4:]
        return young[number % len(young)] if young else f"{kind}0@0"

    def hold(self, number: int) -> str:
        own = {n: h for n, h in self.model.holds.items() if n not in self.model.reservations}
        return self.pick(own, number, "h")

    def milestone(self, name: str, number: int) -> int:
        found = self.model.escrows.get(name)
        return 1 if found is None else number % len(found.parts) + 1

    # --- what is watched ---

    def run(self, what: Any) -> Any:
        return self.system.loop.run(what)

    def compare(self, legal: list[Model]) -> Model:
        """The database is in one of the legal states; that is the model's from here on."""
        there = self.run(self.system.view())
        for found in legal:
            if model.view(found) == there:
                self.model = found
                return found
        wanted = model.view(legal[0])
        told = {part: (wanted[part], there[part]) for part in there if wanted[part] != there[part]}
        raise AssertionError(f"model and database differ (model, database): {told}")

    def count(self, op: tuple[str, tuple[Any, ...]], outcome: str, after: Model) -> None:
        """What dangerous places this step came to."""
        what, args = op
        reached = self.reached
        reached["steps"] += 1
        reached["overdraft attempts"] += outcome == "InsufficientFunds"
        stopped = outcome in ("AccountRefusesPosting", "PayeeCannotReceive")
        reached["refused by an account's state"] += stopped
        reached["keys used again"] += outcome == "AlreadyPosted"
        done = outcome == OK
        reached["holds released"] += done and what in ("release", "cancel")
        reached["parts captured"] += done and what == "part"
        reached["reservations confirmed"] += done and what == "confirm"
        reached["disputes decided"] += done and what == "decide"
        if what in ("capture", "part") and outcome == "HoldNotOpen":
            hold = after.holds.get(args[0])
            reached["expired holds not captured"] += hold is not None and hold.state == "open"

    def teardown(self) -> None:
        """What this run came to in the end."""
        found = self.model
        ends = Counter(made.ended for made in found.reservations.values())
        self.reached["reservations expired"] += ends["expired"]
        for escrow in found.escrows.values():
            self.reached["escrow paid out"] += escrow.released > 0
            self.reached["escrow returned"] += escrow.returned > 0
            self.reached["escrow expired"] += escrow.state == "expired"


@contextlib.contextmanager
def on(settings: Settings) -> Iterator[System]:
    """The real system on a loop of its own, in whatever thread this is."""
    with asyncio.Runner() as loop:
        stack = contextlib.AsyncExitStack()
        ctx = loop.run(stack.enter_async_context(open_ctx(settings)))
        desk = loop.run(database.create_pool(settings, "desk", 1))
        stack.push_async_callback(desk.close)
        looker = loop.run(database.connect(settings))
        try:
            yield System(ctx, looker, desk, loop)
        finally:
            loop.run(looker.close())
            loop.run(stack.aclose())


def play(settings: Settings, *, runs: int, steps: int, number: int) -> Counter[str]:
    """So many runs of so many steps; AssertionError where model and database part."""
    begun = time.monotonic()
    with on(settings) as system:
        reached: Counter[str] = Counter()
        machine = seed(number)(type("Money", (Money,), {"system": system, "reached": reached}))
        run_state_machine_as_test(
            machine,
            settings=given_settings(
                max_examples=runs,
                stateful_step_count=steps,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
                print_blob=False,
            ),
        )
    reached["seconds"] = int(time.monotonic() - begun)
    return reached


def too_few(reached: Counter[str]) -> list[str]:
    """The places that this run came to less often than it should."""
    thousands = reached["steps"] // 1000
    return [
        f"{name}: {reached[name]}"
        for name, least in LEAST.items()
        if reached[name] < least * thousands
    ]
