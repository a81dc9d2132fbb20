"""What the demo knows of the firm it walks: its people, its partners, and all it has put in."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.clock import SHANGHAI
from app.demo.client import Bank, Person
from app.demo.show import Show
from app.sandbox.world import OtherFirm, OtherPerson, World

CAPITAL_FEN = 200_000_000
OWNERS = 10_000
TRADES = ("软件科技", "信息技术", "网络科技", "数据服务")
FIRST, SECOND = "星海云山禾木晨曦知行方圆朗清", "图语舟帆桥径野光序章序言风竹"


@dataclass
class Life:
    """One walk. `received`, `paid`, `wages` and `invoices` are the inputs the oracle counts."""

    bank: Bank
    show: Show
    seed: int
    generation: int
    owner: Person
    phone: str
    second: Person
    second_phone: str
    name: str = ""
    uscc: str = ""
    number: str = ""
    account_id: str = ""
    application_id: str = ""
    received: list[dict[str, Any]] = field(default_factory=list)
    paid: list[dict[str, Any]] = field(default_factory=list)
    invoices: list[dict[str, Any]] = field(default_factory=list)
    employees: list[dict[str, Any]] = field(default_factory=list)
    runs: list[dict[str, Any]] = field(default_factory=list)
    returns: list[dict[str, Any]] = field(default_factory=list)
    loans: list[dict[str, Any]] = field(default_factory=list)
    instalments: list[dict[str, Any]] = field(default_factory=list)
    today: date = date(2025, 9, 1)

    @property
    def dice(self) -> random.Random:
        """The same throws for the same seed, walk and day."""
        throws = f"{self.seed} {self.generation} {self.today} {len(self.invoices)}"
        return random.Random(throws)  # noqa: S311 - a story, not a secret

    @property
    def world(self) -> World:
        """The other firms and people of this seed."""
        return World(self.seed)

    def customer(self, no: int) -> OtherFirm:
        """One of forty firms that buy from us."""
        return self.world.firm((self.generation * 60 + no % 40) % 200)

    def supplier(self, no: int) -> OtherFirm:
        """One of twenty firms that sell to us."""
        return self.world.firm((self.generation * 60 + 40 + no % 20) % 200)

    def worker(self, no: int) -> OtherPerson:
        """One of the people we employ."""
        return self.world.person((self.generation * 12 + no) % 200)

    async def go_to(self, on: date, hour: int = 10, minute: int = 0) -> None:
        """Move business time to a moment of a day."""
        moment = datetime(on.year, on.month, on.day, hour, minute, tzinfo=SHANGHAI)
        now = datetime.fromisoformat(await self.bank.clock())
        if moment > now:
            await self.bank.move_clock(moment.isoformat())
        self.today = on

    async def read_clock(self) -> None:
        """Where business time stands at the beginning."""
        now = datetime.fromisoformat(await self.bank.clock())
        self.today = now.astimezone(SHANGHAI).date()


def founder(seed: int, generation: int, which: int) -> OtherPerson:
    """The owner (0) and the second person (1) of a walk."""
    return World(seed).person(OWNERS + generation * 2 + which)


def company_name(seed: int, generation: int) -> str:
    """A name that this seed has not used before."""
    throws = random.Random(f"name {seed} {generation}")  # noqa: S311 - a story
    return f"上海{throws.choice(FIRST)}{throws.choice(SECOND)}{throws.choice(TRADES)}有限公司"
