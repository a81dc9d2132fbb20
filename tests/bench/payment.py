"""A payment over HTTP, complete with sign-in, key, limits and books' event; and a bystander."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import random
import socket
import statistics
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from uuid import uuid4

import asyncpg
import httpx
import msgspec

from accounts.deposits import operations as deposits
from accounts.ledger import operations as ledger
from accounts.ledger.model import Leg, NewEntry
from app import clock
from app.identity import operations as identity
from app.identity.sessions import operations as sessions
from app.identity.sessions.model import Tokens
from app.jobs import Ctx
from app.work import Work
from tests.bench import load, yardstick
from tests.bench.report import ROOT, Figure, ratio

FIRMS = 60
SECONDS = 2.0
ROUNDS = 5
OUR_BANK = "102100099996"


@dataclass(frozen=True)
class Payer:
    """A firm whose owner is signed in."""

    business_id: str
    token: str
    account_id: str
    number: str
    name: str


async def payers(ctx: Ctx, firms: int = FIRMS) -> list[Payer]:
    """Firms with money, their owners signed in, all inside the bank."""
    made = []
    for no in range(firms):
        phone, name, number = (
            f"1390000{no:04d}",
            f"上海示例{no:03d}科技有限公司",
            f"0200010{no:012d}",
        )
        async with ctx.begin() as work:
            tokens = await signed_in(work, phone)
            business_id = await identity.found_business(work, name=name)
        async with ctx.begin(business_id) as work:
            account = await deposits.open(work, number=number, name=name, account_class="basic")
            capital = await ledger.bank_side(work, kind="capital")
            await ledger.post(
                work,
                entries=[
                    NewEntry(
                        kind="capital",
                        business_key="seed",
                        legs=[
                            Leg(account_id=account, amount_fen=10**12),
                            Leg(account_id=capital, amount_fen=-(10**12)),
                        ],
                    )
                ],
            )
        made.append(Payer(str(business_id), tokens.access_token, str(account), number, name))
    return made


async def signed_in(work: Work, phone: str) -> Tokens:
    """What `sessions.sign_in` does behind the code that nobody sends here."""
    person_id = await sessions.person_of_phone(work, phone=phone)
    await work.set_person(person_id)
    sealed = await work.vault.seal(
        work, phone, scope=person_id, place="identity.people.phone_sealed", row_id=person_id
    )
    await work.run(sessions.sql.add_person, at=clock.now(), phone_sealed=sealed)
    return await sessions.start(work, door="person", holder_id=person_id, device="bench")


def orders(made: list[Payer], *, hot: bool) -> Iterator[bytes]:
    """Endless payments of one fen, each under its own key."""
    chosen = random.Random(7)
    for no in itertools.count():
        payer, payee = chosen.sample(made, 2)
        if hot:
            payer = made[0] if payee is not made[0] else made[1]
        yield order(payer, payee, f"bench-{os.getpid()}-{no}-{uuid4().hex}")


def order(payer: Payer, payee: Payer, key: str, amount_fen: int = 1) -> bytes:
    """One payment inside the bank."""
    body = msgspec.json.encode(
        {
            "account_id": payer.account_id,
            "amount_fen": amount_fen,
            "memo": "货款",
            "payee": {"name": payee.name, "account_number": payee.number, "bank_code": OUR_BANK},
        }
    )
    return load.request(
        "POST", "/v1/payments", token=payer.token, business_id=payer.business_id, key=key, body=body
    )


def environment(ctx: Ctx, url: str, **more: str) -> dict[str, str]:
    """What a process of the measured system is told."""
    settings = ctx.settings
    return {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": settings.redis_url,
        "XIAOWEI_ENVIRONMENT": "production",
        "XIAOWEI_MASTER_KEY": settings.master_key,
        "XIAOWEI_VAR": settings.var,
        "XIAOWEI_POOL_SIZE": "16",
        "XIAOWEI_LOG_LEVEL": "ERROR",
        "XIAOWEI_POOL_WAIT_SECONDS": "30",
    } | more


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextlib.asynccontextmanager
async def serving(
    ctx: Ctx, url: str, *, lane: bool = False, module: tuple[str, ...] = ("app", "serve")
) -> AsyncIterator[int]:
    """The API as a process of its own, with or without the payment lane; its port."""
    port = free_port()
    env = environment(ctx, url, PORT=str(port), XIAOWEI_PAYMENT_LANE=str(lane).lower())
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        env=env,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as probe:
            for _ in range(200):
                with contextlib.suppress(httpx.HTTPError):
                    if (await probe.get("/health/ready")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
            else:
                raise RuntimeError("the API does not become ready")
        yield port
    finally:
        process.terminate()
        process.wait(30)


def look(payer: Payer) -> bytes:
    """A read of the firm's account."""
    return load.request(
        "GET",
        f"/v1/accounts/{payer.account_id}",
        token=payer.token,
        business_id=payer.business_id,
    )


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """1, 16, 64, 256 in flight, uniform and hot, against pgbench in the same rounds."""
    admin = await asyncpg.connect(url)
    await yardstick.prepare(admin)
    await admin.close()
    made = await payers(ctx)
    figures = []
    async with serving(ctx, url) as port:
        for hot in (False, True):
            seen: dict[int, list[float]] = {1: [], 16: [], 64: [], 256: []}
            bare, slow = [], []
            requests = orders(made, hot=hot)
            for _ in range(ROUNDS):
                bare.append(await yardstick.transfers(url, clients=16, seconds=SECONDS, hot=hot))
                for flight, rates in seen.items():
                    told = await load.run(port, requests, flight=flight, seconds=SECONDS)
                    assert set(told.statuses) == {201}, told.statuses
                    rates.append(len(told.seconds) / SECONDS)
                    if flight == 64:
                        slow.append(told.quantile(0.99))
            place = "one hot account" if hot else "uniform"
            figures += [
                ratio(
                    "payment",
                    f"POST /v1/payments, {flight} in flight, {place}",
                    rates,
                    bare,
                    against=f"bare pgbench c16 {place}, median {statistics.median(bare):.0f}/s",
                )
                for flight, rates in seen.items()
            ]
            figures.append(
                Figure(
                    goal="payment",
                    what=f"p99 at 64 in flight, {place}, ms",
                    value=round(statistics.median(slow) * 1000, 1),
                )
            )
    return figures


async def bystander(ctx: Ctx, url: str) -> list[Figure]:
    """Somebody else's reads while 200 copies of one payment arrive at once, again and again."""
    made = await payers(ctx)
    reads = itertools.repeat(look(made[-1]))
    async with serving(ctx, url) as port:
        quiet, crowded = [], []
        for no in range(ROUNDS):
            told = await load.run(port, reads, flight=2, seconds=SECONDS)
            quiet.append(told.quantile(0.99))
            copies = [await load.Connection.open(port) for _ in range(200)]
            raw = order(made[0], made[1], f"bystander-{no}-{uuid4().hex}")

            async def crowd(copies: list[load.Connection] = copies, raw: bytes = raw) -> None:
                await asyncio.sleep(SECONDS / 4)
                answers = await asyncio.gather(*(copy.ask(raw) for copy in copies))
                effects = {
                    msgspec.json.decode(body)["id"] for status, body in answers if status == 201
                }
                assert len(effects) == 1, answers[:3]

            told = await load.run(port, reads, flight=2, seconds=SECONDS, meanwhile=crowd)
            crowded.append(told.quantile(0.99))
            for copy in copies:
                copy.close()
    return [
        ratio(
            "G3 of promises",
            "a bystander's p99 while 200 copies of one payment arrive",
            crowded,
            quiet,
            against="its own p99 a moment before",
            aim=2,
            at_most=True,
        )
    ]
