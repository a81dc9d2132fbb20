"""What the reviewers' page shows and takes: forms, lines, and codes in words."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from app.identity.staff.model import StaffMe
from onboarding.applications.model import DocumentKind
from onboarding.colleagues.model import Absence, Colleague, Interest, Relation, Relative
from onboarding.inquiries.model import Inquiry
from onboarding.reviews.model import (
    DecisionCode,
    Order,
    PrivateField,
    QueueLine,
    RevealReason,
    Review,
    View,
)

Tone = Literal["late", "soon", "calm", "waiting"]
Words = Annotated[str, Meta(max_length=200)]


class Line(Struct, frozen=True, kw_only=True):
    """A line of the queue with its clock in words and who has it."""

    row: QueueLine
    left: str
    tone: Tone
    holder: str | None
    mine: bool


class Filters(Struct, frozen=True, kw_only=True):
    """What of the queue is shown."""

    view: View = "all"
    order: Order = "risk"
    risk_from: int = 0
    account_class: str = ""
    uscc: str = ""
    after: str = ""
    case: UUID | None = None


class Shown(Struct, frozen=True, kw_only=True):
    """One case with everything the page needs."""

    review: Review
    asked: list[Inquiry]
    line: Line
    holds: bool
    approvers: list[str]
    documents_by_kind: dict[str, str]


class Own(Struct, frozen=True, kw_only=True):
    """A reviewer's own matters."""

    me: StaffMe
    people: list[Colleague]
    absences: list[Absence]
    interests: list[Interest]
    relatives: list[Relative]


class DecisionForm(Struct, frozen=True, kw_only=True):
    """A decision as the page sends it."""

    version: int
    codes: list[DecisionCode] = []
    reason: Words = ""


class RevealForm(Struct, frozen=True, kw_only=True):
    """Which field, and why."""

    field: PrivateField
    why: RevealReason


class InquiryForm(Struct, frozen=True, kw_only=True):
    """Which document, and why."""

    kind: DocumentKind
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class AssignForm(Struct, frozen=True, kw_only=True):
    """Which cases, to whom."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    staff_id: UUID


class RelativeForm(Struct, frozen=True, kw_only=True):
    """A relative's number."""

    id_number: Annotated[str, Meta(pattern=r"^[0-9]{17}[0-9X]$")]
    relation: Relation


class InterestForm(Struct, frozen=True, kw_only=True):
    """A firm that is too near."""

    uscc: Annotated[str, Meta(pattern=r"^[0-9A-Z]{18}$")]
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


class AbsenceForm(Struct, frozen=True, kw_only=True):
    """Days away, the last one with it; local to Shanghai."""

    from_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    until_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    stand_in: UUID | None = None


class SignInForm(Struct, frozen=True, kw_only=True):
    """The sign-in page's form."""

    username: Annotated[str, Meta(max_length=40)]
    password: Annotated[str, Meta(max_length=128)]
    otp: Annotated[str, Meta(max_length=6)]


VIEWS = {"all": "全部", "free": "可领取", "mine": "我的", "late": "已超时", "waiting": "待补件"}
ORDERS = {"risk": "风险优先", "due": "时限优先"}
STATES = {
    "open": "审核中", "approved": "已通过", "refused": "已拒绝", "returned": "已退回",
    "withdrawn": "已撤回", "draft": "填写中", "submitted": "核验中", "reviewing": "审核中",
    "active": "已启用", "referred": "转网点", "cancelled": "已撤销",
}  # fmt: skip
CLASSES = {"basic": "基本户", "general": "一般户", "special": "专用户", "temporary": "临时户"}
CODES = {
    "identity_doubtful": "身份存疑", "purpose_unclear": "开户用途不清",
    "address_unverified": "经营地址未核实", "document_missing": "材料缺失",
    "document_unreadable": "材料无法辨认", "facts_conflict": "信息不一致",
    "outside_policy": "不符合准入政策",
}  # fmt: skip
DOCUMENTS = {
    "licence": "营业执照", "legal_rep_id_front": "法人身份证（人像面）",
    "legal_rep_id_back": "法人身份证（国徽面）", "legal_rep_face": "法人现场照片",
    "address_proof": "经营地址证明", "authorisation": "授权委托书",
    "special_purpose_proof": "专项用途证明", "temporary_proof": "临时经营证明",
}  # fmt: skip
CHECKS = {
    "registry": "工商登记", "licence": "执照效期", "resident_id": "身份证核验", "face": "人脸比对",
    "watch_list": "名单筛查", "owners": "受益所有人", "basic_account": "基本户唯一性",
    "reuse": "信息复用",
}  # fmt: skip
RESULTS = {"passed": "通过", "noted": "关注", "failed": "不通过"}
FIELDS = {
    "name": "企业名称", "legal_representative": "法定代表人", "address": "住所",
    "capital": "注册资本", "capital_fen": "注册资本", "uscc": "统一社会信用代码",
    "established": "成立日期", "established_on": "成立日期", "entity_type": "企业类型",
    "type": "企业类型", "status": "登记状态", "id_number": "身份证号", "phone": "手机号",
    "owners": "受益所有人", "basic_account_number": "基本户账号", "basic_number": "基本户账号",
    "valid_until": "有效期至", "licence_until": "执照有效期", "id_valid_until": "证件有效期",
}  # fmt: skip
ORIGINS = {
    "public_register": "企业信用公示", "account_system": "账户管理系统",
    "population_register": "人口信息", "owner_register": "受益所有人备案",
    "watch_list": "监管名单", "own_rules": "本行规则", "own_records": "本行记录",
}  # fmt: skip
REASONS = {
    "address_differs": "住所与登记不一致", "capital_differs": "注册资本不一致",
    "established_differs": "成立日期不一致", "type_differs": "企业类型不一致",
    "licence_expires_soon": "执照即将到期", "new_firm": "新设企业（半年内）",
    "id_validity_unknown": "证件有效期未知", "face_not_taken": "未做人脸比对",
    "possible_watch_list_match": "疑似命中名单", "on_risk_list": "命中风险名单",
    "owners_differ": "受益所有人与备案不一致", "amount_out_of_scale": "预计流水与规模不符",
    "address_shared": "地址与他户相同", "address_shared_by_many": "地址被多户使用",
    "phone_shared": "手机号与他户相同", "phone_shared_by_many": "手机号被多户使用",
    "legal_rep_shared": "法人名下有他户", "legal_rep_shared_by_many": "法人名下多户",
    "owner_shared_by_many": "股东关联多户", "device_shared_by_many": "同一设备多次申请",
}  # fmt: skip
ACTORS = {"applicant": "申请人", "system": "系统", "reviewer": "审核员", "branch": "网点"}
RELATIONS = {
    "self": "本人", "spouse": "配偶", "parent": "父母", "child": "子女", "sibling": "兄弟姐妹",
    "in_law": "姻亲", "other": "其他",
}  # fmt: skip
REVEAL_REASONS = {
    "compare_document": "核对证件", "call_applicant": "联系申请人", "check_outside": "外部核查",
}  # fmt: skip
PRIVATE = {"id_number": "身份证号", "phone": "手机号"}
TYPES = {
    "limited_company": "有限责任公司", "individual_household": "个体工商户",
    "sole_proprietorship": "个人独资企业", "partnership": "合伙企业",
    "joint_stock_company": "股份有限公司", "farmers_cooperative": "农民专业合作社",
}  # fmt: skip
INQUIRIES = {"open": "等待补充", "answered": "已补充", "lapsed": "逾期未补", "withdrawn": "已撤回"}
