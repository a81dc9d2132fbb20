"""One key for two calls that differ in something: a refusal or a call of its own, never a mix."""

from __future__ import annotations

import asyncio
import itertools
import random
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import httpx
import msgspec

from tests.city import Person
from tests.firms import OTHER_BANK, Firm, set_rule
from tests.soak.attack import Attack, Plan
from tests.soak.kills import prepared, say
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run
from tests.soak.system import eventually

PAIRS, CLIENTS = 10_000, 8
BREATHE_EVERY = 200


class Asked(msgspec.Struct, kw_only=True):
    """One call: who, where, what, and the word in it that is nobody else's."""

    who: Person
    path: str
    body: dict[str, Any]
    mark: str


class Keys:
    """Pairs of calls under one key, and what came of the second."""

    def __init__(self, firms: list[Firm], people: dict[str, list[Person]], dice: random.Random):
        self.firms, self.people, self.dice = firms, people, dice
        self.numbers = itertools.count(1)
        self.reached: Counter[str] = Counter()
        self.errors: list[str] = []
        # Per firm and kind what must exist in the end, by its word.
        self.made: Counter[tuple[str, str]] = Counter()

    # --- calls --------------------------------------------------------------------------------

    def party(self, firm: Firm, who: Person) -> Asked:
        no = next(self.numbers)
        body = {
            "name": f"苏州第{no}号材料有限公司", "account_number": f"6228480{no:012d}",
            "bank_code": OTHER_BANK, "roles": ["supplier"],
        }  # fmt: skip
        return Asked(who=who, path="/v1/parties", body=body, mark=str(body["name"]))

    def payment(self, firm: Firm, who: Person) -> Asked:
        no = next(self.numbers)
        other = self.firms[1 - self.firms.index(firm)]
        body = firm.order_to(other, 1 + no % 900, memo=f"第{no}笔")
        return Asked(who=who, path="/v1/payments", body=body, mark=f"第{no}笔")

    def some(self, firm: Firm, who: Person) -> Asked:
        return self.dice.choice((self.party, self.party, self.payment))(firm, who)

    async def send(self, asked: Asked, key: str, content: bytes | None = None) -> httpx.Response:
        """Ask until the answer is definite."""
        raw = content or msgspec.json.encode(asked.body)
        headers = asked.who.headers(key) | {"Content-Type": "application/json"}
        while True:
            answer = await asked.who.city.api.post(asked.path, content=raw, headers=headers)
            self.reached["calls"] += 1
            if answer.status_code == 503 or answer.json().get("type", "").endswith(
                ":still-running"
            ):
                await asyncio.sleep(float(answer.headers.get("Retry-After", 1)) / 4)
                continue
            return answer

    # --- pairs ----------------------------------------------------------------------------------

    async def pair(self) -> None:
        """One pair: a first call, then a second one under the same key."""
        firm = self.dice.choice(self.firms)
        who, second = self.dice.sample(self.people[firm.name], 2)
        first = self.some(firm, who)
        key = str(UUID(int=self.dice.getrandbits(128), version=4))
        answer = await self.send(first, key)
        if answer.status_code != 201 or first.mark not in answer.text:
            self.errors.append(f"first call: {answer.status_code} {answer.text[:200]}")
            return
        self.made[firm.name, first.mark] += 1
        name, way = self.dice.choice(tuple(self.ways.items()))
        self.reached[name] += 1
        await way(self, firm, first, answer, key, second)

    async def same(self, firm: Firm, first: Asked, told: Any, key: str, second: Person) -> None:
        """The same meaning in other bytes: members turned round, spaces, escapes."""
        members = list(first.body.items())
        self.dice.shuffle(members)
        escaped = self.dice.random() < 0.5
        text = _dumps(dict(members), ascii_only=escaped, spaces=self.dice.random() < 0.5)
        again = await self.send(first, key, text.encode())
        if again.content != told.content or "Idempotency-Replayed" not in again.headers:
            self.errors.append(
                f"a repeat in other bytes got {again.status_code} {again.text[:200]}"
            )

    async def other_body(self, firm: Firm, first: Asked, told: Any, key: str, who: Person) -> None:
        if first.path == "/v1/payments":
            name = self.dice.choice(("amount_fen", "memo", "speed"))
            change: dict[str, Any] = {
                "amount_fen": first.body["amount_fen"] + 1, "memo": "别的", "speed": "ordinary",
            }  # fmt: skip
        else:
            name = self.dice.choice(("name", "account_number", "roles"))
            change = {
                "name": first.body["name"] + "分公司", "account_number": "6228480402564890018",
                "roles": ["payee"],
            }  # fmt: skip
        body = first.body | {name: change[name]}
        await self.refused(msgspec.structs.replace(first, body=body), key, first.mark)

    async def other_path(self, firm: Firm, first: Asked, told: Any, key: str, who: Person) -> None:
        """The same key for another kind of thing: a call of its own."""
        make = self.party if first.path == "/v1/payments" else self.payment
        await self.own_effect(firm, make(firm, first.who), first, key)

    async def other_person(
        self, firm: Firm, first: Asked, told: Any, key: str, who: Person
    ) -> None:
        """Another person of the firm: a payment's key is the firm's, every other the person's."""
        if first.path == "/v1/payments":
            again = msgspec.structs.replace(first, who=who)
            await self.refused(again, key, first.mark)
        else:
            await self.own_effect(firm, self.party(firm, who), first, key)

    async def other_firm(self, firm: Firm, first: Asked, told: Any, key: str, who: Person) -> None:
        other = self.firms[1 - self.firms.index(firm)]
        make = self.payment if first.path == "/v1/payments" else self.party
        person = self.dice.choice(self.people[other.name])
        await self.own_effect(other, make(other, person), first, key)

    async def other_number(
        self, firm: Firm, first: Asked, told: Any, key: str, who: Person
    ) -> None:
        """1.0 is no 1 and 1e2 no 100: such a body is malformed, whatever was stored."""
        body = self.payment(firm, first.who).body
        text = _dumps(body, ascii_only=False, spaces=False)
        amount = f'"amount_fen":{body["amount_fen"]}'
        bad = text.replace(amount, f"{amount}.0")
        assert bad != text
        path = msgspec.structs.replace(first, path="/v1/payments")
        answer = await self.send(path, key, bad.encode())
        if answer.status_code != 400:
            self.errors.append(f"1.0 got {answer.status_code} {answer.text[:200]}")

    async def refused(self, asked: Asked, key: str, mark: str) -> None:
        answer = await self.send(asked, key)
        kind = answer.json().get("type", "")
        if answer.status_code != 422 or not kind.endswith(":key-reused") or mark in answer.text:
            self.errors.append(f"{asked.path}: {answer.status_code} {answer.text[:200]}")

    async def own_effect(self, firm: Firm, asked: Asked, first: Asked, key: str) -> None:
        """A call of its own, that tells nothing of the first."""
        answer = await self.send(asked, key)
        fresh = answer.status_code == 201 and "Idempotency-Replayed" not in answer.headers
        if not fresh or asked.mark not in answer.text or first.mark in answer.text:
            self.errors.append(f"{asked.path}: {answer.status_code} {answer.text[:200]}")
            return
        self.made[firm.name, asked.mark] += 1

    ways: dict[str, Callable[..., Awaitable[None]]] = {
        "same_meaning_other_bytes": same,
        "other_body": other_body,
        "other_path": other_path,
        "other_person": other_person,
        "other_firm": other_firm,
        "other_number": other_number,
    }

    # --- the judge ------------------------------------------------------------------------------

    async def judge(self, attack: Attack) -> None:
        """Every call that was answered as new is there once, in its own firm, and nothing else."""
        seen: Counter[tuple[str, str]] = Counter()
        sql = (
            "select business_id, name as mark from accounts.parties"
            " union all select business_id, memo from accounts.payments"
        )
        names = {firm.business_id: firm.name for firm in self.firms}
        async with attack.system.look() as db:
            for row in await db.fetch(sql):
                if row["mark"].startswith(("苏州第", "第")) and row["business_id"] in names:
                    seen[names[row["business_id"]], row["mark"]] += 1
        for place in sorted(seen.keys() | self.made.keys()):
            if seen[place] != self.made[place]:
                self.errors.append(f"{place}: {seen[place]} there, {self.made[place]} answered")


def _dumps(body: dict[str, Any], *, ascii_only: bool, spaces: bool) -> str:
    import json

    separators = (" , ", " : ") if spaces else (",", ":")
    return json.dumps(body, ensure_ascii=ascii_only, separators=separators)


async def run(attack: Attack, pairs: int, dice: random.Random) -> Keys:
    """So many pairs by a few clients at once."""
    till = attack.till
    firms = [till.firm, till.payee]
    people = {}
    for number, firm in enumerate(firms):
        finance = await firm.member(f"1360000000{number}", "finance")
        people[firm.name] = [firm.owner, finance]
    await set_rule(firms[1].owner, None, None)
    funded = await firms[0].owner.post("/v1/payments", firms[0].order_to(firms[1], 100_000_000))
    assert funded.status_code == 201, funded.text
    keys, left = Keys(firms, people, dice), itertools.count(1)

    async def client() -> None:
        while (number := next(left)) <= pairs:
            await keys.pair()
            if number % BREATHE_EVERY == 0:
                await till.refresh(*(person for some in people.values() for person in some[1:]))
                await eventually(attack.can_breathe, 600, "the jobs keep up", every=0.5)
                say(f"pair {number} of {pairs}, {len(keys.errors)} errors")

    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return keys


async def soak(seed: int, pairs: int = PAIRS) -> Report:
    """So many pairs, then the judge."""
    async with prepared(Plan(seed=seed)) as attack:
        keys = await run(attack, pairs, random.Random(seed))
        await attack.city.idle(900)
        await keys.judge(attack)
        keys.errors += [f"verify: {line}" for line in await attack.system.verify()]
    keys.reached["pairs"] = pairs
    keys.errors += [
        f"{name}: {keys.reached[name]} of at least {pairs // 10}"
        for name in Keys.ways
        if keys.reached[name] < pairs // 10
    ]
    return Report(
        part="keys", seed=seed, reached=dict(sorted(keys.reached.items())),
        errors=len(keys.errors), findings=keys.errors[:50],
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """So many pairs: prints what is wrong, 1 if anything is."""
    report = asyncio.run(soak(seed_of_run(), *map(int, arguments)))
    print(report.reached)
    print("\n".join(report.findings))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
