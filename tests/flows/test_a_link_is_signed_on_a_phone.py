"""Whoever is asked to sign opens the link on a phone, reads, proves who they are, and keeps a
receipt; with scripts and without, and every trouble is told in words."""

from __future__ import annotations

import html
import io
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.async_api import Browser, Page, expect

from app.files.model import LARGEST
from tests.browser import open_browser
from tests.city import City, Person
from tests.flows import founding
from tests.flows.test_everyone_asked_signs_what_they_read import asked, drafted, states
from tests.flows.test_reviewers_work_by_keyboard import Wrong, sound

PICTURES = os.environ.get("PICTURES")
BROWSER = {"Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
OWN = BROWSER | {"Sec-Fetch-Site": "same-origin"}
pytestmark = pytest.mark.timeout(240)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


def photograph(width: int = 3000, height: int = 4000) -> bytes:
    """A picture as a phone's camera makes it: heavy, and full of grain."""
    grain = Image.frombytes("L", (500, 500), os.urandom(250_000)).resize((width, height))
    made = io.BytesIO()
    grain.convert("RGB").save(made, "JPEG", quality=92)
    return made.getvalue()


async def code_of(city: City, phone: str) -> str:
    await city.idle()
    text = next(text for text in await founding.texts(city, phone) if "用于签署" in text)
    return text.partition("验证码")[2][:6]


class Phone:
    """A browser without scripts: it follows the forms of the page it has."""

    def __init__(self, city: City, link: str) -> None:
        self.city, self.path, self.shown = city, f"/signing/{link}", ""

    async def open(self, path: str | None = None) -> httpx.Response:
        answer = await self.city.api.get(path or self.path, headers=BROWSER)
        self.shown = html.unescape(answer.text)
        return answer

    async def press(self, do: str, headers: dict[str, str] | None = None, **files: Any) -> Any:
        """Send the form of this button as multipart, and follow where the answer leads."""
        fields = {"do": do} | {
            name: files.pop(name) for name in ("code", "agreed") if name in files
        }
        if do == "sign":
            found = re.search(r'name="sha256" value="([0-9a-f]{64})"', self.shown)
            assert found, self.shown
            fields["sha256"] = found[1]
        parts = {name: (None, value) for name, value in fields.items()} | files
        answer = await self.city.api.post(self.path, files=parts, headers=headers or OWN)
        if answer.status_code == 303:
            return await self.open(answer.headers["location"])
        self.shown = html.unescape(answer.text)
        return answer

    async def sign(self, code: str, picture: bytes, **changes: Any) -> Any:
        fields = {"agreed": "yes", "code": code} | changes
        return await self.press("sign", **fields, picture=("me.jpg", picture, "image/jpeg"))


async def invited(city: City) -> tuple[Person, str, Phone]:
    owner, path, _ = await drafted(city)
    await asked(city, owner, path)
    return owner, path, Phone(city, await founding.link_of(city, founding.PHONE))


async def test_a_link_is_signed_without_scripts_and_keeps_a_receipt(city: City):
    owner, path, phone = await invited(city)
    program = await city.api.get(phone.path, headers={"Accept": "application/json"})
    assert program.json()["version"] == 1 and program.json()["state"] == "asked"
    assert (await city.api.get(phone.path)).json() == program.json()
    page = await phone.open()
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy and "default-src 'none'" in policy
    assert page.headers["cache-control"] == "no-store" and page.headers["vary"] == "Accept"
    assert " style=" not in page.text and "<script>" not in page.text
    assert program.json()["text"] in phone.shown and program.json()["sha256"] in phone.shown
    for words in ("上海示例科技有限公司", "第 1 版", "138****5678", "王**", "法定代表人、股东"):
        assert words in phone.shown, words
    assert founding.PHONE not in phone.shown and founding.resident_id(1) not in phone.shown
    await phone.press("code")
    assert "验证码已发送" in phone.shown
    heavy = photograph()
    assert len(heavy) > 1_000_000
    code = await code_of(city, founding.PHONE)
    await phone.sign(f"{code[:3]} {code[3:]}", heavy)
    assert "正在核对是否为您本人" in phone.shown and "<form" not in phone.shown
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in phone.shown
    await city.idle()
    assert await states(owner, path) == ["signed", "asked"]
    await phone.open()
    assert "您已签署" in phone.shown and "签署时间" in phone.shown and "<form" not in phone.shown
    assert program.json()["text"] in phone.shown and program.json()["sha256"] in phone.shown
    # Once more from an old page: the receipt again, nothing is signed twice.
    await phone.press("code")
    assert "您已签署" in phone.shown


async def test_what_goes_wrong_is_told_in_words_and_can_be_mended(city: City):
    owner, path, phone = await invited(city)
    await phone.open()
    page = phone.shown
    await phone.press("code")
    code = await code_of(city, founding.PHONE)
    wrong, face = "000000" if code != "000000" else "111111", founding.picture()
    for status, words, fields in (
        (422, "验证码错误", {"code": wrong}),
        (422, "验证码错误", {"code": "12"}),
        (422, "请确认已阅读并同意", {"agreed": ""}),
        (422, "请先拍摄一张本人照片", {"picture": b""}),
        (422, "照片格式不支持", {"picture": b"GIF89a" + b"0" * 100}),
        (422, "照片", {"picture": face[: len(face) // 2]}),
        (413, "照片太大", {"picture": b"\xff\xd8\xff" + b"0" * (LARGEST + 10_000)}),
    ):
        phone.shown = page
        answer = await phone.sign(**({"code": code, "picture": face} | fields))
        assert answer.status_code == status, (words, answer.text[:300])
        assert f'<p class="bad">{words}' in phone.shown, words
        assert 'name="picture"' in phone.shown
    # With scripts the answer is a line for the page that is there.
    phone.shown = page
    short = await phone.press(
        "sign", OWN | {"HX-Request": "true"}, code=wrong, agreed="yes",
        picture=("me.png", face, "image/png"),
    )  # fmt: skip
    assert short.status_code == 422 and short.text.lstrip().startswith('<div id="told"')
    person = {"id_number": founding.resident_id(1), "name": "王小微", "looks_different": True}
    await city.world.post("/face/simulate/person", json=person)
    phone.shown = page
    await phone.sign(code, face)
    await city.idle()
    await phone.open()
    assert "上次核验未通过" in phone.shown and "摘下口罩" in phone.shown
    assert await states(owner, path) == ["asked", "asked"]
    for _ in range(2):
        await phone.press("code")
        await phone.sign(await code_of(city, founding.PHONE), face)
        await city.idle()
        await phone.open()
    assert "身份核验未通过" in phone.shown and "重新发送签署链接" in phone.shown
    assert "<form" not in phone.shown
    for _ in range(3):
        answer = await phone.press("code")
    assert "身份核验未通过" in phone.shown


async def test_too_many_tries_wait_and_the_page_says_how_long(city: City):
    _, _, phone = await invited(city)
    await phone.open()
    page = phone.shown
    await phone.press("code")
    code = await code_of(city, founding.PHONE)
    wrong = "000000" if code != "000000" else "111111"
    for _ in range(6):
        phone.shown = page
        answer = await phone.sign(wrong, founding.picture())
    assert answer.status_code == 429 and re.search(r"请约 \d+ 分钟后再试", phone.shown)
    for _ in range(5):
        answer = await phone.press("code")
    assert answer.status_code == 429 and "获取验证码太频繁" in phone.shown


async def test_a_link_that_is_over_says_so_and_what_to_do(city: City, db):
    owner, path, _ = await drafted(city)
    found = await asked(city, owner, path)
    phone = Phone(city, await founding.link_of(city, founding.PHONE))
    await phone.open()
    await db.execute("update onboarding.signatures set expires_at = now() - interval '1 second'")
    late = await phone.press("code")
    assert late.status_code == 200 and "链接已过期" in phone.shown
    assert "请对方重新发送签署链接" in phone.shown and "<form" not in phone.shown
    remind = f"{path}/signatures/{found['signatures'][0]['id']}/remind"
    assert (await owner.post(remind)).status_code == 200
    await city.idle()
    for gone in (phone.path, f"/signing/{'A' * 43}", "/signing/cut-off", f"{phone.path}%20"):
        answer = await phone.open(gone)
        assert answer.status_code == 404 and "请打开最新一条短信中的链接" in phone.shown, gone
        assert answer.headers["content-type"].startswith("text/html")
    pressed = await city.api.post(phone.path, files={"do": (None, "code")}, headers=OWN)
    assert pressed.status_code == 303
    json = await city.api.get(phone.path)
    assert json.status_code == 404 and json.json()["type"].endswith("signing-link-unknown")


async def test_other_sites_and_broken_forms_start_nothing(city: City, db):
    _, _, phone = await invited(city)
    await phone.open()
    host = str(city.api.base_url.netloc, "ascii")
    for headers in (
        {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
    ):  # fmt: skip
        answer = await phone.press("code", BROWSER | headers)
        assert answer.status_code == 403 and "其他网站" in phone.shown
    for content, kind in (
        (b"", "multipart/form-data"),
        (b"do=code", "application/x-www-form-urlencoded"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
        (b'--x\r\nContent-Disposition: form-data; name="do"\r\n\r\n\xff\r\n--x--\r\n',
         "multipart/form-data; boundary=x"),
    ):  # fmt: skip
        answer = await city.api.post(
            phone.path, content=content, headers=OWN | {"Content-Type": kind}
        )
        assert answer.status_code == 400 and "提交不完整" in answer.text, answer.text
    assert await db.fetchval("select sum(code_no) from onboarding.signatures") == 0
    # A phone that is too old to say where the form came from holds the link, and no cookie.
    for headers in ({}, {"Origin": f"http://{host}"}):
        await phone.press("code", BROWSER | headers)
        assert "验证码已发送" in phone.shown


async def look(page: Page, name: str, *, whole: bool = True) -> None:
    """For eyes: PICTURES=folder keeps what the page looked like."""
    if PICTURES:
        await page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=whole)


async def fits(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= 390
    await sound(page)


async def test_a_phone_of_390_pixels_signs_with_one_picture_taken(
    city: City, browser: Browser, tmp_path: Path
):
    owner, path, phone = await invited(city)
    camera = tmp_path / "me.jpg"
    camera.write_bytes(photograph())
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", has_touch=True, is_mobile=True
    )
    page = await context.new_page()
    page.set_default_timeout(15_000)
    wrong = Wrong(page)
    await page.goto(f"{city.settings.public_url}{phone.path}")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("请您签署")
    await look(page, "signing-open")
    await fits(page)
    await page.get_by_role("button", name="获取验证码").tap()
    await expect(page.locator("#told")).to_contain_text("验证码已发送")
    code = await code_of(city, founding.PHONE)
    await page.set_input_files("#picture", camera)
    await page.fill("#code", "000000" if code != "000000" else "111111")
    await page.check("[name=agreed]")
    await look(page, "signing-filled", whole=False)
    await page.get_by_role("button", name="同意并签署").tap()
    await expect(page.locator("#told")).to_contain_text("验证码错误")
    await look(page, "signing-wrong-code", whole=False)
    await fits(page)
    # The picture is still there: only the code is typed again.
    await page.fill("#code", code)
    await page.get_by_role("button", name="同意并签署").tap()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("正在核对")
    await look(page, "signing-proving")
    await fits(page)
    await city.idle()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("您已签署")
    await look(page, "signing-receipt")
    await fits(page)
    assert await states(owner, path) == ["signed", "asked"]
    await page.goto(f"{city.settings.public_url}/signing/cut-off")
    await expect(page.get_by_role("heading", level=1)).to_contain_text("不存在")
    await look(page, "signing-gone")
    await fits(page)
    assert wrong.found == []
    await without_scripts(city, browser, camera)


async def without_scripts(city: City, browser: Browser, camera: Path) -> None:
    """The second of the two, in a browser that runs none."""
    link = await founding.link_of(city, founding.SECOND_PHONE)
    context = await browser.new_context(
        viewport={"width": 390, "height": 844}, java_script_enabled=False
    )
    page = await context.new_page()
    await page.goto(f"{city.settings.public_url}/signing/{link}")
    await page.get_by_role("button", name="获取验证码").click()
    await expect(page.locator("#told")).to_contain_text("验证码已发送")
    await expect(page.locator("#told")).to_be_in_viewport()
    code = await code_of(city, founding.SECOND_PHONE)
    await page.fill("#code", code[::-1] if code != code[::-1] else "000000")
    await page.set_input_files("#picture", camera)
    await page.check("[name=agreed]")
    await page.get_by_role("button", name="同意并签署").click()
    await expect(page.locator("#told")).to_contain_text("验证码错误")
    await expect(page.locator("#told")).to_be_in_viewport()
    await page.fill("#code", code)
    await page.set_input_files("#picture", camera)
    await page.check("[name=agreed]")
    await page.get_by_role("button", name="同意并签署").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("正在核对")
    await city.idle()
    # A phone without scripts looks again by itself; a browser whose scripts are merely held back,
    # as here, does not know that it has none.
    await page.get_by_role("link", name="立即查看结果").click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text("您已签署")
