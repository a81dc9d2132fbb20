"""What tests of the payment lane share: a lane of one's own, and payments ready for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import msgspec

from accounts.lane import operations, rules
from accounts.lane.model import Answer, Item
from accounts.payments.model import NewPayment
from app.actor import Actor
from app.errors import XiaoweiError
from app.problems import document
from tests.city import City, Person
from tests.firms import Firm


@contextlib.asynccontextmanager
async def open_lane(city: City) -> AsyncIterator[operations.Lane]:
    """A lane beside the application's own, as another process would have one."""
    lane = operations.make_lane(city.settings, settled=lambda: None)
    await lane.open()
    try:
        yield lane
    finally:
        await lane.close()


async def person_id(person: Person) -> UUID:
    """Who that is."""
    return UUID((await person.get("/v1/me")).json()["person_id"])


async def items(
    city: City, firm: Firm, maker: UUID, orders: Sequence[dict], keys: Sequence[str] | None = None
) -> list[Item]:
    """Orders ready for a batch; the firm's data key is learnt."""
    actor = Actor(kind="person", person_id=maker, business_id=firm.business_id, role="owner")
    async with city.ctx.begin(firm.business_id) as work:
        await city.ctx.vault.learn(work, scope=firm.business_id)
    made = []
    for no, order in enumerate(orders):
        key = keys[no] if keys else str(uuid4())
        new = msgspec.convert(order, NewPayment)
        item = operations.as_item(city.ctx.vault, actor=actor, new=new, key=key)
        assert item is not None
        made.append(item)
    return made


async def answers(
    lane: operations.Lane, made: Sequence[Item]
) -> list[Answer | XiaoweiError | Exception | None]:
    """Ask for all at one moment, in their order."""

    async def one(item: Item) -> Answer | None:
        return rules.answer(item, await lane.ask(item))

    return await asyncio.gather(*(one(item) for item in made), return_exceptions=True)  # type: ignore[return-value]


def said(answer: object) -> str:
    """An answer in one word."""
    match answer:
        case None:
            return "ordinary"
        case Answer(refusal=None, replayed=replayed):
            return "replayed" if replayed else "settled"
        case Answer(refusal=refusal):
            assert refusal is not None
            return str(refusal["error"])
    return type(answer).__name__


def body(answer: Answer) -> bytes:
    """What the caller reads."""
    from accounts.lane.routes import answered

    return answered(answer, english=False).content


def problem(error: XiaoweiError) -> bytes:
    """What the caller reads of an error."""
    return document(error, english=False)[1]


async def warm(firm: Firm, other: Firm, person: Person | None = None) -> None:
    """A first payment, which goes the ordinary way: it starts the person's limits and makes the
    firm's data key."""
    answer = await (person or firm.owner).post("/v1/payments", firm.order_to(other, 1))
    assert answer.status_code == 201, answer.text
