"""How the name of a firm is built and what it may not say (企业名称登记管理规定, Order 734)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pypinyin import lazy_pinyin

from onboarding.names.model import AlikeName, EntityType, Finding, NameParts

# Forms a name may end with, longest first, by type of entity (企业名称登记管理规定 Art. 6, 12;
# 促进个体工商户发展条例; china facts of the entity types).
FORMS: Mapping[EntityType, tuple[str, ...]] = {
    "limited_company": ("有限责任公司", "有限公司"),
    "joint_stock_company": ("股份有限公司", "股份公司"),
    "sole_proprietorship": ("工作室", "事务所", "中心", "厂", "店"),
    "partnership": ("（特殊普通合伙）", "（有限合伙）", "（普通合伙）"),
    "individual_household": (
        "经营部", "工作室", "服务部", "商行", "商店", "超市", "门市部", "餐馆", "饭店", "酒楼",
        "店", "行", "部", "坊", "馆", "铺", "厂",
    ),
    "farmers_cooperative": ("专业合作社",),
}  # fmt: skip
_ALL_FORMS = sorted({form for forms in FORMS.values() for form in forms}, key=len, reverse=True)

# As the first part of a name only by approval of the State Council (Order 734 Art. 10-11).
STATE_DIVISIONS = ("中华人民共和国", "中华", "中国", "中央", "全国", "国家", "国际")
# Never in a name (Order 734 Art. 11): party, state and military bodies, superlatives, states.
FORBIDDEN_WORDS = (
    "共产党", "国务院", "人大常委", "政协", "解放军", "武警", "公安", "法院", "检察院", "人民政府",
    "联合国", "国家级", "最高级", "世界级", "最佳", "第一", "美国", "英国", "法国", "德国", "日本",
    "韩国", "朝鲜", "俄罗斯", "印度", "越南", "台独", "邪教", "赌场", "毒品",
)  # fmt: skip
# Words that say what the firm does, longest first where one begins with another (GB/T 4754 terms).
INDUSTRIES = (
    "信息技术", "网络科技", "电子商务", "文化传媒", "文化传播", "企业管理", "建筑装饰", "建筑工程",
    "物业管理", "人力资源", "供应链管理", "国际贸易", "医疗器械", "教育咨询", "软件开发",
    "科技发展", "科技", "餐饮", "贸易", "商贸", "食品", "电子", "机械", "建材", "服饰", "服装",
    "物流", "运输",
    "装饰", "咨询", "广告", "传媒", "软件", "设计", "印刷", "家具", "五金", "化工", "医药", "农业",
    "种植", "养殖", "美容", "美发", "百货", "便利", "水果", "花卉", "维修", "洗衣", "茶叶", "烘焙",
    "酒店", "旅游", "教育", "投资", "环保", "能源", "材料", "纺织", "包装", "清洁", "家政", "摄影",
)  # fmt: skip
# Trade names everybody knows: whoever takes one misleads (Order 734 Art. 11, 21; a choice, to be
# kept by the authority).
FAMOUS = (
    "阿里巴巴", "腾讯", "华为", "小米", "茅台", "比亚迪", "京东", "百度", "美团", "字节跳动",
    "工商银行", "建设银行", "农业银行", "中石油", "中石化", "联想", "海尔", "格力", "网易",
)  # fmt: skip
# Words of other forms or of firms that have others below them: only with what they presuppose.
_RESERVED = {"集团": "group_needs_subsidiaries", "分公司": "branch_is_no_firm"}
# From so many millionths on two names sound so much alike that the declarant is told.
ALIKE_PPM = 600_000
_HAN = re.compile("^[\u3007\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U000323af]+$")
_LATIN = re.compile("[A-Za-zＡ-Ｚａ-ｚ\u0370-\u04ff]")
_DIGIT = re.compile("[0-9０-９]")
_BRACKETS = str.maketrans("()", "（）")


def _short(division: str) -> str:
    """A division without its kind: 北京市 -> 北京, so that both are understood."""
    for kind in ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "自治州",
                 "地区", "省", "市", "区", "县"):  # fmt: skip
        if division.endswith(kind) and len(division) - len(kind) >= 2:
            return division.removesuffix(kind)
    return division


def _leading_divisions(text: str, divisions: Sequence[str]) -> int:
    """How many characters at the front are administrative divisions of the place."""
    taken = 0
    for division in divisions:
        for form in (division, _short(division)):
            if text.startswith(form, taken):
                taken += len(form)
                break
    return taken


def read_name(name: str, *, divisions: Sequence[str]) -> NameParts:
    """The four parts of a name (行政区划, 字号, 行业, 组织形式); a missing part is empty.

    `divisions` are the names of the place from province to county. The division may also stand in
    brackets after the trade name or the industry (实施办法, SAMR Order 82).
    """
    text = name.translate(_BRACKETS)
    form = next((form for form in _ALL_FORMS if text.endswith(form)), "")
    rest = text.removesuffix(form) if form else text
    state = next((word for word in STATE_DIVISIONS if rest.startswith(word)), "")
    division = state or rest[: _leading_divisions(rest, divisions)]
    rest = rest[len(division) :]
    bracket = re.search("（([^（）]+)）", rest)
    if bracket and _leading_divisions(bracket[1], divisions) == len(bracket[1]) and not division:
        division = bracket[1]
        rest = rest[: bracket.start()] + rest[bracket.end() :]
    found = [
        (rest.find(word, 1), -len(word), word) for word in INDUSTRIES if rest.find(word, 1) > 0
    ]
    industry = rest[min(found)[0] :] if found else ""
    trade_name = rest.removesuffix(industry) if industry else rest
    return NameParts(division=division, trade_name=trade_name, industry=industry, form=form)


def check_name(
    name: str, *, entity_type: EntityType, divisions: Sequence[str], approved: bool = False
) -> list[Finding]:
    """What is wrong with a name by the rules alone; an empty list lets it be declared."""
    parts = read_name(name, divisions=divisions)
    core = parts.trade_name + parts.industry
    findings = []
    if _LATIN.search(name):
        findings.append(Finding(code="foreign_letters", zh="名称不得含有外文字母"))
    if _DIGIT.search(name):
        findings.append(Finding(code="digits", zh="名称不得含有阿拉伯数字"))
    if not findings and core and not _HAN.match(core):
        findings.append(Finding(code="not_chinese", zh="名称应当使用规范汉字"))
    if parts.division in STATE_DIVISIONS and not approved:
        findings.append(Finding(code="state_name_needs_approval", zh="冠以国家字样须经批准"))
    elif not parts.division:
        findings.append(Finding(code="division_missing", zh="名称缺少登记地行政区划"))
    word = next((word for word in FORBIDDEN_WORDS if word in core), None)
    if word is not None:
        findings.append(Finding(code="forbidden_word", zh=f"名称含有禁用词“{word}”"))
    if len(parts.trade_name) < 2:
        findings.append(Finding(code="trade_name_too_short", zh="字号应当由两个以上汉字组成"))
    findings += _check_trade_name(parts, divisions)
    findings += _check_form(parts, entity_type)
    return findings


def _check_trade_name(parts: NameParts, divisions: Sequence[str]) -> list[Finding]:
    """A trade name is not merely a place or a trade, nor somebody else's known to everyone
    (实施办法 Art. 10, 11); words of groups and branches presuppose others."""
    findings, trade_name = [], parts.trade_name
    if trade_name in {form for place in divisions for form in (place, _short(place))}:
        findings.append(Finding(code="trade_name_is_a_place", zh="行政区划名称不得作为字号"))
    if trade_name in INDUSTRIES:
        findings.append(Finding(code="trade_name_is_a_trade", zh="行业用语不得作为字号"))
    core = trade_name + parts.industry
    findings += [
        Finding(code=code, zh=f"名称含有“{word}”，须另行满足条件")
        for word, code in _RESERVED.items()
        if word in core
    ]
    famous = next((name for name in FAMOUS if name in trade_name), None)
    if famous is not None:
        findings.append(Finding(code="misleads", zh=f"与知名企业字号“{famous}”相同或近似"))
    return findings


def _check_form(parts: NameParts, entity_type: EntityType) -> list[Finding]:
    """Whether the ending is one this type of entity may carry."""
    if not parts.form:
        return [Finding(code="form_missing", zh="名称缺少组织形式")]
    if parts.form not in FORMS[entity_type]:
        return [Finding(code="form_not_allowed", zh=f"该类型主体不得使用“{parts.form}”")]
    household = entity_type == "individual_household"
    if household and any(word in parts.trade_name + parts.industry for word in ("公司", "企业")):
        return [Finding(code="form_not_allowed", zh="个体工商户名称不得使用“公司”“企业”字样")]
    return []


def same_name_key(parts: NameParts) -> str:
    """What two names are compared by, wherever the division stands: trade name and industry."""
    return parts.trade_name + parts.industry


def sound(trade_name: str) -> str:
    """A trade name as it sounds, without tones: homophones come out equal."""
    return " ".join(lazy_pinyin(trade_name)).lower()


def check_alike(parts: NameParts, alike: Sequence[AlikeName], *, commitment: bool) -> list[Finding]:
    """Names of the same authority and industry that sound the same or nearly so.

    The same sound needs the declarant's word that he answers for it (实施办法 Art. 16); what is
    merely alike is told.
    """
    findings, mine = [], sound(parts.trade_name)
    for other in alike:
        if other.sound == mine:
            findings.append(
                Finding(
                    code="sounds_the_same", zh=f"与“{other.name}”读音相同", subject=other.name,
                    severity="warning" if commitment else "commitment",
                )
            )  # fmt: skip
        elif other.likeness_ppm >= ALIKE_PPM:
            findings.append(
                Finding(
                    code="alike", zh=f"与“{other.name}”近似，可能引起争议", subject=other.name,
                    severity="warning",
                )
            )  # fmt: skip
    return findings


def refused(findings: Sequence[Finding]) -> bool:
    """Whether anything keeps the name from being declared; warnings do not."""
    return any(finding.severity != "warning" for finding in findings)


def mended(parts: NameParts, *, entity_type: EntityType, divisions: Sequence[str]) -> NameParts:
    """The wish without what is forbidden in it, and with what it lacks: a place and a form."""
    core = parts.trade_name
    for word in (*FORBIDDEN_WORDS, *_RESERVED, *FAMOUS):
        core = core.replace(word, "")
    core = "".join(letter for letter in core if _HAN.match(letter))
    household = entity_type == "individual_household"
    place = "".join(divisions) if household else _short(divisions[0]) if divisions else ""
    keep = parts.division and parts.division not in STATE_DIVISIONS
    form = parts.form if parts.form in FORMS[entity_type] else FORMS[entity_type][-1]
    return NameParts(
        division=parts.division if keep else place,
        trade_name="" if core in INDUSTRIES else core,
        industry=parts.industry or (core if core in INDUSTRIES else ""),
        form=form,
    )


def ideas(parts: NameParts) -> list[str]:
    """Trade names close to the wish; the declarant chooses among those nobody has."""
    wish = parts.trade_name
    close = [wish + tail for tail in ("恒", "源", "和", "达", "新", "信")] + [
        head + wish for head in ("新", "云", "嘉")
    ]
    return [wish, *close] if len(wish) >= 2 else close


def rewrite(parts: NameParts, trade_name: str) -> str:
    """The same name with another trade name, in its usual order."""
    return parts.division + trade_name + parts.industry + parts.form
