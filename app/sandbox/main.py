"""The sandbox's process: one HTTP server in which all outside systems live on their own disks."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import msgspec
from litestar import Litestar, Request, Response, delete, get, post, route
from litestar.params import FromPath, FromQuery

from app.outside.signing import BadSignature, Keys, keys_folder, load_keys, target
from app.sandbox.account_filing import AccountFiling
from app.sandbox.bureau import Bureau
from app.sandbox.clearing_house import ClearingHouse
from app.sandbox.face import Face
from app.sandbox.faults import Faults, Orders
from app.sandbox.other_banks import OtherAccount
from app.sandbox.postman import Postman
from app.sandbox.registry import Registry
from app.sandbox.sms import Sms
from app.sandbox.store import Journal
from app.sandbox.system import Refused, System
from app.sandbox.tax import Tax
from app.sandbox.world import World
from app.settings import Settings, load

PLAYED: tuple[type[System], ...] = (
    Registry,
    AccountFiling,
    Tax,
    ClearingHouse,
    Bureau,
    Face,
    Sms,
)
# How many of the world's firms and people have accounts at other banks from the start.
FIRMS_AT_START = 200
PEOPLE_AT_START = 200
RICH_FEN = 10_000_000_000


class Sandbox:
    """All systems, started together over one folder."""

    def __init__(
        self,
        *,
        folder: Path,
        keys: Keys,
        callback_url: str,
        seed: int,
        callback_transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.folder, self.keys, self.seed = folder, keys, seed
        self._callback_url = callback_url
        self._client = httpx.AsyncClient(
            transport=callback_transport, timeout=10.0, trust_env=False
        )
        self.systems: dict[str, System] = {}

    async def start(self) -> None:
        """Replay the journals; a new world gets its firms and people."""
        for played in PLAYED:
            journal = Journal(self.folder / f"{played.name}.jsonl")
            faults = Faults()
            postman = Postman(
                system=played.name,
                journal=journal,
                faults=faults,
                keys=self.keys,
                client=self._client,
                callback_url=self._callback_url,
            )
            self.systems[played.name] = played(
                journal=journal, faults=faults, postman=postman, seed=self.seed
            )
        for system in self.systems.values():
            system.start()
        house = self.systems["clearing_house"]
        assert isinstance(house, ClearingHouse)
        # A start under another seed adds the customers of that seed's world.
        known = house.banks.accounts
        missing = [
            account
            for account in world_accounts(self.seed)
            if (account.bank_code, account.account_number) not in known
        ]
        if missing:
            house.record_simulated("accounts", {"accounts": missing})
            await house.journal.synced()

    async def stop(self) -> None:
        """Stop everything; the journals keep what is not finished."""
        for system in self.systems.values():
            await system.stop()

    async def close(self) -> None:
        """Stop and let go of the connections."""
        await self.stop()
        await self._client.aclose()

    async def reset(self) -> None:
        """Forget everything (tests only)."""
        await self.stop()
        for path in self.folder.glob("*.jsonl"):
            path.unlink()
        await self.start()

    def system(self, name: str) -> System:
        """One system by name; 404 for any other."""
        if name not in self.systems:
            raise Refused(404, "no_such_system")
        return self.systems[name]


def world_accounts(seed: int) -> list[OtherAccount]:
    """The accounts at other banks of the world's first firms and people."""
    world = World(seed)
    firms = [world.firm(n) for n in range(FIRMS_AT_START)]
    people = [world.person(n) for n in range(PEOPLE_AT_START)]
    held = [(f.bank_code, f.account_number, f.name) for f in firms]
    held += [(p.bank_code, p.card_number, p.name) for p in people]
    return [
        OtherAccount(bank_code=bank, account_number=number, name=name, balance_fen=RICH_FEN)
        for bank, number, name in held
    ]


def answered(content: Any, status: int = 200) -> Response[bytes]:
    """Anything as JSON."""
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


def turned_down(_: Request[Any, Any, Any], refusal: Refused) -> Response[bytes]:
    """A refusal as the clients read it."""
    return answered({"code": refusal.code, "reason": refusal.reason}, refusal.status)


def _sandbox(request: Request[Any, Any, Any]) -> Sandbox:
    found: Sandbox = request.app.state["sandbox"]
    return found


@route("/{system:str}/{rest:path}", http_method=["GET", "POST"], status_code=200)
async def serve(
    request: Request[Any, Any, Any], system: FromPath[str], rest: FromPath[str]
) -> Response[bytes]:
    """Every signed request of the bank, with the faults ordered for the system."""
    played = _sandbox(request).system(system)
    content = await request.body()
    path = rest.strip("/").split("/")
    if path[0] == "simulate" and request.method == "POST":
        return await _simulate(played, path, content)
    try:
        _sandbox(request).keys.verify(
            request.method, target(request.scope), dict(request.headers), content
        )
    except BadSignature as bad:
        raise Refused(401, "signature", str(bad)) from bad
    faults = played.faults
    if faults.strike("slow"):
        await asyncio.sleep(faults.orders.slow_ms / 1000)
    if faults.strike("down"):
        raise Refused(503, "down")
    if request.method == "GET":
        query = {name: str(value) for name, value in request.query_params.items()}
        return answered(await played.ask(path, query))
    if len(path) != 1:
        raise Refused(404, "no_such_path")
    outcome = await played.take(path[0], content)
    if faults.strike("done_but_timed_out"):
        await asyncio.sleep(faults.orders.stall_ms / 1000)
    if faults.strike("done_but_failed"):
        raise Refused(500, "failed")
    return answered(outcome)


async def _simulate(played: System, path: list[str], content: bytes) -> Response[bytes]:
    """What somebody else in the world does: unsigned, and untouched by faults."""
    if len(path) != 2:
        raise Refused(404, "no_such_simulation")
    found = played.simulate(path[1], content)
    await played.journal.synced()
    return answered(found)


@get("/health")
async def health(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Whether every system is at work."""
    dead = [s.name for s in _sandbox(request).systems.values() if not s.alive]
    return answered({"ready": not dead, "dead": dead}, 503 if dead else 200)


@get("/pending")
async def read_pending(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What the outside still owes the bank: outcomes not settled, call-backs not taken."""
    systems = _sandbox(request).systems.values()
    return answered(
        {
            "settling": sum(not r.settled for s in systems for r in s.requests.values()),
            "callbacks": sum(s.postman.waiting for s in systems),
        }
    )


@get("/sms")
async def read_phone(request: Request[Any, Any, Any], phone: FromQuery[str]) -> Response[bytes]:
    """A phone's messages, latest first."""
    sms = _sandbox(request).systems["sms"]
    assert isinstance(sms, Sms)
    return answered({"items": sms.inbox(phone)})


@get("/control")
async def read_control(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every system's orders, and how often each fault really struck."""
    systems = _sandbox(request).systems.values()
    return answered(
        {s.name: {"orders": s.faults.orders, "strikes": dict(s.faults.strikes)} for s in systems}
    )


@post("/control/{system:str}", status_code=200)
async def give_orders(request: Request[Any, Any, Any], system: FromPath[str]) -> Response[bytes]:
    """New orders for a system; `reset` as the system forgets everything, if that is allowed."""
    sandbox = _sandbox(request)
    if system == "reset":
        if not request.app.state["allow_reset"]:
            raise Refused(403, "reset_not_allowed")
        await sandbox.reset()
        return answered({"reset": True})
    played = sandbox.system(system)
    try:
        orders = msgspec.json.decode(await request.body(), type=Orders)
    except msgspec.MsgspecError as wrong:
        raise Refused(422, "malformed", str(wrong)) from wrong
    played.faults.give(orders)
    return answered({"orders": orders})


@delete("/control", status_code=200)
async def end_orders(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Every system behaves again."""
    for system in _sandbox(request).systems.values():
        system.faults.give(Orders())
    return answered({"ended": True})


@get("/witness/{system:str}")
async def testify(request: Request[Any, Any, Any], system: FromPath[str]) -> Response[bytes]:
    """Everything a system knows, for comparison with what the bank believes."""
    played = _sandbox(request).system(system)
    await played.journal.synced()
    return answered(
        {
            "requests": list(played.requests.values()),
            "callbacks": list(played.postman.posts.values()),
            **played.state(),
        }
    )


def create_app(
    *,
    folder: Path,
    keys_folder: Path,
    callback_url: str,
    seed: int = 1,
    allow_reset: bool = False,
    callback_transport: httpx.AsyncBaseTransport | None = None,
) -> Litestar:
    """The sandbox over a folder; `callback_transport` reaches an API in the same process."""

    @asynccontextmanager
    async def running(app: Litestar) -> AsyncIterator[None]:
        sandbox = Sandbox(
            folder=folder,
            keys=load_keys(keys_folder, "outside"),
            callback_url=callback_url,
            seed=seed,
            callback_transport=callback_transport,
        )
        app.state["sandbox"], app.state["allow_reset"] = sandbox, allow_reset
        await sandbox.start()
        try:
            yield
        finally:
            await sandbox.close()

    return Litestar(
        [serve, health, read_pending, read_phone, read_control, give_orders, end_orders, testify],
        lifespan=[running],
        exception_handlers={Refused: turned_down},
        openapi_config=None,
        logging_config=None,
    )


def main(arguments: Sequence[str] | None = None, settings: Settings | None = None) -> int:
    """Serve on the port beside the API's; `--allow-reset` is for tests."""
    import uvicorn

    settings = settings or load()
    address = httpx.URL(settings.sandbox_url)
    app = create_app(
        folder=settings.var_path / "sandbox",
        keys_folder=keys_folder(settings),
        callback_url=settings.public_url,
        seed=settings.seed,
        allow_reset="--allow-reset" in (sys.argv if arguments is None else arguments),
    )
    uvicorn.run(
        app,
        host=address.host,
        port=address.port or settings.port + 1,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=3,
    )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
