"""Other firms and people, the same for the same seed: names, accounts, identifiers."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

from msgspec import Struct

from app.sandbox.identifiers import make_card, make_resident_id, make_uscc, mod_11_10

# Cities: GB/T 2260 county code, name used in firms' names, CNAPS area code.
CITIES: Final = (
    ("310115", "上海", "2900"),
    ("110108", "北京", "1000"),
    ("440305", "深圳", "5840"),
    ("440106", "广州", "5810"),
    ("330106", "杭州", "3310"),
    ("320505", "苏州", "3050"),
    ("510107", "成都", "6510"),
    ("420106", "武汉", "5210"),
)
# Banks: class of the bank number, name, first digits of its cards.
BANKS: Final = (
    ("103", "中国农业银行", "622848"),
    ("104", "中国银行", "621660"),
    ("105", "中国建设银行", "621700"),
    ("301", "交通银行", "622260"),
    ("303", "光大银行", "622663"),
    ("308", "招商银行", "621483"),
    ("309", "兴业银行", "622909"),
    ("310", "浦发银行", "622521"),
)
_FIRST = "华恒瑞盛嘉宏鼎博远信诚德润泽启明安泰和康"
_SECOND = "达通源宇新业丰和创联维科图胜利成昌隆景辰"
_TRADES: Final = (
    "电子科技",
    "贸易",
    "文化传媒",
    "餐饮管理",
    "物流",
    "建筑材料",
    "办公用品",
    "机电设备",
    "信息技术",
    "包装材料",
    "服装",
    "食品",
)
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红建文辉"
# 20 × 20 characters × 12 trades × 8 cities: far more firms than anyone asks for.
FIRMS: Final = len(_FIRST) * len(_SECOND) * len(_TRADES) * len(CITIES)


class OtherFirm(Struct, frozen=True, kw_only=True):
    """A firm that banks elsewhere."""

    name: str
    uscc: str
    legal_representative: str
    area_code: str
    bank_code: str
    bank_name: str
    account_number: str


class OtherPerson(Struct, frozen=True, kw_only=True):
    """A person with a card of another bank."""

    name: str
    id_number: str
    phone: str
    bank_code: str
    bank_name: str
    card_number: str


class World:
    """Firms and people by number, computed when asked: nothing is stored."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        # A walk with a step prime to the number of firms meets every one before any again.
        self._start = random.Random(f"firms {seed}").randrange(FIRMS)  # noqa: S311
        self._step = 7_919

    def firm(self, number: int) -> OtherFirm:
        """The n-th firm; no two within a seed have the same name, USCC or account."""
        dice = random.Random(f"firm {self.seed} {number}")  # noqa: S311
        place = (self._start + number * self._step) % FIRMS
        place, city = divmod(place, len(CITIES))
        place, trade = divmod(place, len(_TRADES))
        first, second = divmod(place, len(_SECOND))
        area_code, city_name, cnaps_area = CITIES[city]
        bank_class, bank_name, _ = BANKS[dice.randrange(len(BANKS))]
        serial = self.seed * 100_003 + number
        return OtherFirm(
            name=f"{city_name}{_FIRST[first]}{_SECOND[second]}{_TRADES[trade]}有限公司",
            uscc=make_uscc(
                category="91", area_code=area_code, first8=f"{30_000_000 + serial % 50_000_000:08d}"
            ),
            legal_representative=_person_name(dice),
            area_code=area_code,
            bank_code=_branch(bank_class, cnaps_area, dice),
            bank_name=f"{bank_name}{city_name}分行",
            account_number=f"{bank_class}{cnaps_area}{serial % 10**12:012d}",
        )

    def person(self, number: int) -> OtherPerson:
        """The n-th person; ids, phones and cards differ within a seed."""
        dice = random.Random(f"person {self.seed} {number}")  # noqa: S311
        area_code, city_name, cnaps_area = CITIES[dice.randrange(len(CITIES))]
        bank_class, bank_name, card_head = BANKS[dice.randrange(len(BANKS))]
        born_on = date(1968, 1, 1) + timedelta(days=(self.seed * 31 + number * 17) % 12_000)
        serial = self.seed * 100_003 + number
        return OtherPerson(
            name=_person_name(dice),
            id_number=make_resident_id(
                area_code=area_code, born_on=born_on, sequence=1 + number % 999
            ),
            phone=f"1{dice.choice('3578')}{dice.randrange(10)}{serial % 10**8:08d}",
            bank_code=_branch(bank_class, cnaps_area, dice),
            bank_name=f"{bank_name}{city_name}分行",
            card_number=make_card(f"{card_head}{serial % 10**12:012d}"),
        )


def _person_name(dice: random.Random) -> str:
    given = "".join(dice.choice(_GIVEN) for _ in range(dice.choice((1, 2, 2))))
    return dice.choice(_SURNAMES) + given


def _branch(bank_class: str, cnaps_area: str, dice: random.Random) -> str:
    first11 = f"{bank_class}{cnaps_area}{dice.randrange(1, 9_000):04d}"
    return first11 + mod_11_10(first11)
