"""The reviewers' page in a real browser: the whole queue is worked without a mouse, and whoever
listens to the page instead of seeing it can work too."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pyotp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from app.identity.seed import seed_demo
from tests.browser import open_browser
from tests.city import City
from tests.flows import founding
from tests.flows.test_account_opening_refusals import reviewing

ROOT = "/review-desk"
PICTURES = os.environ.get("PICTURES")
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


async def secrets(city: City, name: str) -> dict[str, str]:
    people = (await seed_demo(city.settings))["staff"]
    found = next(one for one in people if one["username"] == name)
    otp = pyotp.TOTP(found["totp_secret"]).now()
    return {"username": name, "password": found["password"], "otp": otp}


class Wrong:
    """What the browser complained about."""

    def __init__(self, page: Page) -> None:
        self.found: list[str] = []
        page.on("pageerror", lambda error: self.found.append(str(error)))
        page.on("console", self._heard)

    def _heard(self, message: Any) -> None:
        # A refused act (4xx) is told on the page; a broken policy or script is our mistake.
        told = ("htmx:", "Response Status Error Code 4", "Failed to load resource")
        if message.type == "error" and not message.text.startswith(told):
            self.found.append(message.text)


async def signed_in(city: City, browser: Browser, name: str, width: int = 1440) -> Page:
    context = await browser.new_context(viewport={"width": width, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    page.set_default_timeout(10_000)
    await page.goto(f"{city.settings.public_url}{ROOT}/")
    await expect(page).to_have_title("登录 · 小微")
    await picture(page, f"sign-in-{width}")
    for field, value in (await secrets(city, name)).items():
        await page.fill(f"[name={field}]", value)
    await page.keyboard.press("Enter")
    await expect(page).to_have_title("审核队列 · 小微")
    return page


async def picture(page: Page, name: str) -> None:
    """For eyes: PICTURES=folder keeps what the page looked like."""
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"))


async def sound(page: Page) -> None:
    """Nothing serious or critical is wrong for whoever cannot see or point."""
    found = await Axe().run(page)
    bad = [
        f"{one['id']} ({one['impact']}): {[node['target'] for node in one['nodes']][:3]}"
        for one in found.response["violations"]
        if one["impact"] in ("serious", "critical")
    ]
    assert bad == [], bad


async def queue_of_three(city: City, db: Any) -> list[str]:
    """A case of two reviewers and two quieter ones of other firms; riskiest first."""
    _, _, application_id = await reviewing(city)
    first = await db.fetchval(
        "select id::text from onboarding.reviews where application_id = $1", application_id
    )
    ids = [first]
    for number in (71, 72):
        owner = await city.sign_in(f"139000000{number}")
        person = {"name": "钱小微", "id_number": founding.resident_id(number, born="19850101")}
        await founding.found(
            city, owner, name=f"上海{'甲乙'[number - 71]}火贸易有限公司",
            legal_representative=person | {"phone": owner.phone},
            shareholders=[person | {"subscribed_fen": 100_000_000, "due_on": "2030-06-30"}],
        )  # fmt: skip
        applied = await founding.apply(owner)
        await city.idle()
        ids.append(
            await db.fetchval(
                "select id::text from onboarding.reviews where application_id = $1", applied["id"]
            )
        )
    assert all(ids)
    return ids


async def open_case(page: Page) -> str:
    return str(await page.get_attribute("#case article", "data-case"))


async def press(page: Page, keys: str) -> None:
    for key in keys.split():
        await page.keyboard.press(key)


async def test_the_whole_queue_is_worked_by_keyboard(city: City, db, browser: Browser):
    ids = await queue_of_three(city, db)
    order = [row["id"] for row in await db.fetch(
        "select id::text as id from onboarding.reviews where state = 'open'"
        " order by calm, opened_at, id"
    )]  # fmt: skip
    assert set(order) == set(ids)
    page = await signed_in(city, browser, "reviewer.li")
    wrong = Wrong(page)
    await expect(page.locator("#lines .line")).to_have_count(3)
    assert await open_case(page) == order[0]
    await picture(page, "queue-1440")
    await sound(page)

    # Up and down, and what the ends say.
    await press(page, "j")
    await expect(page.locator(f'article[data-case="{order[1]}"]')).to_be_visible()
    await press(page, "k k")
    await expect(page.locator(f'article[data-case="{order[0]}"]')).to_be_visible()
    # Without a claim nothing is decided.
    await press(page, "a")
    await expect(page.locator("#toast")).to_contain_text("请先按 c 领取")
    await press(page, "?")
    await expect(page.locator("#help")).to_be_visible()
    await picture(page, "help-1440")
    await sound(page)
    await press(page, "Escape c")
    await expect(page.locator("#toast")).to_contain_text("已领取")
    await expect(page.locator('article[data-holds="yes"]')).to_be_visible()
    await picture(page, "claimed-1440")
    await sound(page)

    # A number in full: a reason, then gone with the dialog.
    masked = await page.inner_text("#id_number")
    assert "***" in masked
    await press(page, "v")
    await page.locator("#reveal").get_by_role("button", name="显示").focus()
    await press(page, "Enter")
    number = await full_number(page)
    await expect(page.locator("#revealed strong")).to_have_text(number)
    await picture(page, "reveal-1440")
    await press(page, "Escape")
    await expect(page.locator("#revealed")).to_have_text("")

    # Papers, turned and closed.
    await press(page, "o")
    await expect(page.locator("#paper")).to_be_visible()
    await picture(page, "paper-1440")
    await press(page, "t o Escape")
    await expect(page.locator("#paper")).to_be_hidden()

    # Approve: of two reviewers the first; the page goes on by itself.
    await press(page, "a")
    await expect(page.locator("#approve")).to_be_visible()
    await picture(page, "approve-1440")
    await sound(page)
    await press(page, "Enter")
    await expect(page.locator("#toast")).to_contain_text("已同意")
    await expect(page.locator(f'article[data-case="{order[1]}"]')).to_be_visible()

    # Return: a code by its digit.
    await press(page, "c")
    await expect(page.locator('article[data-holds="yes"]')).to_be_visible()
    await press(page, "r 5")
    await picture(page, "return-1440")
    await sound(page)
    await press(page, "Enter")
    await expect(page.locator("#toast")).to_contain_text("已退回")
    await expect(page.locator("#lines .line")).to_have_count(2)

    # Refuse the last one: without a code it is not taken.
    await page.locator(f'#lines [data-id="{order[2]}"] a').focus()
    await press(page, "Enter")
    await expect(page.locator(f'article[data-case="{order[2]}"]')).to_be_visible()
    await press(page, "c")
    await expect(page.locator('article[data-holds="yes"]')).to_be_visible()
    await press(page, "x Enter")
    await expect(page.locator("#toast")).to_contain_text("须注明原因")
    await press(page, "6 Enter")
    await expect(page.locator("#toast")).to_contain_text("已拒绝")
    await expect(page.locator("#lines .line")).to_have_count(1)
    states = await db.fetch("select id::text as id, state from onboarding.reviews")
    assert {row["id"]: row["state"] for row in states} == {
        order[0]: "open", order[1]: "returned", order[2]: "refused",
    }  # fmt: skip
    assert wrong.found == []


async def full_number(page: Page) -> str:
    """The number that belongs behind the mask that is shown."""
    masked = await page.inner_text("#id_number")
    known = [founding.resident_id(1)] + [
        founding.resident_id(number, born="19850101") for number in (71, 72)
    ]
    return next(one for one in known if one[-4:] == masked[-4:])


async def test_the_page_asks_for_a_document_shows_figures_and_fits_a_small_screen(
    city: City, db, browser: Browser
):
    await queue_of_three(city, db)
    page = await signed_in(city, browser, "supervisor.wang", width=1024)
    wrong = Wrong(page)
    await picture(page, "queue-1024")
    await sound(page)
    wide = await page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 1024
    await press(page, "c")
    await expect(page.locator('article[data-holds="yes"]')).to_be_visible()
    await picture(page, "claimed-1024")
    await press(page, "d")
    await expect(page.locator("#ask")).to_be_visible()
    await page.select_option("#ask [name=kind]", "address_proof")
    await page.fill("#ask [name=reason]", "请补充租赁合同首页及签字页")
    await picture(page, "ask-1024")
    await sound(page)
    await press(page, "Enter")
    await expect(page.locator("#toast")).to_contain_text("计时暂停")
    await press(page, "5")
    await expect(page.locator("#lines .line.waiting")).to_have_count(1)
    await expect(page.locator("#lines .line")).to_have_count(1)
    await press(page, "1")
    await expect(page.locator("#lines .line")).to_have_count(3)
    # Cases chosen by key are laid on a colleague's desk.
    await press(page, "s j")
    await page.wait_for_timeout(300)
    await press(page, "s")
    await page.select_option(".assign select", index=0)
    await page.locator(".assign button").focus()
    await press(page, "Enter")
    await expect(page.locator("#toast")).to_contain_text("已分派")
    await page.goto(f"{city.settings.public_url}{ROOT}/statistics")
    await picture(page, "statistics-1024")
    await sound(page)
    await page.goto(f"{city.settings.public_url}{ROOT}/own")
    await page.fill("[name=id_number]", founding.resident_id(71, born="19850101"))
    await page.get_by_role("button", name="登记亲属").press("Enter")
    await expect(page.locator("section").nth(1)).to_contain_text("本人")
    await page.fill("[name=from_on]", "2030-01-01")
    await page.fill("[name=until_on]", "2030-01-03")
    await page.get_by_role("button", name="登记缺勤").press("Enter")
    await expect(page.get_by_role("button", name="结束缺勤")).to_be_visible()
    await picture(page, "own-1024")
    await sound(page)
    await page.goto(f"{city.settings.public_url}{ROOT}/")
    await expect(page.locator("#lines .line.barred")).to_have_count(1)
    await picture(page, "barred-1024")
    await page.get_by_role("button", name="退出").press("Enter")
    await expect(page).to_have_title("登录 · 小微")
    assert wrong.found == []


async def test_the_session_is_the_browsers_alone_and_other_sites_start_nothing(city: City, db):
    await reviewing(city)
    url = f"{city.settings.public_url}{ROOT}"
    async with httpx.AsyncClient(follow_redirects=False) as client:
        away = await client.get(f"{url}/")
        assert away.status_code == 302 and away.headers["location"] == f"{ROOT}/sign-in"
        own = {"Sec-Fetch-Site": "same-origin"}
        given = await secrets(city, "reviewer.zhou")
        foreign = await client.post(
            f"{url}/sign-in", data=given, headers={"Sec-Fetch-Site": "cross-site"}
        )
        assert foreign.status_code == 403
        bare = await client.post(f"{url}/sign-in", data=given)
        assert bare.status_code == 403
        wrong = await client.post(
            f"{url}/sign-in", data=given | {"password": "not the password"}, headers=own
        )
        assert wrong.status_code == 200 and "错误" in wrong.text and not wrong.cookies
        inside = await client.post(f"{url}/sign-in", data=given, headers=own)
        assert inside.status_code == 303, inside.text
        said = inside.headers.get_list("set-cookie")
        assert len(said) == 2
        for cookie in said:
            low = cookie.lower()
            assert "httponly" in low and "samesite=strict" in low and f"path={ROOT}" in low
        page = await client.get(f"{url}/")
        assert page.status_code == 200 and founding.resident_id(1) not in page.text
        policy = page.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src 'none'" in policy
        assert " style=" not in page.text and "<script>" not in page.text
        assert page.headers["cache-control"] == "no-store"
        review_id = await db.fetchval("select id from onboarding.reviews")
        claim = f"{url}/cases/{review_id}/claim"
        for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
            assert (await client.post(claim, headers=headers)).status_code == 403
        assert await db.fetchval("select claimed_by from onboarding.reviews") is None
        assert (await client.post(claim, headers=own)).status_code == 200
        # The API does not read cookies, and the page's tokens renew themselves.
        assert (await client.get(f"{city.settings.public_url}/desk/v1/me")).status_code == 401
        del client.cookies["desk"]
        renewed = await client.get(f"{url}/")
        assert renewed.status_code == 200 and "desk" in renewed.cookies
        copied = dict(client.cookies)
        out = await client.post(f"{url}/sign-out", headers=own)
        assert out.status_code == 303
        client.cookies.update(copied)
        again = await client.get(f"{url}/")
        assert again.status_code == 302
    for name in ("teller.chen",):
        async with httpx.AsyncClient() as client:
            inside = await client.post(
                f"{url}/sign-in", data=await secrets(city, name), headers=own
            )
            assert inside.status_code == 303
            assert (await client.get(f"{url}/")).status_code == 403
