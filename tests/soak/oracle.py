"""The judge: what the clients wrote down and what the outside saw, against what the bank says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

import msgspec

from tests.city import Person
from tests.firms import SUPPLIER, Firm
from tests.soak.till import Intent, Till


class Verdict(msgspec.Struct, kw_only=True):
    """What was lost, done twice, or otherwise wrong; each with the words to say it."""

    lost: list[str] = []
    doubled: list[str] = []
    errors: list[str] = []

    @property
    def clean(self) -> bool:
        return not (self.lost or self.doubled or self.errors)

    def count(self, what: str, wanted: Iterable[int], seen: Counter[int]) -> None:
        """Every wanted amount once, and no other."""
        wanted = set(wanted)
        for amount in sorted(wanted | set(seen)):
            if amount in wanted and not seen[amount]:
                self.lost.append(f"{what}: {amount} fen never arrived")
            elif seen[amount] > 1:
                self.doubled.append(f"{what}: {amount} fen {seen[amount]} times")
            elif amount not in wanted:
                self.doubled.append(f"{what}: {amount} fen that nobody asked for")

    def same(self, what: str, wanted: Any, seen: Any) -> None:
        if wanted != seen:
            self.errors.append(f"{what}: {seen}, by our account {wanted}")


async def everything(person: Person, path: str, **query: Any) -> list[dict[str, Any]]:
    """All pages of a list."""
    items: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await person.get(path, limit=200, **query, **after)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        items += page["items"]
        if not page["next"]:
            return items
        after = {"after": page["next"]}


def answers(intents: list[Intent], verdict: Verdict) -> None:
    """Every wish got one definite answer, the same whenever it was asked."""
    for intent in intents:
        if set(intent.statuses) != {201}:
            verdict.errors.append(f"{intent.key}: answered {intent.statuses}")
        if len(intent.bodies) > 1:
            verdict.errors.append(f"{intent.key}: answered in {len(intent.bodies)} ways")
    ids = Counter(intent.payment_id for intent in intents)
    verdict.doubled += [f"one payment for {n} keys: {one}" for one, n in ids.items() if n > 1]


async def judge(till: Till, *, funded_fen: int, runs: list[dict[str, Any]]) -> Verdict:
    """Compare all there is to compare about payments and payrolls."""
    verdict = Verdict(errors=list(till.errors))
    firm, payee, city = till.firm, till.payee, till.firm.city
    answers(till.intents, verdict)
    inside = {i.amount_fen for i in till.intents if i.rail == "in_bank"}
    outside = {i.amount_fen: i for i in till.intents if i.rail == "outside"}

    orders = await everything(firm.owner, "/v1/payments")
    verdict.count("orders", inside | set(outside), Counter(o["amount_fen"] for o in orders))
    for order in orders:
        if order["state"] != "settled":
            verdict.lost.append(f"payment {order['id']} is {order['state']}: {order['reason']}")
    credits = await everything(payee.owner, "/v1/credits")
    verdict.count("credits of the payee", inside, Counter(c["amount_fen"] for c in credits))
    debits = await everything(firm.owner, f"/v1/accounts/{firm.account_id}/postings")
    left = Counter(-d["amount_fen"] for d in debits if d["amount_fen"] < 0)
    verdict.count("debits", inside | set(outside) | {run["net_fen"] for run in runs}, left)

    paid = sum(inside) + sum(outside) + sum(run["net_fen"] for run in runs)
    verdict.same("balance", funded_fen - paid, (await firm.account())["balance_fen"])
    verdict.same("payee's balance", sum(inside), (await payee.account())["balance_fen"])
    witness = (await city.world.get("/witness/clearing_house")).json()
    _outside(verdict, witness, outside)
    _wages(verdict, witness, runs)
    await _books(verdict, firm, funded_fen - paid)
    return verdict


def _outside(verdict: Verdict, witness: dict[str, Any], wanted: dict[int, Intent]) -> None:
    """The other banks: every payment once, under our own reference."""
    taken = [r for r in witness["requests"] if r["kind"] == "credit"]
    verdict.count("at other banks", wanted, Counter(r["body"]["amount_fen"] for r in taken))
    for request in taken:
        intent = wanted.get(request["body"]["amount_fen"])
        if intent is not None and request["reference"] != intent.payment_id:
            verdict.errors.append(f"sent as {request['reference']}, not {intent.payment_id}")
    held = {a["account_number"]: a["balance_fen"] for a in witness["accounts"]}
    verdict.same("supplier's balance", sum(wanted), held[SUPPLIER["account_number"]])


def _wages(verdict: Verdict, witness: dict[str, Any], runs: list[dict[str, Any]]) -> None:
    """Every employee's card holds exactly the wages of the runs."""
    batches = [r for r in witness["requests"] if r["kind"] == "batch"]
    if len(batches) > len(runs):
        verdict.doubled.append(f"{len(batches)} batches for {len(runs)} payrolls")
    wanted: Counter[str] = Counter()
    for run in runs:
        verdict.same(f"payroll {run['id']}", ("paid", 0), (run["state"], run["failed_fen"]))
        for card, line in zip(run["cards"], run["lines"], strict=True):
            wanted[card] += line["net_fen"]
            if not line["payslip_ready"]:
                verdict.lost.append(f"payslip of line {line['no']} of {run['id']}")
    held = {a["account_number"]: a["balance_fen"] for a in witness["accounts"]}
    for card, fen in wanted.items():
        if held[card] < fen:
            verdict.lost.append(f"wages on {card}: {held[card]} of {fen}")
        elif held[card] > fen:
            verdict.doubled.append(f"wages on {card}: {held[card]} instead of {fen}")


async def _books(verdict: Verdict, firm: Firm, balance_fen: int) -> None:
    """The firm's own books came to the same balance by themselves."""
    span = {"from": "2025-09-01", "until": "2025-10-01"}
    answer = await firm.owner.get("/v1/books/trial-balance", **span)
    assert answer.status_code == 200, answer.text
    closing = {a["code"]: a["closing_fen"] for a in answer.json()["accounts"]}
    verdict.same("bank account in the books", balance_fen, abs(closing.get("1002", 0)))
