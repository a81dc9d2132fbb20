"""Plays the registration authority: names, establishment, the public register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from app.outside.model import Outcome, SystemName
from app.outside.registry import (
    EntityType,
    Licence,
    NameVerdict,
    NewCompany,
    NewOfficeRequest,
    Office,
    OfficeAnswer,
)
from app.reference import tables
from app.sandbox.identifiers import (
    is_resident_id,
    make_uscc,
    mod_11_10,
    new_organisation,
)
from app.sandbox.system import Refused, Request, System, decode, done, refused

ENDINGS: dict[EntityType, tuple[str, ...]] = {
    "limited_company": ("有限责任公司", "有限公司"),
    "joint_stock_company": ("股份有限公司", "股份公司"),
    "sole_proprietorship": ("工作室", "事务所", "中心", "厂", "店"),
    "partnership": ("（特殊普通合伙）", "（有限合伙）", "（普通合伙）"),
    "individual_household": (*"店行部坊馆铺厂楼", "超市", "工作室"),
    "farmers_cooperative": ("专业合作社",),
}
ALL_ENDINGS = sorted({e for some in ENDINGS.values() for e in some}, key=len, reverse=True)
# First two characters of the USCC (GB 32100-2015); companies, partnerships and sole firms are 91.
CATEGORIES: dict[EntityType, str] = {"individual_household": "92", "farmers_cooperative": "93"}
# 企业名称登记管理规定 Art. 11: state-level and superlative words need approval
STATE_WORDS = ("中国", "中华", "全国", "国家")
FORBIDDEN = ("中国", "中华", "中央", "全国", "国家", "最高级", "政府", "解放军")
_IN_BRACKETS = re.compile("[（(].*?[）)]")
_LATIN_OR_DIGIT = re.compile(r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]")
_VARIANTS = ("新", "源", "恒", "嘉", "瑞", "和", "诚", "启")


class SetStatus(Struct, kw_only=True, forbid_unknown_fields=True):
    """A licence's new status, as the authority decides it (存续, 经营异常, 注销)."""

    uscc: str
    status: str


class RefuseNext(Struct, kw_only=True, forbid_unknown_fields=True):
    """An office refuses its next requests of one firm."""

    office: Office
    name: str
    code: str
    reason: str
    count: int = 1


def places(area_code: str) -> list[str]:
    """Province, city and county of an area, each with and without its kind (北京市, 北京)."""
    names = [tables.areas().get(code) for code in (area_code[:2] + "0000", area_code[:4] + "00")]
    found = [name for name in (*names, tables.areas().get(area_code)) if name]
    return [form for name in found for form in (name, name[:-1]) if len(form) >= 2]


def core_of(name: str, area_code: str) -> str:
    """What must differ between two names of one authority: without place and form."""
    core = _IN_BRACKETS.sub("", name)
    for ending in ALL_ENDINGS:
        if core.endswith(ending):
            core = core.removesuffix(ending)
            break
    for place in places(area_code):
        core = core.removeprefix(place)
    return core


class Registry(System):
    """Names taken, licences given."""

    name: ClassVar[SystemName] = "registry"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "registrations": ("registration", NewCompany, True),
        "office-requests": ("office_request", NewOfficeRequest, True),
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.licences: dict[str, Licence] = {}
        self._names: dict[tuple[str, str], str] = {}
        self._refusing: dict[tuple[str, str], RefuseNext] = {}

    def state(self) -> dict[str, Any]:
        """Every licence."""
        return {"licences": list(self.licences.values())}

    def fault_of_name(
        self, name: str, area_code: str, entity_type: EntityType, approval: str = ""
    ) -> tuple[str, str] | None:
        """Code and reason why a name cannot be registered."""
        core = core_of(name, area_code)
        if not name.endswith(ENDINGS[entity_type]):
            return "form", "名称缺少组织形式或组织形式不符"
        if _LATIN_OR_DIGIT.search(name):
            return "letters", "名称不得含有外文字母或阿拉伯数字"
        word = next((w for w in FORBIDDEN if w in name), None)
        if word and not (approval and word in STATE_WORDS):
            return "forbidden_word", f"名称含有须批准的字样：{word}"
        if len(core) < 2:
            return "too_short", "字号不得少于两个汉字"
        if other := self._names.get((area_code[:4], core)):
            return "duplicate", f"与已登记名称相同：{other}"
        return None

    def check(self, name: str, area_code: str, entity_type: EntityType) -> NameVerdict:
        """The verdict about a name, with free names near a duplicate."""
        fault = self.fault_of_name(name, area_code, entity_type)
        if fault is None:
            return NameVerdict(name=name, available=True)
        core = core_of(name, area_code)
        near = [name.replace(core[:2], core[:2] + more, 1) for more in _VARIANTS]
        free = [
            variant
            for variant in near
            if fault[0] == "duplicate"
            and self.fault_of_name(variant, area_code, entity_type) is None
        ]
        return NameVerdict(
            name=name, available=False, code=fault[0], reason=fault[1], suggestions=free[:3]
        )

    def decide(self, kind: str, new: Any) -> Outcome[Any]:
        """A firm is registered, or an office answers."""
        return self._office(new) if kind == "office_request" else self._establish(new)

    def _office(self, new: NewOfficeRequest) -> Outcome[OfficeAnswer]:
        """An office gives its number to a firm that exists, unless it was told to refuse."""
        if new.uscc not in self.licences:
            return refused(new.reference, "no_such_firm", "未查询到该企业")
        if order := self._refusing.get((new.name, new.office)):
            return refused(new.reference, order.code, order.reason)
        taken = sum(kind == "office_request" for kind, _ in self.requests) + 1
        initials = "".join(word[0] for word in new.office.split("_")).upper()
        number = f"{initials}-{new.uscc[2:8]}-{taken:08d}"
        return done(new.reference, OfficeAnswer(number=number))

    def _establish(self, new: NewCompany) -> Outcome[Licence]:
        """Register unless the name, the person or the capital is at fault."""
        fault = self.fault_of_name(new.name, new.area_code, new.entity_type, new.name_approval)
        if fault:
            return refused(new.reference, *fault)
        if not is_resident_id(new.legal_id_number):
            return refused(new.reference, "legal_id_number", "法定代表人身份证件号码有误")
        if new.entity_type.endswith("_company") and new.capital_fen <= 0:
            return refused(new.reference, "capital", "注册资本须大于零")
        subscribed = sum(s.subscribed_fen for s in new.shareholders)
        if new.shareholders and subscribed != new.capital_fen:
            return refused(new.reference, "subscription", "认缴出资额之和与注册资本不符")
        number = self.seed * 1_000_003 + len(self.licences) + 1
        first14 = f"{new.area_code}{number % 10**8:08d}"
        licence = Licence(
            uscc=make_uscc(
                category=CATEGORIES.get(new.entity_type, "91"),
                area_code=new.area_code,
                first8=new_organisation(number),
            ),
            licence_number=first14 + mod_11_10(first14),
            name=new.name,
            entity_type=new.entity_type,
            area_code=new.area_code,
            address=new.address,
            scope=new.scope,
            capital_fen=new.capital_fen,
            legal_representative=new.legal_representative,
            registered_on=new.applied_on,
        )
        return done(new.reference, licence)

    def on_taken(self, request: Request) -> None:
        """The name is taken and the number used from acceptance on; a refusal is used up."""
        if request.kind == "office_request":
            key = (request.body["name"], request.body["office"])
            if order := self._refusing.pop(key, None):
                order.count -= 1
                if order.count:
                    self._refusing[key] = order
        elif request.decided["state"] == "done":
            licence = msgspec.convert(request.decided["result"], Licence)
            self.licences[licence.uscc] = licence
            core = core_of(licence.name, licence.area_code)
            self._names[licence.area_code[:4], core] = licence.name

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """`names?name=` and `licences/{uscc}`."""
        if path == ["names"] and "name" in query:
            return self._read_name(query)
        if len(path) == 2 and path[0] == "licences":
            return self.licences.get(path[1])
        return None

    def _read_name(self, query: Mapping[str, str]) -> NameVerdict:
        try:
            asked = msgspec.convert(query.get("entity_type", "limited_company"), EntityType)
        except msgspec.ValidationError as wrong:
            raise Refused(422, "entity_type", str(wrong)) from wrong
        return self.check(query["name"], query.get("area_code", ""), asked)

    def simulate(self, what: str, body: bytes) -> Any:
        """`status`: the authority changes a firm's status; `refuse`: an office will say no."""
        if what == "refuse":
            order = decode(body, RefuseNext)
            self.record_simulated(what, order)
            return order
        if what != "status":
            raise Refused(404, "no_such_simulation")
        change = decode(body, SetStatus)
        if change.uscc not in self.licences:
            raise Refused(404, "no_such_licence")
        self.record_simulated(what, change)
        return self.licences[change.uscc]

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Write the new status into the register, or keep the refusal for its day."""
        if what == "refuse":
            self._refusing[body["name"], body["office"]] = msgspec.convert(body, RefuseNext)
            return
        licence = self.licences[body["uscc"]]
        self.licences[licence.uscc] = msgspec.structs.replace(licence, status=body["status"])
