"""One payment sent two hundred times at once, to two API processes, has one effect."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter

import httpx

from tests.soak import oracle
from tests.soak.attack import Plan
from tests.soak.kills import FUNDS_FEN, prepared, say, settle
from tests.soak.report import Report
from tests.soak.report import seed as seed_of_run
from tests.soak.till import Intent, Till

KEYS, COPIES = 500, 200


class Flood:
    """Copies of one payment after another, and what became of them."""

    def __init__(self, till: Till, doors: list[str], client: httpx.AsyncClient) -> None:
        self.till, self.doors, self.client = till, doors, client
        self.reached: Counter[str] = Counter()
        self.errors: list[str] = []

    async def copies(self, intent: Intent, count: int) -> None:
        """All at once; each is repeated until it has its answer."""
        self.till.journal.write(wants=intent.key, amount_fen=intent.amount_fen, copies=count)
        answers = await asyncio.gather(
            *(self._copy(intent, self.doors[n % len(self.doors)]) for n in range(count))
        )
        for answer in answers:
            intent.statuses.append(answer.status_code)
            intent.bodies.add(answer.content)
        intent.payment_id = answers[0].json().get("id", "")
        first = sum("Idempotency-Replayed" not in answer.headers for answer in answers)
        if first != 1:
            self.errors.append(f"{intent.key}: {first} copies believe to be the first")
        self.reached["copies"] += count
        self.reached["copies_answered_as_repeats"] += count - first

    async def _copy(self, intent: Intent, door: str) -> httpx.Response:
        while True:
            answer = await self.client.post(
                f"{door}/v1/payments",
                json=self.till.order(intent),
                headers=self.till.firm.owner.headers(intent.key),
            )
            if answer.status_code not in (409, 503):
                return answer
            self.reached[f"copies_told_{answer.status_code}"] += 1
            await asyncio.sleep(float(answer.headers["Retry-After"]))

    async def another_body(self, intent: Intent) -> None:
        """Another body under the same key is refused, at both doors."""
        order = self.till.order(intent) | {"amount_fen": intent.amount_fen + 1}
        for door in self.doors:
            answer = await self.client.post(
                f"{door}/v1/payments",
                json=order,
                headers=self.till.firm.owner.headers(intent.key),
            )
            refused = answer.json().get("type", "").endswith(":key-reused")
            self.reached["another_body_refused"] += refused
            if answer.status_code != 422 or not refused:
                self.errors.append(f"{intent.key}: another body got {answer.status_code}")


async def soak(seed: int, keys: int = KEYS, copies: int = COPIES) -> Report:
    """The flood, then the judge over everything."""
    limits = httpx.Limits(max_connections=copies, max_keepalive_connections=copies)
    async with (
        prepared(Plan(seed=seed)) as attack,
        attack.system.another_api() as second,
        httpx.AsyncClient(timeout=120, limits=limits) as client,
    ):
        till = attack.till
        flood = Flood(till, [attack.system.api, second], client)
        for number in range(keys):
            await till.refresh()
            intent = till.intend(till.any_rail())
            await flood.copies(intent, copies)
            await flood.another_body(intent)
            say(f"key {number + 1} of {keys}")
        await settle(attack)
        verdict = await oracle.judge(till, funded_fen=FUNDS_FEN, runs=[])
        verdict.errors += flood.errors + await attack.system.verify()
    flood.reached["keys"] = keys
    return Report(
        part="duplicates", seed=seed, reached=dict(sorted(flood.reached.items())),
        lost=len(verdict.lost), doubled=len(verdict.doubled), errors=len(verdict.errors),
        findings=[*verdict.lost, *verdict.doubled, *verdict.errors],
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """So many keys, so many copies: prints what is wrong, 1 if anything is."""
    report = asyncio.run(soak(seed_of_run(), *map(int, arguments)))
    print(report.reached)
    print("\n".join(report.findings))
    return 0 if report.clean else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
