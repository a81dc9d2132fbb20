"""What sign-in costs a request, and how even reads are under load.

Run as a module it serves the application with two more routes that differ by their door alone.
"""

from __future__ import annotations

import itertools

from litestar import Litestar, get

from app.jobs import Ctx
from tests.bench import load
from tests.bench.payment import look, payers, serving
from tests.bench.report import Figure, ratio

SECONDS = 2.0
ROUNDS = 5
FLIGHT = 64


@get(["/v1/bench", "/bench"])
async def nothing() -> dict[str, int]:
    """Nothing but the way there and back."""
    return {"fen": 1}


def application() -> Litestar:
    """The application with the two routes."""
    from app.main import create_app
    from app.settings import load as settings

    app = create_app(settings())
    app.register(nothing)
    return app


async def run(ctx: Ctx, url: str) -> list[Figure]:
    """G9: one handler with and without sign-in; G16: the slowest reads by the middle ones."""
    [payer] = await payers(ctx, 1)
    signed = load.request("GET", "/v1/bench", token=payer.token, business_id=payer.business_id)
    plain = load.request("GET", "/bench", token=payer.token, business_id=payer.business_id)
    inside: list[float] = []
    outside: list[float] = []
    slow: list[float] = []
    middle: list[float] = []
    async with serving(ctx, url, module=("tests.bench.doors",)) as port:
        for _ in range(ROUNDS):
            for raw, rates in ((signed, inside), (plain, outside)):
                told = await load.run(port, itertools.repeat(raw), flight=FLIGHT, seconds=SECONDS)
                assert set(told.statuses) == {200}, told.statuses
                rates.append(len(told.seconds) / SECONDS)
            told = await load.run(
                port, itertools.repeat(look(payer)), flight=FLIGHT, seconds=SECONDS
            )
            assert set(told.statuses) == {200}, told.statuses
            slow.append(told.quantile(0.99))
            middle.append(told.quantile(0.5))
    return [
        ratio(
            "G9",
            f"signed-in requests a second, {FLIGHT} in flight",
            inside,
            outside,
            against="the same handler without sign-in",
            aim=0.9,
        ),
        ratio(
            "G16",
            f"p99 of GET /v1/accounts/{{id}}, {FLIGHT} in flight (times)",
            slow,
            middle,
            against="its own p50",
            aim=3,
            at_most=True,
        ),
    ]


if __name__ == "__main__":
    import os

    import uvicorn

    uvicorn.run(
        application(),
        port=int(os.environ["PORT"]),
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
    )
