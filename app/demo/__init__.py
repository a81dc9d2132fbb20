"""`make demo`: a new firm's whole life on the running system, through its doors alone."""

from __future__ import annotations

import asyncio

import httpx

from app.demo import credit, opening, oracle, year
from app.demo.client import Bank, Failed
from app.demo.life import founder
from app.demo.show import Show
from app.settings import Settings
from app.verify import check


async def walk(settings: Settings, months: int = year.MONTHS) -> int:
    """Every step, the oracle, `verify`; how many things were wrong."""
    show = Show()
    limits = httpx.Limits(max_connections=40)
    async with (
        httpx.AsyncClient(base_url=settings.public_url, timeout=30, limits=limits) as api,
        httpx.AsyncClient(base_url=settings.sandbox_url, timeout=30, limits=limits) as world,
    ):
        bank = Bank(api, world, settings.var_path)
        show.chapter("Founding and opening")
        life = await opening.begin(bank, show, settings.seed)
        await opening.register(life)
        await opening.apply(life)
        await opening.open_account(life)
        await opening.invite_second(life)
        show.chapter("The first days")
        await year.first_dealings(life)
        show.chapter("The first year")
        await year.trade(life, months)
        with show.step("Statements after a year") as figures:
            await year.statements(life, figures)
        show.chapter("Credit")
        facility = await credit.limit(life)
        loan = await credit.draw(life, facility)
        await credit.first_instalment(life, loan)
        show.chapter("Everything once more, by others")
        with show.step("Books agree with the bank") as figures:
            await year.statements(life, figures)
        with show.step("The outside's records and the figures computed again") as figures:
            wrong = await oracle.differences(life)
            figures += wrong or ["no difference"]
        with show.step("verify") as figures:
            findings = await check(settings)
            figures += findings or ["no finding"]
    print(f"\n{show.steps} steps in {show.seconds:.0f} s, {len(wrong) + len(findings)} wrong")
    return len(wrong) + len(findings)


def main(settings: Settings) -> int:
    """Exit code 0, or 1 and what failed."""
    try:
        return 1 if asyncio.run(walk(settings)) else 0
    except Failed as failed:
        print(f"\nFailed: {failed}")
        return 1


def sign_ins(api: str, sandbox: str) -> str:
    """How to look around by hand: who exists and how each signs in."""
    from app.settings import load

    settings = load()
    owner, second = (founder(settings.seed, 0, which) for which in (0, 1))
    return "\n".join(
        (
            "  Sign in    the demo business, once it stands:",
            f'    owner      POST {api}/v1/auth/codes {{"phone": "{owner.phone}"}}, the SMS is at',
            f"               {sandbox}/sms?phone={owner.phone}, then POST /v1/auth/tokens",
            f"    approver   the same with {second.phone}",
            "    staff      reviewer.li, reviewer.zhou, teller.chen; a portal with its key pair:",
            f"               passwords, secrets and keys: {settings.var_path}/demo-sign-in.json",
        )
    )
