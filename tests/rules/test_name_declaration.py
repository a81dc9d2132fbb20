"""Name declaration: the structure of a name, what is forbidden, and what counts as the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboarding.names import rules
from onboarding.names.model import AlikeName

BEIJING = ("北京市", "朝阳区")
PUDONG = ("上海市", "浦东新区")


def codes(name, entity_type="limited_company", divisions=BEIJING, **more):
    found = rules.check_name(name, entity_type=entity_type, divisions=divisions, **more)
    return [finding.code for finding in found]


def test_the_published_examples():
    assert codes("北京示例科技有限公司") == []
    assert codes("示例（北京）科技有限公司") == []
    assert codes("中国示例科技有限公司") == ["state_name_needs_approval"]
    assert codes("中国示例科技有限公司", approved=True) == []
    assert "foreign_letters" in codes("北京A科技有限公司")
    assert "form_missing" in codes("北京示例")
    assert codes("北京市朝阳区示例餐饮店", "individual_household") == []
    assert codes("北京市朝阳区示例有限公司", "individual_household") == ["form_not_allowed"]


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("北京示例科技有限公司", ("北京", "示例", "科技", "有限公司")),
        ("示例（北京）科技有限公司", ("北京", "示例", "科技", "有限公司")),
        ("示例(北京)科技有限公司", ("北京", "示例", "科技", "有限公司")),
        ("示例科技（北京）有限公司", ("北京", "示例", "科技", "有限公司")),
        ("北京市朝阳区示例餐饮店", ("北京市朝阳区", "示例", "餐饮", "店")),
        ("北京朝阳示例餐饮店", ("北京朝阳", "示例", "餐饮", "店")),
        ("北京示例国际贸易有限责任公司", ("北京", "示例", "国际贸易", "有限责任公司")),
        ("北京示例有限公司", ("北京", "示例", "", "有限公司")),
        ("北京科技有限公司", ("北京", "科技", "", "有限公司")),
    ],
)
def test_reading_the_four_parts(name, parts):
    read = rules.read_name(name, divisions=BEIJING)
    assert (read.division, read.trade_name, read.industry, read.form) == parts


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("北京123科技有限公司", "digits"),
        ("北京示例１科技有限公司", "digits"),
        ("北京Ａ示例科技有限公司", "foreign_letters"),
        ("北京示・例科技有限公司", "not_chinese"),
        ("北京示科技有限公司", "trade_name_too_short"),
        ("示例科技有限公司", "division_missing"),
        ("上海示例科技有限公司", "division_missing"),
        ("北京最高级科技有限公司", "forbidden_word"),
        ("北京解放军科技有限公司", "forbidden_word"),
        ("北京示例科技股份有限公司", "form_not_allowed"),
        ("全国示例科技有限公司", "state_name_needs_approval"),
    ],
)
def test_what_is_refused(name, code):
    assert code in codes(name)


def test_each_entity_type_has_its_own_endings():
    assert codes("北京示例科技股份有限公司", "joint_stock_company") == []
    assert codes("北京示例咨询合伙企业（有限合伙）", "partnership") == []
    assert codes("北京示例种植专业合作社", "farmers_cooperative") == []
    assert codes("北京示例设计工作室", "sole_proprietorship") == []
    assert codes("北京示例公司", "limited_company") == ["form_missing"]
    assert "form_not_allowed" in codes("北京示例企业餐饮店", "individual_household")


def test_the_same_name_is_the_same_wherever_the_division_stands():
    keys = {
        rules.same_name_key(rules.read_name(name, divisions=PUDONG))
        for name in (
            "上海示例科技有限公司",
            "示例（上海）科技有限公司",
            "上海市浦东新区示例科技有限责任公司",
        )
    }
    assert keys == {"示例科技"}


def test_ideas_are_names_that_pass():
    parts = rules.read_name("示例（上海）科技有限公司", divisions=PUDONG)
    names = [rules.rewrite(parts, idea) for idea in rules.ideas(parts)]
    assert "上海示例恒科技有限公司" in names
    for name in names:
        assert codes(name, divisions=PUDONG) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("北京朝阳科技有限公司", "trade_name_is_a_trade"),
        ("北京北京科技有限公司", "trade_name_is_a_place"),
        ("北京科技有限公司", "trade_name_is_a_trade"),
        ("北京示例集团有限公司", "group_needs_subsidiaries"),
        ("北京示例分公司有限公司", "branch_is_no_firm"),
        ("北京腾讯科技有限公司", "misleads"),
        ("北京新华为科技有限公司", "misleads"),
    ],
)
def test_what_may_not_be_a_trade_name(name, code):
    assert code in codes(name)


def alike(name, trade_name, likeness_ppm=0):
    return AlikeName(
        name=name, trade_name=trade_name, sound=rules.sound(trade_name), likeness_ppm=likeness_ppm
    )


def test_the_same_sound_needs_the_declarants_word():
    parts = rules.read_name("上海示例科技有限公司", divisions=PUDONG)
    others = [alike("上海实力科技有限公司", "实力", 1_000_000)]
    found = rules.check_alike(parts, others, commitment=False)
    assert [(one.code, one.severity) for one in found] == [("sounds_the_same", "commitment")]
    assert rules.refused(found)
    assert not rules.refused(rules.check_alike(parts, others, commitment=True))


def test_what_is_merely_alike_is_told_and_keeps_nobody():
    parts = rules.read_name("上海示例科技有限公司", divisions=PUDONG)
    others = [
        alike("上海示例恒科技有限公司", "示例恒", 700_000),
        alike("上海试力科技有限公司", "试乐", 500_000),
    ]
    found = rules.check_alike(parts, others, commitment=False)
    assert [one.code for one in found] == ["alike"]
    assert not rules.refused(found)


@pytest.mark.parametrize(
    ("name", "entity_type"),
    [
        ("北京A示例科技有限公司", "limited_company"),
        ("中国示例科技有限公司", "limited_company"),
        ("北京示例", "limited_company"),
        ("示例科技有限公司", "limited_company"),
        ("北京示例1科技股份有限公司", "limited_company"),
        ("北京示例解放军科技有限公司", "limited_company"),
        ("示例餐饮有限公司", "individual_household"),
        ("北京示例集团科技有限公司", "limited_company"),
    ],
)
def test_every_wish_that_can_be_mended_gets_names_that_pass(name, entity_type):
    parts = rules.read_name(name, divisions=BEIJING)
    mended = rules.mended(parts, entity_type=entity_type, divisions=BEIJING)
    names = [rules.rewrite(mended, idea) for idea in rules.ideas(mended)]
    good = [one for one in names if codes(one, entity_type) == []]
    assert "示例" in good[0], names


@given(st.text(alphabet="北京示例科技有限公司A1解放军（）集团·", min_size=1, max_size=20))
def test_no_wish_breaks_the_reading_and_nothing_of_it_is_lost(name):
    parts = rules.read_name(name, divisions=BEIJING)
    whole = "".join((parts.division, parts.trade_name, parts.industry, parts.form))
    assert sorted(whole.replace("（", "").replace("）", "")) == sorted(
        name.replace("（", "").replace("）", "")
    )
    rules.mended(parts, entity_type="limited_company", divisions=BEIJING)
