"""The nouns of credit decisions: points, reasons, verdicts."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID

import msgspec

from app.errors import NotFound

Effect = Literal["declines", "lowers", "raises", "caps"]

# The feature names that the bureau's report adds, worst loan class as 0 (normal) to 4 (loss).
CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")


class NoScorecard(NotFound):
    """No scorecard is in force."""

    zh = "没有生效的评分卡"


class Bin(msgspec.Struct, frozen=True):
    """Points for values below a bound; the last bin has none."""

    below: int | None
    points: int


class Characteristic(msgspec.Struct, frozen=True):
    """Points for one feature; `code` is the reason named when they are few or many."""

    feature: str
    code: str
    missing: int
    bins: list[Bin]


class Knockout(msgspec.Struct, frozen=True):
    """A feature above this value is refused whatever the points."""

    feature: str
    above: int
    code: str


class Band(msgspec.Struct, frozen=True):
    """From this score on, this share (ppm) of the reckoned limit is granted."""

    min_score: int
    share_ppm: int


class Card(msgspec.Struct, frozen=True):
    """The points table."""

    base: int
    missing_tax_share_ppm: int
    bands: list[Band]
    knockouts: list[Knockout]
    characteristics: list[Characteristic]


class Scorecard(msgspec.Struct, frozen=True):
    """A points table with its version."""

    version: str
    card: Card


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why: a stable code, what it did, the points it moved, and words for people."""

    code: str
    effect: Effect
    points: int
    zh: str
    en: str


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome for one firm and product; reasons come with the weightiest first."""

    eligible: bool
    score: int
    limit_fen: int
    reasons: list[Reason]


class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict as kept, with the version of the points and the day."""

    id: UUID
    product_code: str
    scorecard_version: str
    decided_on: date
    score: int
    eligible: bool
    limit_fen: int
    reasons: list[Reason]


# Reason codes for people: (zh-CN, en).
TEXTS: dict[str, tuple[str, str]] = {
    "registered_too_short": (
        "企业注册时间未达到产品要求",
        "The firm has not been registered long enough",
    ),
    "dishonest_debtor": ("被列入失信被执行人名单", "Listed as a dishonest judgment debtor"),
    "court_enforcement": ("存在未结被执行案件", "Open court enforcement cases"),
    "overdue_elsewhere": ("在其他机构有当前逾期", "Overdue now with another lender"),
    "overdue_here": ("在本行有当前逾期", "Overdue now with us"),
    "bad_loan_elsewhere": ("在其他机构有不良贷款", "A bad loan with another lender"),
    "many_inquiries": ("近三个月征信查询次数过多", "Many credit inquiries in three months"),
    "many_red_invoices": ("红字发票占比偏高", "A high share of invoices was cancelled"),
    "short_account_history": ("账户往来时间较短", "Short history of account use"),
    "low_inflow": ("月均结算流入偏低", "Low monthly inflow"),
    "low_balance": ("日均存款余额偏低", "Low average balance"),
    "few_invoices": ("近十二个月开票金额偏低", "Low invoiced sales in twelve months"),
    "one_large_customer": ("客户集中度偏高", "Sales depend on one customer"),
    "little_tax": ("纳税记录较少", "Little tax on record"),
    "no_payroll": ("代发工资人数较少", "Few people on the payroll"),
    "returned_payments": ("存在退回或失败的付款", "Payments failed or were returned"),
    "past_overdue": ("近两年有逾期记录", "Overdue at times in the last two years"),
    "no_bureau_report": ("征信机构未能提供报告", "The bureau gave no report"),
    "score_too_low": ("综合评分未达到准入线", "The score is below the line"),
    "no_sales": ("没有可核实的销售收入", "No sales that can be verified"),
    "limited_by_sales": ("额度按销售收入测算", "The limit follows from sales"),
    "limited_by_tax": ("额度按纳税额测算", "The limit follows from tax paid"),
    "limited_by_product": ("额度达到产品上限", "The limit is the product's ceiling"),
    "limited_by_request": ("额度以申请金额为限", "The limit is what was asked for"),
    "no_tax_record": ("没有纳税数据，按较低比例测算", "No tax data: a lower share was used"),
    "existing_debt": ("已扣减现有负债", "Existing debt was deducted"),
    "score_band": ("按评分等级折算额度", "The score grants a share of the limit"),
    "limit_too_small": ("测算额度低于最低提款额", "The limit is below the smallest drawing"),
}
