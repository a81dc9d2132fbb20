"""The bank as the outside sees it, and a sandbox in this process or in one of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from datetime import date
from pathlib import Path
from typing import Any, cast

import httpx
import msgspec

from app.outside import Outside
from app.outside.clearing_house import NewCredit
from app.outside.model import Callback
from app.outside.registry import NewCompany
from app.outside.signing import load_keys, target
from app.outside.tax import NewNumber
from app.sandbox.main import create_app
from app.sandbox.world import World

DAY = date(2025, 9, 1)
FIRM = World(1).firm(0)
OTHER = World(1).firm(1)
TIMEOUT = 0.5


class Bank:
    """Our side as the sandbox sees it: clients, and a door that takes call-backs or not."""

    def __init__(self, folder: Path) -> None:
        self.taken: list[Callback] = []
        self.open = True
        self._keys = load_keys(folder / "keys", "bank")
        self.client: httpx.AsyncClient
        self.outside: Outside
        # ends the sandbox where that is a process of its own
        self.kill: Callable[[], None]

    async def door(self, scope: Any, receive: Any, send: Any) -> None:
        """The call-back door: checks the signature, then keeps what it hears."""
        body = (await receive())["body"]
        headers = {k.decode(): v.decode() for k, v in scope["headers"]}
        self._keys.verify("POST", target(scope), headers, body)
        if self.open:
            self.taken.append(msgspec.json.decode(body, type=Callback))
        status = 200 if self.open else 503
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})

    async def order(self, system: str, **orders: Any) -> None:
        answer = await self.client.post(f"/control/{system}", json=orders)
        assert answer.status_code == 200, answer.text

    async def strikes(self, system: str) -> dict[str, int]:
        return (await self.client.get("/control")).json()[system]["strikes"]

    async def witness(self, system: str) -> dict[str, Any]:
        return (await self.client.get(f"/witness/{system}")).json()

    async def simulate(self, system: str, what: str, **body: Any) -> Any:
        answer = await self.client.post(f"/{system}/simulate/{what}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()


@contextlib.asynccontextmanager
async def opened(folder: Path, bank: Bank | None = None) -> AsyncIterator[Bank]:
    """A sandbox over a folder, in this process, and the bank beside it."""
    bank = bank or Bank(folder)
    app = create_app(
        folder=folder / "sandbox",
        keys_folder=folder / "keys",
        callback_url="http://bank",
        allow_reset=True,
        callback_transport=httpx.ASGITransport(app=bank.door),
    )
    started, ended = asyncio.Event(), asyncio.Event()

    async def live() -> None:
        # A task of its own: a fixture is entered and left by different tasks.
        async with app.lifespan():
            started.set()
            await ended.wait()

    living = asyncio.create_task(live())
    await started.wait()
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(lambda: living)
        stack.callback(ended.set)
        transport = httpx.ASGITransport(app=cast(Any, app))
        bank.client = httpx.AsyncClient(transport=transport, base_url="http://outside")
        stack.push_async_callback(bank.client.aclose)
        bank.outside = Outside(
            base_url="http://outside", keys_folder=folder / "keys", transport=transport
        )
        stack.push_async_callback(bank.outside.close)
        yield bank


async def until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait for something that another task does."""
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def credit(reference: str, amount_fen: int = 12_345, **more: Any) -> NewCredit:
    return NewCredit(
        **{
            "reference": reference,
            "payer_account": "1001000012345678901",
            "payer_name": "上海示例科技有限公司",
            "payee_bank": FIRM.bank_code,
            "payee_account": FIRM.account_number,
            "payee_name": FIRM.name,
            "amount_fen": amount_fen,
            "sent_on": DAY,
            **more,
        }
    )


def company(reference: str, name: str = "上海示例科技有限公司", **more: Any) -> NewCompany:
    return NewCompany(
        **{
            "reference": reference,
            "name": name,
            "area_code": "310115",
            "address": "张江路1号",
            "scope": "软件开发",
            "capital_fen": 100_000_000,
            "legal_representative": "王小微",
            "legal_id_number": "11010519491231002X",
            "applied_on": DAY,
            **more,
        }
    )


def number(reference: str, net_fen: int = 100_000, **more: Any) -> NewNumber:
    return NewNumber(
        **{
            "reference": reference,
            "kind": "02",
            "issued_on": DAY,
            "seller_uscc": FIRM.uscc,
            "seller_name": FIRM.name,
            "buyer_name": OTHER.name,
            "net_fen": net_fen,
            "tax_fen": net_fen // 100,
            "total_fen": net_fen + net_fen // 100,
            **more,
        }
    )


@contextlib.asynccontextmanager
async def process(folder: Path, port: int | None = None) -> AsyncIterator[Bank]:
    """The sandbox as the process that it is, and the bank beside it (nobody takes call-backs)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = port or free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    child = subprocess.Popen(
        [sys.executable, "-m", "app.sandbox.main"],
        env={**os.environ, "XIAOWEI_VAR": str(folder), "XIAOWEI_SANDBOX_URL": url},
        cwd=Path(__file__).parents[1],
    )
    try:
        async with httpx.AsyncClient(base_url=url, timeout=5) as client:
            for _ in range(200):
                with contextlib.suppress(httpx.HTTPError):
                    if (await client.get("/health")).status_code == 200:
                        break
                await asyncio.sleep(0.05)
            bank = Bank(folder)
            bank.client, bank.kill = client, child.kill
            bank.outside = Outside(
                base_url=url,
                keys_folder=folder / "secrets" / "outside",
                timeout_seconds=TIMEOUT,
            )
            yield bank
            await bank.outside.close()
    finally:
        child.kill()
        child.wait()
