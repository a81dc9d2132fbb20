"""Plays the registration authority: names, establishment, the public register."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import msgspec
from msgspec import Struct

from app.outside.model import Outcome, SystemName
from app.outside.registry import Licence, NameVerdict, NewCompany
from app.sandbox.identifiers import (
    is_resident_id,
    make_uscc,
    mod_11_10,
    new_organisation,
)
from app.sandbox.system import Refused, Request, System, decode, done, refused

COMPANY_ENDINGS = ("有限责任公司", "股份有限公司", "有限公司")
HOUSEHOLD_ENDINGS = ("店", "行", "部", "坊", "铺", "馆", "社", "厂", "中心", "工作室")
# 企业名称登记管理规定 Art. 11: state-level and superlative words need approval
FORBIDDEN = ("中国", "中华", "中央", "全国", "国家", "国际", "最高级", "政府", "军队")
_IN_BRACKETS = re.compile("[（(].*?[）)]")
_LATIN_OR_DIGIT = re.compile(r"[A-Za-z0-9Ａ-Ｚａ-ｚ０-９]")
_AREA_HEAD = re.compile("^.{2,3}?(?:省|自治区|市|区|县)+")
_VARIANTS = ("新", "源", "恒", "嘉", "瑞", "和", "诚", "启")


class SetStatus(Struct, kw_only=True, forbid_unknown_fields=True):
    """A licence's new status, as the authority decides it (存续, 经营异常, 注销)."""

    uscc: str
    status: str


def same_name_key(name: str) -> str:
    """What must differ between two names: without place and form of organisation."""
    core = _IN_BRACKETS.sub("", name)
    for ending in COMPANY_ENDINGS:
        core = core.removesuffix(ending)
    return _AREA_HEAD.sub("", core) or core


class Registry(System):
    """Names taken, licences given."""

    name: ClassVar[SystemName] = "registry"
    posts: ClassVar[Mapping[str, tuple[str, type[Struct], bool]]] = {
        "registrations": ("registration", NewCompany, True)
    }

    def __init__(self, **room: Any) -> None:
        super().__init__(**room)
        self.licences: dict[str, Licence] = {}
        self._names: dict[str, str] = {}

    def state(self) -> dict[str, Any]:
        """Every licence."""
        return {"licences": list(self.licences.values())}

    def fault_of_name(self, name: str, kind: str) -> tuple[str, str] | None:
        """Code and reason why a name cannot be registered."""
        endings = COMPANY_ENDINGS if kind == "company" else HOUSEHOLD_ENDINGS
        if not name.endswith(endings) or (kind == "household" and "公司" in name):
            return "form", "名称缺少组织形式或组织形式不符"
        if _LATIN_OR_DIGIT.search(name):
            return "letters", "名称不得含有外文字母或阿拉伯数字"
        if word := next((w for w in FORBIDDEN if w in name), None):
            return "forbidden_word", f"名称含有须批准的字样：{word}"
        if len(same_name_key(name)) < 2:
            return "too_short", "字号不得少于两个汉字"
        if same_name_key(name) in self._names:
            return "duplicate", f"与已登记名称相同：{self._names[same_name_key(name)]}"
        return None

    def check(self, name: str, kind: str) -> NameVerdict:
        """The verdict about a name, with free names near a duplicate."""
        fault = self.fault_of_name(name, kind)
        if fault is None:
            return NameVerdict(name=name, available=True)
        near = [self._variant(name, more) for more in _VARIANTS] if fault[0] == "duplicate" else []
        free = [v for v in near if self.fault_of_name(v, kind) is None]
        return NameVerdict(
            name=name, available=False, code=fault[0], reason=fault[1], suggestions=free[:3]
        )

    def _variant(self, name: str, more: str) -> str:
        key = same_name_key(name)
        return name.replace(key, key[:2] + more + key[2:], 1)

    def decide(self, kind: str, new: NewCompany) -> Outcome[Licence]:
        """Register unless the name, the person or the capital is at fault."""
        if fault := self.fault_of_name(new.name, new.entity_kind):
            return refused(new.reference, *fault)
        if not is_resident_id(new.legal_id_number):
            return refused(new.reference, "legal_id_number", "法定代表人身份证件号码有误")
        if new.entity_kind == "company" and new.capital_fen <= 0:
            return refused(new.reference, "capital", "注册资本须大于零")
        subscribed = sum(s.subscribed_fen for s in new.shareholders)
        if new.shareholders and subscribed != new.capital_fen:
            return refused(new.reference, "subscription", "认缴出资额之和与注册资本不符")
        number = self.seed * 1_000_003 + len(self.licences) + 1
        first14 = f"{new.area_code}{number % 10**8:08d}"
        licence = Licence(
            uscc=make_uscc(
                category="91" if new.entity_kind == "company" else "92",
                area_code=new.area_code,
                first8=new_organisation(number),
            ),
            licence_number=first14 + mod_11_10(first14),
            name=new.name,
            entity_kind=new.entity_kind,
            area_code=new.area_code,
            address=new.address,
            scope=new.scope,
            capital_fen=new.capital_fen,
            legal_representative=new.legal_representative,
            registered_on=new.applied_on,
        )
        return done(new.reference, licence)

    def on_taken(self, request: Request) -> None:
        """The name is taken and the number used from acceptance on."""
        if request.decided["state"] == "done":
            licence = msgspec.convert(request.decided["result"], Licence)
            self.licences[licence.uscc] = licence
            self._names[same_name_key(licence.name)] = licence.name

    def read(self, path: Sequence[str], query: Mapping[str, str]) -> Any:
        """`names?name=` and `licences/{uscc}`."""
        if path == ["names"] and "name" in query:
            return self.check(query["name"], query.get("entity_kind", "company"))
        if len(path) == 2 and path[0] == "licences":
            return self.licences.get(path[1])
        return None

    def simulate(self, what: str, body: bytes) -> Any:
        """`status`: the authority changes a firm's status."""
        if what != "status":
            raise Refused(404, "no_such_simulation")
        order = decode(body, SetStatus)
        if order.uscc not in self.licences:
            raise Refused(404, "no_such_licence")
        self.record_simulated(what, order)
        return self.licences[order.uscc]

    def on_simulated(self, what: str, body: dict[str, Any]) -> None:
        """Write the new status into the register."""
        licence = self.licences[body["uscc"]]
        self.licences[licence.uscc] = msgspec.structs.replace(licence, status=body["status"])
