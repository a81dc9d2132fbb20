"""Random payments, once by the lane in batches and once as Works in turn: the same answers, the
same orders, the same money, to the last field that is not an id or a moment."""

from __future__ import annotations

import random
import re
from collections import Counter
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest

from accounts.deposits import operations as deposits
from accounts.deposits.model import NewState
from accounts.lane import operations
from accounts.lane.model import Answer
from accounts.limits import operations as limits
from accounts.limits.model import NewLimit
from accounts.payments.model import NewPayment
from app.actor import Actor
from app.errors import XiaoweiError
from app.settings import Settings
from tests.city import City
from tests.firms import OTHER_BANK, Firm, open_firm
from tests.lane import answers, body, items, open_lane, person_id, problem, said

STEPS, SIZE = 24, 12
NAMES = ("上海示例科技有限公司", "杭州示例餐饮有限公司", "北京示例贸易有限公司")
STATES = ("active", "active", "suspended_noncounter", "stop_payment", "receive_only")
_ID = re.compile(rb"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOMENT = re.compile(rb"\d{4}-\d\d-\d\dT[0-9:.]+Z")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The lane is on here, whatever its default."""
    return msgspec.structs.replace(settings, payment_lane=True)


class World:
    """Three firms that pay each other; two worlds are alike but for ids and numbers."""

    def __init__(self, city: City, firms: list[Firm], owners: list[UUID]) -> None:
        self.city = city
        self.firms = firms
        self.owners = owners

    def order(self, drawn: dict[str, Any]) -> dict[str, Any]:
        """A drawn payment in this world's names and numbers."""
        payer, payee = self.firms[drawn["payer"]], self.firms[drawn["payee"]]
        order = payer.order_to(payee, drawn["amount"], purpose=drawn["purpose"])
        match drawn["oddity"]:
            case "unknown":
                order["payee"] = order["payee"] | {"account_number": "0200010099999999999"}
            case "misnamed":
                order["payee"] = order["payee"] | {"name": "杭州示例餐饮店"}
            case "spaced":
                order["payee"] = order["payee"] | {"name": payee.name + " "}
            case "mistyped":
                order["payee"] = order["payee"] | {"bank_code": "103100000027"}
            case "outside":
                order["payee"] = order["payee"] | {"bank_code": OTHER_BANK}
        return order

    def neutral(self, answer: object) -> bytes:
        """The answer's bytes with this world's ids and numbers told alike in both."""
        raw = body(answer) if isinstance(answer, Answer) else problem(answer)  # type: ignore[arg-type]
        for no, firm in enumerate(self.firms):
            raw = raw.replace(firm.account_id.encode(), b"account %d" % no)
            raw = raw.replace(b'tail":"' + firm.number[-4:].encode(), b'tail":"%d' % no)
        for no, owner in enumerate(self.owners):
            raw = raw.replace(str(owner).encode(), b"owner %d" % no)
        return _MOMENT.sub(b"moment", _ID.sub(b"id", raw))

    async def alone(self, drawn: dict[str, Any]) -> Answer | XiaoweiError:
        """The payment as a Work of its own."""
        firm = self.firms[drawn["payer"]]
        actor = Actor(
            kind="person",
            person_id=self.owners[drawn["payer"]],
            business_id=firm.business_id,
            role="owner",
        )
        new = msgspec.convert(self.order(drawn), NewPayment)
        try:
            async with begin(self.city, actor) as work:
                return await operations.pay_alone(work, new=new, key=drawn["key"])
        except XiaoweiError as error:
            return error

    async def together(self, lane: operations.Lane, batch: list[dict[str, Any]]) -> list[object]:
        """The batch by the lane in its order; what it leaves goes alone once the batch is through,
        so the test draws a batch's ordinary payments apart from its others."""
        made = []
        for drawn in batch:
            maker = self.owners[drawn["payer"]]
            order, firm = self.order(drawn), self.firms[drawn["payer"]]
            made += await items(self.city, firm, maker, [order], [drawn["key"]])
        told = await answers(lane, made)
        return [
            a if a is not None else await self.alone(d) for a, d in zip(told, batch, strict=True)
        ]

    async def disturb(self, chance: random.Random) -> None:
        """Change a state, a limit or a rule, the same in both worlds by the same chance."""
        no = chance.randrange(3)
        firm, account = self.firms[no], UUID(self.firms[no].account_id)
        async with self.city.ctx.begin(firm.business_id) as work:
            if chance.random() < 0.6:
                deposit = await deposits.own(work, account_id=account)
                state = "active" if deposit.state != "active" else chance.choice(STATES[2:])
                new = NewState(state=state, by="bank", reason="x", version=deposit.version)  # type: ignore[arg-type]
                await deposits.set_state(work, account_id=account, new=new)
            else:
                limit = await limits.of(work, person=self.owners[no])
                single, extra = chance.randrange(100, 900), chance.randrange(2_000)
                bounds = NewLimit(
                    single_fen=single,
                    daily_fen=limit.used_fen + single + extra,
                    version=limit.version,
                )
                await limits.set_limit(work, person=self.owners[no], new=bounds)

    async def facts(self, db: asyncpg.Connection) -> list[tuple[Any, ...]]:
        """Every order, posting, limit and event of these firms, without ids and moments."""
        found = []
        for firm in self.firms:
            for text in FACTS:
                found += [tuple(row) for row in await db.fetch(text, firm.business_id)]
        return found


FACTS = (
    """select key, amount_fen, currency, payee_name, payee_bank_code, rail, purpose, memo, state,
       answered_state, first_version, version, reason, refusal ->> 'error', limit_used_on,
       created_at = finished_at, submitted_at, transfer_id is null, payee_account_id is null
       from accounts.payments where business_id = $1 order by key""",
    """select p.seq, p.amount_fen, p.balance_after_fen, p.leg, p.owner, p.booked_on, e.kind, e.legs,
       e.clearing_fen, e.memo, e.value_on, e.transfer_id is null from ledger.postings p
       join ledger.entries e on e.business_id = p.business_id and e.id = p.entry_id
       where p.business_id = $1 and e.kind = 'payment' order by p.account_id, p.seq""",
    """select balance_fen, held_fen, version, month, month_in_fen, month_out_fen, month_count
       from ledger.accounts where business_id = $1 and owner = 'firm'""",
    """select day, used_fen, single_fen, daily_fen
       from accounts.person_limits where business_id = $1""",
    """select name, payload - 'payment_id', count(*) from core.outbox where business_id = $1
       and name like '%Settled' group by 1, 2 order by 2""",
    """select action, convert_from(body, 'UTF8')::jsonb #> '{facts,state}', count(*),
       bool_and(convert_from(body, 'UTF8')::jsonb ->> 'id' = id::text) from core.audit
       where business_id = $1 and action = 'payment.made' group by 1, 2 order by 2""",
)


def begin(city: City, actor: Actor) -> Any:
    from app import work

    return work.begin(
        city.ctx.pools["worker"],
        actor,
        settings=city.settings,
        vault=city.ctx.vault,
        ring=lambda: None,
    )


async def found(city: City) -> World:
    firms = [await open_firm(city, name=name, fen=3_000) for name in NAMES]
    made = World(city, firms, [await person_id(firm.owner) for firm in firms])
    for payer in range(3):
        drawn = {"payer": payer, "payee": (payer + 1) % 3, "amount": 1, "purpose": "goods"}
        await made.alone(drawn | {"oddity": "", "key": f"first-of-{payer}"})
    return made


def draw(chance: random.Random, no: int) -> list[dict[str, Any]]:
    """A batch: mostly plain payments, some copies of earlier keys; or the odd ones, alone."""
    odd = no % 4 == 3
    batch: list[dict[str, Any]] = []
    for place in range(1 if odd else SIZE):
        payer = chance.randrange(3)
        payee = payer if chance.random() < 0.05 else (payer + chance.randrange(1, 3)) % 3
        oddity = chance.choice(("misnamed", "spaced", "mistyped", "outside")) if odd else ""
        if not odd and chance.random() < 0.05:
            oddity = "unknown"
        batch.append(
            {
                "payer": payer,
                "payee": payee,
                "amount": chance.choice((1, 7, 50, 400, 900, 1_500)),
                "purpose": chance.choice(("goods", "services", "rent")),
                "oddity": oddity,
                "key": f"payment-{no}-{place}",
            }
        )
    return batch


@pytest.mark.parametrize("seed", [1, 2])
async def test_random_payments_are_answered_and_kept_alike(
    city: City, db: asyncpg.Connection, seed: int
):
    one, two = await found(city), await found(city)
    chance, first, second = (random.Random(seed) for _ in range(3))
    past: list[dict[str, Any]] = []
    words: Counter[str] = Counter()
    async with open_lane(city) as lane:
        for no in range(STEPS):
            batch = draw(chance, no)
            if past and len(batch) > 1:
                again = chance.choice(past)
                batch[0] = again if chance.random() < 0.6 else again | {"amount": 2}
            ours = await one.together(lane, batch)
            theirs = [await two.alone(drawn) for drawn in batch]
            assert list(map(said, ours)) == list(map(said, theirs)), (no, batch)
            assert [one.neutral(a) for a in ours] == [two.neutral(a) for a in theirs]
            words.update(map(said, ours))
            past += batch[1:]
            if no % 3 == 2:
                await one.disturb(first)
                await two.disturb(second)
    await city.idle(240)
    assert await one.facts(db) == await two.facts(db)
    rare = {"settled", "replayed", "KeyReused", "InsufficientFunds", "CannotPayOnline"}
    assert rare <= words.keys() and len(words) >= 8, words
